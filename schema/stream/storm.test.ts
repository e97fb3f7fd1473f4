import { describe, expect, it } from 'vitest';
import { type UserId, userIdOf } from '../ids.ts';
import { upTo } from '../ports/random.contract.ts';
import { isLog, openStreamWorld, untilCaughtUp } from './test/stream-world.ts';

const userIds = upTo(100).map((n) => userIdOf(BigInt(n)));
const devicesEach = 10;
/** More than a ring keeps, so that whoever missed them cannot be served from it alone. */
const missed = 300;

/** A channel of a hundred people with ten devices each, who were all cut off at the same place. */
async function cutOff() {
  const world = await openStreamWorld({ userIds });
  for (const userId of userIds) await world.add(userId);
  const cursors = new Map<UserId, string>();
  for (const userId of userIds) cursors.set(userId, (await world.stream.syncPoint(userId)).cursor);
  for (const n of upTo(missed)) await world.send(`message ${n}`);
  return { ...world, cursors };
}

describe('a thousand clients of one channel that come back at once', () => {
  it.for([
    { where: 'the server that they were on', isOther: false },
    { where: 'a server that has just started', isOther: true },
  ])('get all that they missed from $where with at most five reads of the log', async ({ isOther }) => {
    const { stream, openOther, cursors, store } = await cutOff();
    const served = isOther ? await openOther() : stream;
    store.reads = 0;
    const end = new AbortController();
    const clients = userIds.flatMap((userId) => Array.from({ length: devicesEach }, () => userId));
    const texts = await Promise.all(
      clients.map(async (userId) => {
        const reader = await served.follow(userId, [cursors.get(userId) ?? ''], end.signal);
        const found = await untilCaughtUp(reader);
        return found.filter(isLog).map(({ event }) => event.message?.text);
      }),
    );
    end.abort();
    expect(store.reads).toBeLessThanOrEqual(5);
    const all = upTo(missed).map((n) => `message ${n}`);
    expect(texts).toHaveLength(1_000);
    for (const own of texts) expect(own).toEqual(all);
    if (isOther) await served.close();
  });
});
