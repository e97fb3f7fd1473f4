import { describe, expect, it } from 'vitest';
import { createChannel, type Said, settle } from './test/fake-channel.ts';
import { createTimeline } from './timeline.ts';

const maxRows = 30;

/** Mulberry32: the same numbers for the same seed. */
function createRandom(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { below: (end: number) => Math.floor(next() * end), isTrue: (chance: number) => next() < chance };
}

/** One channel, its timeline, and a stream that tells everything in its order, late. */
function createWorld(seed: number) {
  const random = createRandom(seed);
  const channel = createChannel(1 + random.below(5));
  for (let count = random.below(60); count > 0; count--)
    channel.send(random.isTrue(0.05) ? random.below(4) : 0);
  const timeline = createTimeline(channel.source, maxRows);
  const stream: (() => void)[] = [];
  const say = (message: Said | undefined) => message && stream.push(() => timeline.onSent(message));
  const edit = (message: Said | undefined) => message && stream.push(() => timeline.onChanged(message));
  const anyNumber = () => random.below((channel.messages.at(-1)?.number ?? 0) + 5);
  const steps: readonly (() => unknown)[] = [
    () => say(channel.send(random.isTrue(0.05) ? random.below(4) : 0)),
    () => say(channel.send()),
    () => channel.messages.length > 0 && edit(channel.edit(random.below(channel.messages.length))),
    () => stream.shift()?.(),
    () => stream.shift()?.(),
    () => void timeline.loadOlder(),
    () => void timeline.loadOlder(),
    () => void timeline.loadNewer(),
    () => void timeline.show({ number: anyNumber() }),
    () => void timeline.toNewest(),
    () => random.isTrue(0.2) && void timeline.onReset(),
    () => void timeline.retry(),
    () => timeline.setAtEnd(random.isTrue(0.5)),
    () => channel.lookLate(random.isTrue(0.5)),
    () => channel.asked.splice(random.below(channel.asked.length), 1)[0]?.answer(),
    () => channel.asked.splice(random.below(channel.asked.length), 1)[0]?.answer(),
    () => random.isTrue(0.2) && channel.asked.splice(random.below(channel.asked.length), 1)[0]?.fail(),
  ];
  return { random, channel, timeline, stream, steps };
}
type World = ReturnType<typeof createWorld>;

/** What is shown is one piece of what the server has, without a hole, in order, each once; no copy is newer than the server's. */
function check({ channel: { messages }, timeline }: World): void {
  const { rows, whole } = timeline.state.get();
  expect(whole).not.toBe('missing');
  const shown = rows.map(({ message }) => message.number);
  const [first] = shown;
  const from = messages.findIndex(({ number }) => number === first);
  expect(shown).toEqual(
    shown.length === 0 ? [] : messages.slice(from, from + shown.length).map((m) => m.number),
  );
  expect(rows.length).toBeLessThanOrEqual(maxRows + 10);
}

async function answerEverything({ channel, stream, timeline }: World): Promise<void> {
  while (channel.asked.length > 0 || stream.length > 0) {
    stream.shift()?.();
    channel.asked.shift()?.answer();
    await settle();
    timeline.trim(true);
  }
}

/** In the end everything has been told, and the network is there: then everything is as the server has it. */
async function checkEnd(world: World): Promise<void> {
  const { channel, timeline } = world;
  await answerEverything(world);
  void timeline.retry();
  await answerEverything(world);
  void timeline.toNewest();
  await answerEverything(world);
  check(world);
  expect(timeline.state.get()).toMatchObject({ whole: 'ready', hasNewer: false });
  const { rows } = timeline.state.get();
  const last = channel.messages.slice(channel.messages.length - rows.length);
  expect(rows.map(({ message }) => message)).toEqual(last);
  expect(rows.length > 0).toBe(channel.messages.length > 0);
}

async function run(seed: number): Promise<void> {
  const world = createWorld(seed);
  void world.timeline.open();
  for (let turn = 0; turn < 150; turn++) {
    world.steps[world.random.below(world.steps.length)]?.();
    await settle();
    world.timeline.trim(true);
    check(world);
  }
  await checkEnd(world);
}

const rounds = 60;

describe('a window that is moved about while messages come', () => {
  const first = Number(process.hrtime.bigint() % 1_000_000_000n);
  it(`shows a piece of the channel without a hole, in order, each once (from seed ${first})`, async () => {
    for (let seed = first; seed < first + rounds; seed++)
      await run(seed).catch((error: unknown) => {
        throw new Error(`with seed ${seed}`, { cause: error });
      });
  });
});
