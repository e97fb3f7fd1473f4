import { describe, expect, it } from 'vitest';
import { channelIdOf, type UserId, userIdOf } from '../ids.ts';
import type { Memberships } from '../ports/memberships.ts';
import { upTo } from '../ports/random.contract.ts';
import type { ChangesPage } from './stream.ts';
import { openStreamWorld, settled } from './test/stream-world.ts';

const userIds = upTo(200).map((n) => userIdOf(BigInt(n)));
const channelIds = upTo(20).map((n) => channelIdOf(BigInt(n)));
/** In a ring of channels everybody is in two that lie side by side. */
const membersOf = (index: number) =>
  userIds.filter((_, n) => n % channelIds.length === index || (n + 1) % channelIds.length === index);

/** Counts every call, the server's own look for unfinished changes aside: that comes once a second, whoever waits. */
function counting(inner: Memberships, count: (method: string) => void): Memberships {
  const counted =
    <Args extends unknown[], Answer>(method: string, call: (...args: Args) => Answer) =>
    (...args: Args): Answer => {
      count(method);
      return call(...args);
    };
  return {
    ...inner,
    of: counted('of', inner.of),
    feedOf: counted('feedOf', inner.feedOf),
    feedVersions: counted('feedVersions', inner.feedVersions),
  };
}

/** 200 people with ten devices each, all of whom wait. */
async function crowd() {
  const reads = new Map<string, number>();
  const world = await openStreamWorld({
    ...{ channelIds, userIds },
    memberships: (inner) => counting(inner, (method) => void reads.set(method, (reads.get(method) ?? 0) + 1)),
  });
  const { stream } = world;
  for (const [index, id] of channelIds.entries()) {
    const members = membersOf(index);
    const [by] = members;
    if (by === undefined) throw new Error('Nobody is here.');
    await stream.changeMembership(id, { by, candidates: members }, () => ({
      changes: members.map((userId) => ({ kind: 'ADDED', userId, role: 'MEMBER' }) as const),
      result: true,
    }));
  }
  const cursors = new Map<UserId, string>();
  for (const userId of userIds) cursors.set(userId, (await stream.syncPoint(userId)).cursor);
  const client = new AbortController();
  const answered = new Map<UserId, ChangesPage[]>(userIds.map((userId) => [userId, []]));
  const ask = (userId: UserId) =>
    stream
      .changes(userId, { after: [cursors.get(userId) ?? ''], first: 100, waitMs: 25_000 }, client.signal)
      .then((page) => answered.get(userId)?.push(page));
  const readsOf = () => {
    const found = { ...Object.fromEntries(reads), log: world.store.reads };
    reads.clear();
    world.store.reads = 0;
    return found;
  };
  readsOf();
  return { ...world, ask, answered, readsOf, client };
}

describe('two thousand who wait at once', () => {
  it('cost a read per person to begin, none while they wait, and none to be answered', async () => {
    const { ask, answered, readsOf, send, clock, client } = await crowd();
    const pages = userIds.flatMap((userId) => upTo(10).map(() => ask(userId)));
    await settled();
    // All rows of each person, once for all of their devices, and the heads of all channels together.
    expect(readsOf()).toEqual({ feedOf: userIds.length, log: 1 });

    await clock.advance(10_000);
    expect(readsOf()).toEqual({ log: 0 });

    await send('hello', channelIds[7]);
    await settled();
    expect(readsOf()).toEqual({ log: 0 });
    const members = new Set(membersOf(7));
    for (const [userId, found] of answered) {
      expect(found).toHaveLength(members.has(userId) ? 10 : 0);
      for (const { events } of found)
        expect(events).toMatchObject([{ event: { message: { text: 'hello' } } }]);
    }
    client.abort();
    await Promise.all(pages);
    await settled();
    expect(readsOf()).toEqual({ log: 0 });
  });

  it('cost the server no more than its usual look at everything that is open', async () => {
    const { ask, readsOf, clock } = await crowd();
    const pages = userIds.flatMap((userId) => upTo(10).map(() => ask(userId)));
    await settled();
    readsOf();
    // One look in that time: the epoch, the heads of 20 channels, the feeds of 200 people.
    await clock.advance(25_000);
    expect(readsOf()).toEqual({ feedVersions: 1, log: 2 });
    expect(await Promise.all(pages)).toHaveLength(2_000);
  });
});
