import { isCassandraAway } from '../../prisma/cassandra-away.ts';
import type { ChannelId, Seq } from '../../schema/ids.ts';
import {
  type AttemptOutcome,
  appendTimeoutMs,
  type EventLogObserver,
  OutcomeUnknownError,
} from '../../schema/ports/event-log.ts';
import type { EventDraft } from '../../schema/stream/event.ts';
import type { Judge } from './event-log.cassandra-judge.ts';
import { type Found, type Nonces, nonceOf } from './event-log.cassandra-nonces.ts';
import type { Place, Places } from './event-log.cassandra-places.ts';
import {
  type Outcome,
  outcomeOfRows,
  type Placed,
  type Round,
  roundAt,
} from './event-log.cassandra-round.ts';
import type { CassandraStore } from './event-log.cassandra-store.ts';

export type AppendParts = {
  readonly store: CassandraStore;
  readonly places: Places;
  readonly nonces: Nonces;
  readonly judge: Judge;
  readonly observer?: EventLogObserver | undefined;
  /** Waits for this long. */
  readonly pause: (ms: number) => Promise<unknown>;
};

/** What became of the drafts, by their stored nonces: committed now, or there before. */
export type Committed = { readonly placed: ReadonlyMap<string, Placed>; readonly before: Found };

/** At most this long between two attempts; one after the other waits a random part of it, so that nobody goes on in step. */
const jitterMs = { first: 4, most: 64 } as const;
/** Bounds the attempts where time does not: each is a lost race, or a bucket that ended. */
const mostAttempts = 400;

/** An append on its way: what is left of it, and what is known so far. */
type Work = {
  readonly channelId: ChannelId;
  readonly now: number;
  left: readonly EventDraft[];
  place: Place;
  /** The older buckets have been asked for what is left, up to this one. */
  checkedBucket: number;
  lostRaces: number;
  readonly placed: Map<string, Placed>;
  readonly before: Map<string, Seq>;
};

export type Commit = (channelId: ChannelId, drafts: readonly EventDraft[], now: number) => Promise<Committed>;

/**
 * Commits drafts, round by round: one when all goes well. A round that lost its race is told where the log ends now, and which of
 * its nonces are there; one that would cross the end of its bucket is split there, and its parts are committed in order.
 */
export function createCommit({ store, places, nonces, judge, observer, pause }: AppendParts): Commit {
  const take = (work: Work, found: Found) => {
    for (const [nonce, seq] of found) work.before.set(nonce, seq);
    work.left = work.left.filter((draft) => !found.has(nonceOf(draft)));
  };

  /** Into the bucket in use, with what older ones have taken out: asked after that bucket is known, and again when it moves on. */
  const enterBucket = async (work: Work) => {
    while (places.isFull(work.place)) work.place = await nonces.behind(work.channelId, work.place);
    if (work.checkedBucket >= work.place.bucket) return;
    work.checkedBucket = work.place.bucket;
    take(work, await nonces.inOlder(work.channelId, work.place.bucket, work.left.map(nonceOf)));
  };

  /**
   * Whether what is left may be committed at its place. What may not is only refused by what is really there, and after a look for
   * its nonces: what was committed by an attempt of which nobody heard answers first.
   */
  const isAllowed = async (work: Work): Promise<boolean> => {
    const refusal = await judge(work.channelId, work.left, work.place);
    if (refusal === undefined) return true;
    const { head } = work.place;
    work.place = await places.find(work.channelId, true);
    const count = work.left.length;
    const looked = { bucket: work.place.bucket, nonces: work.left.map(nonceOf), isSerial: true };
    take(work, await nonces.inBucket(work.channelId, looked));
    if (work.left.length === count && work.place.head === head) throw refusal;
    return false;
  };

  const loseRace = async (work: Work) => {
    work.lostRaces += 1;
    const most = Math.min(jitterMs.first * 2 ** Math.min(work.lostRaces, 8), jitterMs.most);
    await pause(Math.random() * most);
  };

  const attempt = async ({ queries }: Round, place: Place): Promise<Outcome> => {
    try {
      const outcome = outcomeOfRows(await store.commit(queries), place.bucket);
      observer?.onAttempt(wordFor(outcome));
      return outcome;
    } catch (error) {
      observer?.onAttempt(isCassandraAway(error) ? 'unknown' : 'refused');
      throw error;
    }
  };

  const goOnBehind = async (work: Work, { placed, after }: Round) => {
    const { channelId, place } = work;
    for (const one of placed) work.placed.set(nonceOf(one.draft), one);
    work.left = work.left.slice(placed.length);
    work.place = after;
    places.remember(channelId, after);
    if (place.isOpened || place.bucket === 0) return;
    observer?.onRollOver();
    await places.hint(channelId, place.bucket);
  };

  const runRound = async (work: Work) => {
    const { channelId, place } = work;
    const drafts = work.left.slice(0, places.buckets.endOf(place.bucket) - place.head);
    const round = roundAt(place, channelId, { drafts, now: work.now });
    const outcome = await attempt(round, place);
    if (outcome.isCommitted) return goOnBehind(work, round);
    take(work, outcome.found);
    if (outcome.place === undefined) {
      places.forget(channelId);
      work.place = await places.find(channelId);
    } else {
      places.remember(channelId, outcome.place);
      work.place = outcome.place;
    }
    if (work.place.head !== place.head) await loseRace(work);
  };

  return async (channelId, drafts, now) => {
    const deadline = performance.now() + appendTimeoutMs;
    const place = places.remembered(channelId) ?? (await places.find(channelId));
    const work: Work = {
      ...{ channelId, now, place, left: drafts, checkedBucket: 0, lostRaces: 0 },
      ...{ placed: new Map<string, Placed>(), before: new Map<string, Seq>() },
    };
    for (let attempt = 0; work.left.length > 0; attempt += 1) {
      if (attempt === mostAttempts || performance.now() > deadline)
        throw new OutcomeUnknownError(
          'The round lost every race, and is not in the log for all that is known.',
        );
      await enterBucket(work);
      if (work.left.length > 0 && (await isAllowed(work))) await runRound(work);
    }
    return work;
  };
}

/** Who finds nonces of its own there was committed before, by an attempt of which nobody heard, or has been sent twice. */
function wordFor(outcome: Outcome): AttemptOutcome {
  if (outcome.isCommitted) return 'committed';
  return outcome.found.size > 0 ? 'known' : 'lost';
}
