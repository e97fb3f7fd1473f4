import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const read = (name: string) =>
  readFileSync(join(import.meta.dirname, 'documents', `${name}.graphql`), 'utf8');

/** What a first client asks. In an app these are files beside the screens, and code generation makes the types below of them. */
export const documents = {
  signIn: read('sign-in'),
  refreshSession: read('refresh-session'),
  channels: read('channels'),
  sendMessage: read('send-message'),
  events: read('events'),
  changes: read('changes'),
  counts: read('counts'),
  markRead: read('mark-read'),
  acknowledgeEvents: read('acknowledge-events'),
  presence: read('presence'),
  setActivity: read('set-activity'),
  typing: read('typing'),
  setTyping: read('set-typing'),
  registerPushEndpoint: read('register-push-endpoint'),
  whyNotified: read('why-notified'),
  wouldItBuzz: read('would-it-buzz'),
} as const;

export type Refusal = {
  readonly __typename: 'Denied' | 'InvalidInput';
  readonly code: string;
  readonly explanation: string;
  readonly until?: string | null;
};
export type Session = {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
  readonly device: { readonly id: string };
};
export type Message = {
  readonly id: string;
  readonly revision: number;
  readonly number: number;
  readonly text: string | null;
};
export type Channel = {
  readonly id: string;
  readonly name: string | null;
  readonly lastMessage: Message | null;
};
export type ChatEvent = {
  readonly __typename: string;
  readonly eventId: string;
  readonly cursor: string;
  readonly channelId?: string;
  readonly message?: Message | null;
};

export type SignInData = {
  readonly signIn: { readonly __typename: 'SignInPayload'; readonly session: Session } | Refusal;
};
export type RefreshData = {
  readonly refreshSession:
    | { readonly __typename: 'RefreshSessionPayload'; readonly session: Session }
    | Refusal;
};
export type ChannelsData = {
  readonly syncCursor: string | null;
  readonly viewer: {
    readonly channels: { readonly edges: readonly { readonly node: Channel }[] };
  } | null;
};
export type Sent = {
  readonly __typename: 'SendMessagePayload';
  readonly deduplicated: boolean;
  readonly message: Message;
};
export type SendData = { readonly sendMessage: Sent | Refusal };
export type EventsData = { readonly events: ChatEvent };
export type ChangesData = {
  readonly changes: {
    readonly hasMore: boolean;
    readonly cursor: string;
    readonly events: readonly ChatEvent[];
  };
};
