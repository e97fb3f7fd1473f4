import type { Look, Placed } from './history.ts';

/** More than anybody is in, and more than any channel has. */
export const lookDocument = `query Look {
  viewer {
    unreadCount
    user { id }
    channels(first: 20) {
      edges {
        node {
          id
          viewerState { id unreadCount isMarkedUnread }
          members(first: 20) { edges { node { id readNumber deliveredNumber user { id } } } }
        }
      }
    }
  }
}`;

type Edges<T> = { readonly edges: readonly { readonly node: T }[] };
export type LookAnswer = {
  readonly viewer: {
    readonly unreadCount: number;
    readonly user: { readonly id: string };
    readonly channels: Edges<{
      readonly id: string;
      readonly viewerState: { readonly unreadCount: number; readonly isMarkedUnread: boolean };
      readonly members: Edges<Placed & { readonly user: { readonly id: string } }>;
    }>;
  };
};

export const lookIn = ({ viewer: { unreadCount, user, channels } }: LookAnswer): Look => ({
  userId: user.id,
  unreadCount,
  channels: channels.edges.map(({ node: { id, viewerState, members } }) => ({
    channelId: id,
    unreadCount: viewerState.unreadCount,
    isMarkedUnread: viewerState.isMarkedUnread,
    members: members.edges.map(({ node: { user: member, readNumber, deliveredNumber } }) => ({
      userId: member.id,
      readNumber,
      deliveredNumber,
    })),
  })),
});
