import { describe, expect, it } from 'vitest';
import type { HeadCache, Mark } from './head-cache.ts';
import { createRandom, upTo } from './random.contract.ts';

export type HeadCacheWorld = {
  /** Opens the cache as one more process would: what one notes, all find. */
  openCache(): Promise<HeadCache>;
  close(): Promise<void>;
};

const mark = (epoch: number, at: number): Mark => ({ epoch, at });

/** What every cache of heads promises as long as nothing breaks. */
export function headCacheContract(name: string, openWorld: () => Promise<HeadCacheWorld>): void {
  const inWorld = (test: (world: HeadCacheWorld) => Promise<void>) => async () => {
    const world = await openWorld();
    try {
      await test(world);
    } finally {
      await world.close();
    }
  };
  describe(`head cache: ${name}`, () => {
    it('finds what any process has noted, and nothing else', inWorld(findsWhatWasNoted));
    it('never goes back, in whatever order marks arrive', inWorld(neverGoesBack));
    it('counts a newer epoch as further', inWorld(countsEpochs));
    it('carries the largest numbers as they are', inWorld(carriesLargeNumbers));
    it('answers for thousands of places at once', inWorld(answersForThousands));
    it('is quiet after it was closed', inWorld(isQuietWhenClosed));
  });
}

/** Waits until this is what is remembered. */
const untilFound = (cache: HeadCache, place: string, wanted: Mark) =>
  expect.poll(async () => (await cache.newest([place])).get(place)).toEqual(wanted);

async function findsWhatWasNoted({ openCache }: HeadCacheWorld) {
  const [here, there] = [await openCache(), await openCache()];
  here.note('channel:1', mark(1, 7));
  await untilFound(there, 'channel:1', mark(1, 7));
  expect(await there.newest(['channel:10', 'channel:', 'Channel:1', ''])).toEqual(new Map());
  expect(await there.newest([])).toEqual(new Map());
  expect(await there.newest(['channel:2', 'channel:1'])).toEqual(new Map([['channel:1', mark(1, 7)]]));
}

async function neverGoesBack({ openCache }: HeadCacheWorld) {
  const caches = [await openCache(), await openCache()];
  const random = createRandom(200);
  const marks = upTo(200).map((at) => ({ one: mark(1, at), order: random() }));
  for (const { one, order } of marks.toSorted((a, b) => a.order - b.order))
    caches[order < 0.5 ? 0 : 1]?.note('a', one);
  for (const cache of caches) {
    await untilFound(cache, 'a', mark(1, 200));
    cache.note('a', mark(1, 3));
    cache.note('last', mark(1, 1));
    await untilFound(cache, 'last', mark(1, 1));
    expect((await cache.newest(['a'])).get('a')).toEqual(mark(1, 200));
  }
}

async function countsEpochs({ openCache }: HeadCacheWorld) {
  const cache = await openCache();
  cache.note('a', mark(1, 900));
  await untilFound(cache, 'a', mark(1, 900));
  cache.note('a', mark(2, 4));
  await untilFound(cache, 'a', mark(2, 4));
  cache.note('a', mark(1, 901));
  cache.note('last', mark(1, 1));
  await untilFound(cache, 'last', mark(1, 1));
  expect((await cache.newest(['a'])).get('a')).toEqual(mark(2, 4));
}

async function carriesLargeNumbers({ openCache }: HeadCacheWorld) {
  const cache = await openCache();
  const [largest, before] = [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1];
  cache.note('a', mark(1, before));
  await untilFound(cache, 'a', mark(1, before));
  cache.note('a', mark(1, largest));
  await untilFound(cache, 'a', mark(1, largest));
}

async function answersForThousands({ openCache }: HeadCacheWorld) {
  const cache = await openCache();
  const places = upTo(5_000).map((nth) => `place:${nth}`);
  for (const [index, place] of places.entries()) cache.note(place, mark(1, index + 1));
  await expect.poll(async () => (await cache.newest(places)).size).toBe(places.length);
  const found = await cache.newest(places);
  for (const [index, place] of places.entries()) expect(found.get(place)).toEqual(mark(1, index + 1));
}

async function isQuietWhenClosed({ openCache }: HeadCacheWorld) {
  const cache = await openCache();
  await cache.close();
  await cache.close();
  cache.note('a', mark(1, 1));
  expect(await cache.newest(['a'])).toEqual(new Map());
}
