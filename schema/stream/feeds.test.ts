import { expect, it } from 'vitest';
import { openMemoryBus } from '../ports/bus.memory.ts';
import { createManualClock } from '../ports/clock.manual.ts';
import type { FeedPage } from '../ports/memberships.ts';
import { createFeeds } from './feeds.ts';
import { allRules } from './rules.ts';
import { ada, settled, start } from './test/stream-world.ts';

/** Rows whose versions are as they are told, and reads that wait to be let through. */
function world() {
  const truth = { epoch: 1, version: 5 };
  const held: (() => void)[] = [];
  const state = { reads: 0 };
  const feeds = createFeeds({
    bus: openMemoryBus(),
    clock: createManualClock(start),
    contacts: { movedIn: async () => [] },
    rules: allRules,
    memberships: {
      async feedOf(): Promise<FeedPage> {
        state.reads += 1;
        const page = { ...truth, minVersion: 0, viewerVersion: 0, contactsVersion: 0, memberships: [] };
        await new Promise<void>((resolve) => held.push(resolve));
        return page;
      },
      feedVersions: async (userIds) => ({
        epoch: truth.epoch,
        versions: new Map(userIds.map((id) => [id, truth.version])),
      }),
    },
  });
  const letGo = () => {
    for (const release of held.splice(0)) release();
  };
  return { feeds, truth, state, letGo };
}

/** A feed that has been compared once, and what it says since. */
async function known() {
  const made = world();
  const { feed } = await made.feeds.attach(ada);
  await made.feeds.check();
  const since = feed.news();
  return { ...made, feed, newsSince: () => feed.news() - since };
}

it('tells all devices of a newer version, once', async () => {
  const { feeds, feed, newsSince } = await known();
  let woken = 0;
  for (const _ of [1, 2]) feed.listeners.add(() => (woken += 1));
  for (const version of [6, 6, 4]) feeds.announce(1, [{ userId: ada, version }]);
  await settled();
  expect([newsSince(), woken]).toEqual([1, 2]);
});

it.each([
  ['moved unheard', { epoch: 1, version: 6 }, 1],
  ['went back', { epoch: 1, version: 4 }, 1],
  ['are of another epoch', { epoch: 2, version: 5 }, 1],
  ['are as they were', { epoch: 1, version: 5 }, 0],
])('notices rows that %s', async (_, now, news) => {
  const { feeds, truth, newsSince } = await known();
  Object.assign(truth, now);
  await feeds.check();
  await feeds.check();
  expect(newsSince()).toBe(news);
});

it('shares a read between the devices of a user, but not one that may have been too early', async () => {
  const { feeds, feed, state, truth, letGo } = await known();
  const early = [feed.read(5), feed.read(5)];
  truth.version = 6;
  feeds.announce(1, [{ userId: ada, version: 6 }]);
  await settled();
  const late = feed.read(5);
  letGo();
  expect((await Promise.all(early)).map(({ version }) => version)).toEqual([5, 5]);
  expect([(await late).version, state.reads]).toEqual([6, 2]);
});

it('takes the rows that its first reader begins with for what is known: nobody reads them again', async () => {
  const { feeds } = world();
  const { feed } = await feeds.attach(ada);
  feed.saw({ epoch: 1, version: 5 });
  await feeds.check();
  expect(feed.news()).toBe(0);
});

it.each([
  ['newer ones: the others have something to read', { epoch: 1, version: 6 }],
  ['older ones: it has itself', { epoch: 1, version: 4 }],
  ['those of a new epoch', { epoch: 2, version: 3 }],
])('tells of it when a later reader begins with %s', async (_, page) => {
  const { feeds, truth } = world();
  const { feed } = await feeds.attach(ada);
  feed.saw({ epoch: 1, version: 5 });
  feed.saw(page);
  expect(feed.news()).toBe(1);
  // And it is known from then on.
  Object.assign(truth, {
    epoch: page.epoch,
    version: page.epoch === 1 ? Math.max(page.version, 5) : page.version,
  });
  await feeds.check();
  expect(feed.news()).toBe(1);
});
