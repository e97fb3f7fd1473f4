import type { Redis } from 'ioredis';
import { type HeadCache, isAhead, type Mark } from '../../schema/ports/head-cache.ts';
import { luaOf } from './lua.ts';
import type { RedisConnection } from './redis-connection.ts';

/** Two looks at the log itself: by then whatever hint was lost has been made up for without the cache. */
const rememberedMs = 60_000;
/** Marks in one call of the script, which nobody else interrupts. */
const raisedAtOnce = 512;
/** Places in one MGET. */
const readAtOnce = 1_000;
/** Places whose marks wait for Redis at most. Those that come then are found by the look at the log. */
const mostWaiting = 20_000;

type Raising = Redis & {
  raiseHeads(count: number, ...keysAndMarks: (string | number)[]): Promise<number>;
};

/**
 * Heads in Redis, `head:<place>` each. What is noted in one turn of the event loop goes in few commands, of each place the furthest. What
 * Redis did not take waits until it is back: that is when others have most to make up for.
 */
export async function openRedisHeadCache({
  commands,
}: Pick<RedisConnection, 'commands'>): Promise<HeadCache> {
  const redis = withScript(commands);
  let waiting = new Map<string, Mark>();
  let sending: Promise<void> | undefined;
  let hasFailed = false;
  let isOpen = true;

  function keep(place: string, mark: Mark): void {
    const known = waiting.get(place);
    if (known === undefined ? waiting.size < mostWaiting : isAhead(mark, known)) waiting.set(place, mark);
  }

  async function raise(marks: readonly (readonly [string, Mark])[]): Promise<void> {
    const keys = marks.map(([place]) => keyOf(place));
    try {
      await redis.raiseHeads(keys.length, ...keys, rememberedMs, ...marks.map(([, mark]) => textOf(mark)));
    } catch {
      // Told as an outage of Redis; perhaps they were raised, and once more does no harm.
      hasFailed = true;
      for (const [place, mark] of marks) keep(place, mark);
    }
  }

  async function send(): Promise<void> {
    const marks = [...waiting];
    waiting = new Map();
    hasFailed = false;
    await Promise.all(chunksOf(marks, raisedAtOnce).map(raise));
  }

  /** One at a time: what is noted meanwhile goes with the next. After a failure that is at the next note or look, not at once. */
  function sendSoon(): void {
    if (sending !== undefined || redis.status !== 'ready') return;
    sending = new Promise<void>((resolve) => setImmediate(resolve)).then(send).finally(() => {
      sending = undefined;
      if (waiting.size > 0 && isOpen && !hasFailed) sendSoon();
    });
  }
  redis.on('ready', sendSoon);

  return {
    note(place, mark) {
      if (!isOpen) return;
      keep(place, mark);
      sendSoon();
    },
    async newest(places) {
      if (!isOpen) return new Map();
      if (waiting.size > 0) sendSoon();
      const chunks = chunksOf(places, readAtOnce);
      const read = (some: readonly string[]) => redis.mget(...some.map(keyOf)).catch(() => []);
      const answers = (await Promise.all(chunks.map(read))).map((texts, index) =>
        (chunks[index] ?? []).flatMap((place, nth) => {
          const mark = markIn(texts[nth]);
          return mark === undefined ? [] : [[place, mark] as const];
        }),
      );
      return new Map(answers.flat());
    },
    async close() {
      isOpen = false;
      redis.off('ready', sendSoon);
      await sending;
      waiting.clear();
    },
  };
}

function withScript(commands: Redis): Raising {
  commands.defineCommand('raiseHeads', { lua: luaOf('raise-heads') });
  return commands as Raising; // it has the command now
}

const keyOf = (place: string) => `head:${place}`;
const textOf = ({ epoch, at }: Mark) => `${epoch}.${at}`;

/** Undefined for what nobody of ours wrote. */
function markIn(text: string | null | undefined): Mark | undefined {
  const [, epoch, at] = /^(\d{1,16})\.(\d{1,16})$/.exec(text ?? '') ?? [];
  if (epoch === undefined || at === undefined) return undefined;
  const mark = { epoch: Number(epoch), at: Number(at) };
  return Number.isSafeInteger(mark.epoch) && Number.isSafeInteger(mark.at) ? mark : undefined;
}

const chunksOf = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
