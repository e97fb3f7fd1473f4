import { setMaxListeners } from 'node:events';
import { type ChannelId, rowIdOf, type UserId, userIdOf } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Job, Jobs } from '../ports/jobs.ts';
import type { Platform } from '../ports/platform.ts';
import type { Told } from '../stream/open-stream.ts';

/** `close` adds what is still to be added, and waits for that. */
export type Waker = Told & { close(): Promise<void> };

/** What is said in a channel within so long is decided about together, in milliseconds: most of it is read by then. */
export const gatherMs = 3_000;
/** How often what devices show of a channel is looked at while somebody reads there, in milliseconds. */
const readingMs = 1_000;
/** How long it is believed that somebody can be woken, or nobody, in milliseconds. What is missed meanwhile the sweep finds. */
const believedMs = 10_000;
/** Channels, or people, that are remembered at most: a few megabytes. */
const mostKnown = 10_000;

type Settings = Pick<Platform, 'prisma' | 'clock' | 'logger'> & { readonly jobs: Pick<Jobs, 'add'> };

/**
 * Turns what happens into jobs: at most one for each channel in `gatherMs`, and none where nobody can be woken. Nobody waits for it, and
 * whatever is lost here the sweep finds.
 */
export function createWaker({ prisma, jobs, clock, logger }: Settings): Waker {
  let isFailing = false;
  const adding = new Set<Promise<void>>();
  async function add(job: Job): Promise<void> {
    try {
      await jobs.add([job]);
      isFailing = false;
    } catch (failure) {
      if (!isFailing)
        logger.warn({ err: failure }, 'a job was not taken: what it is about waits for the sweep');
      isFailing = true;
    }
  }
  const end = new AbortController();
  setMaxListeners(0, end.signal); // each channel where something is to be added has one, and removes it
  function keep(work: Promise<void>): void {
    const kept = work.finally(() => adding.delete(kept));
    adding.add(kept);
  }
  const spaced = (everyMs: number) => createSpaced({ clock, everyMs, end: end.signal, add, keep });
  const [wakes, clears] = [spaced(gatherMs), spaced(readingMs)];
  const reached = createKnown(clock, (channelId: ChannelId) => reachedIn(prisma, channelId));
  const hasOne = createKnown(clock, (userId: UserId) => hasEndpoint(prisma, userId));

  /** A look that fails is one at nobody. */
  async function when(look: Promise<boolean>, then: () => void): Promise<void> {
    try {
      if (await look) then();
    } catch (failure) {
      if (!isFailing)
        logger.warn({ err: failure }, 'nobody knows who can be woken: that waits for the sweep');
      isFailing = true;
    }
  }
  return {
    onSaid(channelId, authorId) {
      const isReached = reached(channelId).then((userIds) => userIds.some((userId) => userId !== authorId));
      const job = { name: 'wakeChannel', payload: { channelId }, key: channelId, delayMs: gatherMs } as const;
      keep(when(isReached, () => wakes(job)));
    },
    onRead(channelId, userId) {
      const job = {
        name: 'clearPush',
        payload: { userId, channelId },
        key: `${userId}|${channelId}`,
      } as const;
      keep(when(hasOne(userId), () => clears(job)));
    },
    async close() {
      end.abort();
      while (adding.size > 0) await Promise.all(adding);
    },
  };
}

type Spacing = {
  readonly clock: Clock;
  readonly everyMs: number;
  readonly end: AbortSignal;
  /** Never rejects. */
  readonly add: (job: Job) => Promise<void>;
  /** Told of what a close has to wait for. */
  readonly keep: (work: Promise<void>) => void;
};

/**
 * Adds the first job of a key at once, and then one for all that come within `everyMs`, at its end: the last thing that happens is
 * always followed by a job, also where another process has added one that waits and is done before it. Where too many keys are
 * waited for, jobs are added at once: the store drops those that wait already.
 */
function createSpaced({ clock, everyMs, end, add, keep }: Spacing): (job: Job) => void {
  /** By key: a job is to be added when its time is over. In the order of their times. */
  const spaces = new Map<string, { readonly until: number; isWanted: boolean }>();

  async function open(job: Job): Promise<void> {
    const space = { until: clock.now() + everyMs, isWanted: false };
    spaces.set(job.key, space);
    await add(job);
  }
  async function addLater(job: Job, space: { readonly until: number }): Promise<void> {
    await clock.sleep(space.until - clock.now(), end);
    spaces.delete(job.key);
    await open(job);
  }
  function forgetOver(): void {
    const now = clock.now();
    for (const [key, { until, isWanted }] of spaces) {
      if (until > now) break;
      if (!isWanted) spaces.delete(key);
    }
  }
  return (job) => {
    forgetOver();
    const space = spaces.get(job.key);
    if (space?.isWanted) return;
    if (space !== undefined && space.until > clock.now()) {
      space.isWanted = true;
      keep(addLater(job, space));
    } else if (space === undefined && spaces.size >= mostKnown) keep(add(job));
    else keep(open(job));
  };
}

type Known<V> = { readonly found: Promise<V>; readonly at: number };

/** Remembers what was looked up, for `believedMs`; who asks for the same at the same moment shares one look. */
function createKnown<K, V>(clock: Pick<Clock, 'now'>, look: (key: K) => Promise<V>): (key: K) => Promise<V> {
  /** In the order in which they were looked up. */
  const known = new Map<K, Known<V>>();
  return (key) => {
    const before = known.get(key);
    const age = before === undefined ? believedMs : clock.now() - before.at;
    if (before !== undefined && age >= 0 && age < believedMs) return before.found;
    known.delete(key);
    for (const oldest of known.keys()) {
      if (known.size < mostKnown) break;
      known.delete(oldest);
    }
    const entry = { found: look(key), at: clock.now() };
    known.set(key, entry);
    entry.found.catch(() => known.get(key) === entry && known.delete(key));
    return entry.found;
  };
}

/** Members who can be woken, two at most: whoever the author is, the other one is not. */
async function reachedIn(prisma: Platform['prisma'], channelId: ChannelId): Promise<readonly UserId[]> {
  const rows = await prisma.$queryRaw<{ userId: bigint }[]>`
    SELECT m.user_id AS "userId" FROM member m
    WHERE m.channel_id = ${rowIdOf.channel(channelId)} AND m.state = 'ACTIVE'
      AND EXISTS (SELECT FROM push_endpoint e WHERE e.user_id = m.user_id) LIMIT 2`;
  return rows.map(({ userId }) => userIdOf(userId));
}

async function hasEndpoint(prisma: Platform['prisma'], userId: UserId): Promise<boolean> {
  const rows = await prisma.$queryRaw<unknown[]>`
    SELECT 1 FROM push_endpoint WHERE user_id = ${rowIdOf.user(userId)} LIMIT 1`;
  return rows.length > 0;
}
