import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'cassandra-driver';
import { type ChannelId, rowIdOf, type Seq } from '../../schema/ids.ts';
import {
  checkLimit,
  checkRound,
  checkStretches,
  closedRange,
} from '../../schema/ports/event-log.arguments.ts';
import {
  type Appended,
  type EventLog,
  type EventLogObserver,
  type MessageKey,
  type MessageRange,
  type MessagesPage,
  OutcomeUnknownError,
} from '../../schema/ports/event-log.ts';
import type { EventDraft, LogEvent } from '../../schema/stream/event.ts';
import { type Committed, createCommit } from './event-log.cassandra-append.ts';
import { createSharedReads, eachAtOnce } from './event-log.cassandra-at-once.ts';
import { createBuckets, usualBucketSize } from './event-log.cassandra-buckets.ts';
import { createEntries } from './event-log.cassandra-entries.ts';
import { createJudge } from './event-log.cassandra-judge.ts';
import { createNonces, nonceOf } from './event-log.cassandra-nonces.ts';
import { createPatience } from './event-log.cassandra-patience.ts';
import { createPlaces } from './event-log.cassandra-places.ts';
import { createLogReader, type LogReader } from './event-log.cassandra-read.ts';
import { createStates } from './event-log.cassandra-states.ts';
import { createStore } from './event-log.cassandra-store.ts';
import { newEvent } from './event-log.round.ts';

export type CassandraEventLogSettings = {
  /** Of a keyspace that has all tables. May be shared, and stays open: who opened it closes it. */
  readonly client: Client;
  /** The epoch of the installation, which is a number in SQL: read after each call of this began. */
  readonly epoch: () => Promise<number>;
  /** How many events a partition takes; another number than usual only in tests, and always the same for a keyspace. */
  readonly bucketSize?: number;
  readonly observer?: EventLogObserver | undefined;
};

/**
 * The event log in Cassandra: a round is one conditional batch in one partition, whose condition is where the log ended. A partition
 * takes so many events; a round that crosses its end is committed in two parts, in order, of which the first is there already when
 * the second is refused or unknown.
 */
export async function openCassandraEventLog(settings: CassandraEventLogSettings): Promise<EventLog> {
  const { client, epoch, bucketSize = usualBucketSize, observer } = settings;
  const store = createStore(client);
  const buckets = createBuckets(bucketSize);
  const places = createPlaces(store, buckets);
  const entries = createEntries(store, buckets);
  const states = createStates(store, buckets, entries);
  const nonces = createNonces({ store, places, pause });
  const reader = createLogReader({ places, entries, states });
  const judge = createJudge(entries, states);
  const commit = createCommit({ store, places, nonces, judge, observer, pause });
  const patience = createPatience();
  const sharedEvents = createSharedReads<readonly LogEvent[]>();
  const sharedPages = createSharedReads<MessagesPage>();
  let lastEpoch: number | undefined;

  const findNonce = async (channelId: ChannelId, nonce: string): Promise<LogEvent | undefined> => {
    const { bucket } = await places.find(channelId);
    const found = [
      nonces.inBucket(channelId, { bucket, nonces: [nonce] }),
      nonces.inOlder(channelId, bucket, [nonce]),
    ];
    const seq = (await Promise.all(found)).map((map) => map.get(nonce)).find((place) => place !== undefined);
    return seq === undefined ? undefined : (await reader.eventsAt(channelId, [seq])).get(seq);
  };

  return {
    async append(channelId, drafts, now) {
      checkRound(drafts, now);
      checkIds(channelId, drafts);
      return patience.append(channelId, async () => {
        const committed = await commit(channelId, drafts, now);
        try {
          return await answersOf(reader, { channelId, drafts, committed });
        } catch (cause) {
          throw new OutcomeUnknownError('A round is in the log, and could not be read.', { cause });
        }
      });
    },
    async read(channelId, after, limit) {
      checkLimit(limit);
      const read = () => reader.events(channelId, after, limit);
      return patience.read(() => sharedEvents(`${channelId} ${after} ${limit}`, read));
    },
    heads: (channelIds) =>
      patience.read(async () => {
        const epochNow = await epoch();
        // Of another store, perhaps: nothing that was known of the one before it counts.
        if (lastEpoch !== undefined && lastEpoch !== epochNow)
          for (const part of [places, states]) part.forget();
        lastEpoch = epochNow;
        const found = await eachAtOnce([...new Set(channelIds)], async (channelId) => {
          const { head, messageCount, lastCreatedAt } = await places.find(channelId);
          return [channelId, Object.freeze({ head, messageCount, lastCreatedAt })] as const;
        });
        return { epoch: epochNow, heads: new Map(found) };
      }),
    async messages(channelId, range: MessageRange) {
      const closed = { ...range, ...closedRange(range) };
      const read = () => reader.messages(channelId, closed);
      return patience.read(() => sharedPages(`${channelId} ${JSON.stringify(closed)}`, read));
    },
    messagesAt: (keys) =>
      patience.read(() => byChannel(keys, (channelId, own) => reader.messagesAt(channelId, own))),
    findNonce: (channelId, authorId, nonce) =>
      patience.read(() => findNonce(channelId, nonceOf({ authorId, nonce }))),
    async outlines(stretches) {
      checkStretches(stretches);
      return patience.read(() => byChannel(stretches, (channelId, own) => reader.outlines(channelId, own)));
    },
    close: patience.close,
  };
}

function checkIds(channelId: ChannelId, drafts: readonly EventDraft[]): void {
  if (rowIdOf.channel(channelId) < 0n || drafts.some(({ authorId }) => rowIdOf.user(authorId) < 0n))
    throw new Error('Events need a channel and an author.');
}

type Appending = {
  readonly channelId: ChannelId;
  readonly drafts: readonly EventDraft[];
  readonly committed: Committed;
};

/** A round that names no message is answered without a look: nothing can have changed what is new in it. */
async function answersOf(
  reader: LogReader,
  { channelId, drafts, committed }: Appending,
): Promise<Appended[]> {
  const { placed, before } = committed;
  const seqOf = (draft: EventDraft): Seq =>
    placed.get(nonceOf(draft))?.seq ?? before.get(nonceOf(draft)) ?? 0;
  const namesNone = drafts.every(({ refSeq }) => refSeq === undefined);
  const isReadyMade = (draft: EventDraft) => namesNone && placed.has(nonceOf(draft));
  const toRead = drafts.filter((draft) => !isReadyMade(draft)).map(seqOf);
  const read = toRead.length === 0 ? new Map<Seq, LogEvent>() : await reader.eventsAt(channelId, toRead);
  return drafts.map((draft) => {
    const own = placed.get(nonceOf(draft));
    const event = read.get(seqOf(draft)) ?? (own && newEvent(channelId, draft, placeOf(own)));
    if (event === undefined) throw new Error('An event of this round is missing.');
    return Object.freeze({ event, deduplicated: own === undefined });
  });
}

const placeOf = ({ seq, number, createdAt }: Pick<LogEvent, 'seq' | 'number' | 'createdAt'>) => ({
  ...{ seq, number, createdAt },
});

/** Asks once per channel, and answers in the order of what was asked. */
async function byChannel<T extends Pick<MessageKey, 'channelId'>, R>(
  all: readonly T[],
  ask: (channelId: ChannelId, own: readonly T[]) => Promise<readonly R[]>,
): Promise<R[]> {
  const groups = new Map<ChannelId, number[]>();
  for (const [index, { channelId }] of all.entries())
    groups.set(channelId, [...(groups.get(channelId) ?? []), index]);
  const answers: R[] = [];
  await eachAtOnce([...groups], async ([channelId, indexes]) => {
    const own = indexes.flatMap((index) => all[index] ?? []);
    const found = await ask(channelId, own);
    for (const [place, index] of indexes.entries()) answers[index] = found[place] as R;
  });
  return answers;
}
