import type { ChannelId, UserId } from '../../ids.ts';
import type { Contacts } from '../../ports/contacts.ts';
import type { Membership, Memberships, OwnState } from '../../ports/memberships.ts';
import type { Role } from '../event.ts';
import type { People } from './store.ts';

/** What a query shows of a channel to one of its members. */
export type ShownChannel = {
  readonly name: string | null;
  /** Of those who are members. */
  readonly roles: ReadonlyMap<UserId, Role>;
  readonly own: OwnState;
};

/** What queries show to one person at one moment, besides messages. */
export type Shown = {
  readonly channels: ReadonlyMap<ChannelId, ShownChannel>;
  /** What they have towards each of the others, by the version at which it became that. */
  readonly contacts: ReadonlyMap<UserId, number>;
  /** The version of their own things: profile, devices. */
  readonly viewerVersion: number;
};

/** Of the channels that this user is in by the rows, whether the log knows it or not. */
export async function readShown(
  { memberships, contacts }: { readonly memberships: Memberships; readonly contacts: Contacts },
  { userIds, channelIds }: People,
  userId: UserId,
): Promise<Shown> {
  const rows = (await Promise.all(userIds.map((id) => memberships.of(id, channelIds)))).flat();
  const present = rows.filter(({ state }) => state === 'ACTIVE');
  const rolesIn = (channelId: ChannelId) =>
    new Map(present.flatMap((row) => (row.channelId === channelId ? [[row.userId, row.role] as const] : [])));
  const shown = ({ channelId, channel, own }: Membership) =>
    [channelId, { name: channel.name, roles: rolesIn(channelId), own }] as const;
  const { viewerVersion } = await memberships.feedOf(userId, Number.MAX_SAFE_INTEGER);
  const moved = await contacts.movedIn(userId, { after: 0, upTo: Number.MAX_SAFE_INTEGER });
  return {
    channels: new Map(present.filter((row) => row.userId === userId).map(shown)),
    contacts: new Map(moved?.map(({ otherId, feedVersion }) => [otherId, feedVersion])),
    viewerVersion,
  };
}
