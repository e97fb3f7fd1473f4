import type { Person } from '../../../schema/test/world.ts';
import { openAcknowledged, subscribeFrame, type WireClient } from '../serving/wire-client.ts';
import { roundTrips } from './connections.ts';
import type { FleetServer } from './fleet-server.ts';
import { untilTrue } from './patience.ts';

type PresenceTold = {
  readonly state: 'ONLINE' | 'IDLE' | 'OFFLINE';
  readonly lastSeenAt: string | null;
  readonly validUntil: string;
  readonly at: string;
};
type TypingTold = {
  readonly user: { readonly id: string };
  readonly isTyping: boolean;
  readonly validUntil: string;
};
type Event = {
  readonly presence?: { readonly user: { readonly id: string; readonly presence: PresenceTold | null } };
  readonly typing?: TypingTold;
};

/** Something that somebody was told, and when. */
export type News = {
  readonly at: number;
  readonly userId: string;
  readonly presence?: PresenceTold | null | undefined;
  readonly typing?: TypingTold | undefined;
};

const documents = {
  presence: `subscription ($userIds: [ID!]!) { presence(userIds: $userIds) {
    user { id presence { state lastSeenAt validUntil at } } } }`,
  typing: `subscription ($channelIds: [ID!]!) { typing(channelIds: $channelIds) {
    user { id } isTyping validUntil } }`,
};

/** Somebody who looks at people and at a channel, and comes back, on another server, whenever their own is gone. */
export type Watcher = {
  /** The last word on each person, as a client keeps it. */
  readonly presences: ReadonlyMap<string, PresenceTold | null>;
  readonly typings: ReadonlyMap<string, TypingTold>;
  /** What was told, until somebody takes it. */
  readonly news: News[];
  /** How often each state was told, and that somebody writes. */
  readonly heard: ReadonlyMap<string, number>;
  /** From when on they have heard of everybody who writes. */
  readonly hearsSince: () => number;
  /** Resolves when they look again, and have answered what the server asked. */
  settle(): Promise<void>;
  stop(): void;
};

export type Watch = {
  readonly person: Person;
  readonly userIds: readonly string[];
  readonly channelId: string;
  readonly now: () => number;
  /** Where to go to now. */
  readonly anyServer: () => FleetServer;
};

export function createWatcher({ person, userIds, channelId, now, anyServer }: Watch): Watcher {
  const presences = new Map<string, PresenceTold | null>();
  const typings = new Map<string, TypingTold>();
  const [news, heard] = [[] as News[], new Map<string, number>()];
  let [server, client]: [FleetServer?, WireClient?] = [];
  let hearsSince = Number.POSITIVE_INFINITY;

  function take({ presence, typing }: Event): void {
    if (presence) presences.set(presence.user.id, presence.user.presence);
    if (typing) typings.set(typing.user.id, typing);
    const what = typing ? 'typing' : (presence?.user.presence?.state ?? 'nothing');
    heard.set(what, (heard.get(what) ?? 0) + 1);
    news.push({
      ...{ at: now(), typing, presence: presence?.user.presence },
      userId: (presence ?? typing)?.user.id ?? '',
    });
  }
  async function takeAll({ next }: WireClient): Promise<void> {
    for (;;) {
      const frame = await next();
      if (frame.type === 'next') take((frame.payload as { readonly data: Event }).data);
      if (frame.type === 'error') throw new Error(`A subscription was refused: ${JSON.stringify(frame)}`);
    }
  }
  async function look(): Promise<void> {
    client?.webSocket.terminate();
    server = anyServer();
    const { shares } = server.product.typing;
    const before = shares.total;
    const opened = await openAcknowledged(server.socketUrl, person.session.accessToken);
    client = opened;
    takeAll(opened).catch(() => undefined); // ends with its socket
    opened.send(subscribeFrame('presence', documents.presence, { userIds }));
    opened.send(subscribeFrame('typing', documents.typing, { channelIds: [channelId] }));
    await untilTrue('somebody listens to who writes', () => shares.total > before);
    hearsSince = now();
  }

  return {
    presences,
    typings,
    news,
    heard,
    hearsSince: () => hearsSince,
    async settle() {
      if (!server?.isAlive()) await look();
      if (client) await roundTrips(client.webSocket);
    },
    stop: () => client?.webSocket.terminate(),
  };
}
