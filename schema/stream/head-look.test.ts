import { describe, expect, it } from 'vitest';
import { openMemoryHeadCache } from '../ports/head-cache.memory.ts';
import { channelTopic, positionsPlace, userTopic } from './hint.ts';
import {
  ada,
  ben,
  channelId,
  nameOf,
  openStreamWorld,
  settled,
  take,
  untilCaughtUp,
} from './test/stream-world.ts';

const endless = () => new AbortController().signal;

/** Ben follows a channel that he is in; from now on no hint arrives, but heads are remembered. */
async function deaf() {
  const cache = openMemoryHeadCache();
  const world = await openStreamWorld({ heads: cache });
  await world.add(ben);
  const reader = await world.stream.follow(ben, undefined, endless());
  await untilCaughtUp(reader);
  world.hints.isDeaf = true;
  const readsIn = async (ms: number) => {
    const before = world.store.reads;
    await world.clock.advance(ms);
    return world.store.reads - before;
  };
  return { ...world, cache, reader, readsIn };
}

describe('a cache of heads', () => {
  it('makes up for a lost hint of a message within 2 s', async () => {
    const { send, clock, reader } = await deaf();
    await send('unheard');
    const next = take(reader, 1);
    await clock.advance(2_000);
    expect((await next).map(nameOf)).toEqual(['2 unheard']);
  });

  it('makes up for a lost hint of how far somebody has read within 2 s', async () => {
    const { stream, send, clock, reader } = await deaf();
    await send('unheard');
    const next = take(reader, 3);
    const marked = stream.mark(channelId, ben, { read: 1 });
    await clock.advance(2_200); // rounds of marks are a little apart
    await marked;
    expect((await next).map(({ type }) => type).sort()).toEqual(['log', 'positions', 'viewer.channel']);
  });

  it('makes up for a lost hint that somebody was added within 2 s', async () => {
    const { stream, add, clock } = await deaf();
    const adas = await stream.follow(ada, undefined, endless());
    await untilCaughtUp(adas);
    await add(ada);
    const next = take(adas, 1);
    await clock.advance(2_000);
    expect((await next).map(nameOf)).toEqual([expect.stringContaining('true')]);
  });

  it('is not believed: marks that are wrong change nothing, and cost one read each', async () => {
    const { cache, reader, readsIn, send, clock } = await deaf();
    const quiet = await readsIn(2_000);
    for (const place of [channelTopic(channelId), positionsPlace(channelId)])
      cache.note(place, { epoch: 1, at: 1_000_000 });
    cache.note(userTopic(ben), { epoch: 77, at: 1 });
    const looked = await readsIn(2_000);
    expect(looked).toBeGreaterThan(quiet);
    expect(await readsIn(2_000)).toBe(quiet);
    await send('after');
    cache.note(channelTopic(channelId), { epoch: 1, at: 1_000_001 });
    const next = take(reader, 1);
    await clock.advance(2_000);
    expect((await next).map(nameOf)).toEqual(['2 after']);
  });

  it('that is behind costs no read of the truth', async () => {
    const { cache, readsIn } = await deaf();
    const quiet = await readsIn(2_000);
    cache.note(channelTopic(channelId), { epoch: 0, at: 1_000 });
    expect(await readsIn(2_000)).toBe(quiet);
  });

  it('is looked at again when the log could not be read', async () => {
    const { send, store, clock, reader } = await deaf();
    await send('unheard');
    store.isDown = true;
    await clock.advance(6_000);
    store.isDown = false;
    const next = take(reader, 1);
    await clock.advance(2_000);
    await settled();
    expect((await next).map(nameOf)).toEqual(['2 unheard']);
  });
});
