import { describe, expect, it } from 'vitest';
import { channelIdOf } from '../ids.ts';
import type { Memberships } from '../ports/memberships.ts';
import { upTo } from '../ports/random.contract.ts';
import { createCursorCodec } from './cursor.ts';
import {
  ada,
  ben,
  channelId,
  draft,
  isLog,
  nameOf,
  openStreamWorld,
  settled,
  take,
  untilCaughtUp,
} from './test/stream-world.ts';

const endless = () => new AbortController().signal;
const other = channelIdOf(10n);

/** Ada is in a channel, Ben is not yet. */
async function withAda(memberships?: (inner: Memberships) => Memberships) {
  const world = await openStreamWorld({
    channelIds: [channelId, other],
    ...(memberships && { memberships }),
  });
  await world.add(ada);
  const follow = (...after: readonly string[]) =>
    world.stream.follow(ben, after.length > 0 ? after : undefined, endless());
  return { ...world, follow };
}

describe('who is added', () => {
  it('is told, and gets the channel from their joining on', async () => {
    const { follow, add, send } = await withAda();
    const reader = await follow();
    await untilCaughtUp(reader);
    await send('before');
    await add(ben);
    await send('after');
    expect((await take(reader, 3)).map(nameOf)).toEqual(['viewer.channel true', '3 member.added', '4 after']);
  });
});

describe('who is removed', () => {
  it('gets the removal last, as an event of their own, and nothing behind it', async () => {
    const { stream, follow, add, remove, send } = await withAda();
    await add(ben);
    const [hers, his] = [await stream.follow(ada, undefined, endless()), await follow()];
    for (const reader of [hers, his]) await untilCaughtUp(reader);
    await remove(ben);
    await send('behind');
    const [removal] = await take(his, 1);
    const [shared] = await take(hers, 1);
    expect([removal && nameOf(removal), isLog(removal) && removal.isShared]).toEqual([
      '3 member.removed',
      false,
    ]);
    expect(isLog(shared) && shared.isShared).toBe(true);
    await add(ben, other);
    expect((await take(his, 2)).map(nameOf)).toEqual(['viewer.channel true', '1 member.added']);
  });

  it('gets the removal as an event of their own also when the log tells before the rows do', async () => {
    const { follow, add, remove, hints } = await withAda();
    await add(ben);
    const reader = await follow();
    await untilCaughtUp(reader);
    hints.losesTopics = /^user:/;
    await remove(ben);
    const [removal] = await take(reader, 1);
    expect([removal && nameOf(removal), isLog(removal) && removal.isShared]).toEqual([
      '3 member.removed',
      false,
    ]);
  });

  it('gets what came before the removal without the channel, once the rows have told', async () => {
    const { follow, add, remove, send } = await withAda();
    await add(ben);
    const reader = await follow();
    await untilCaughtUp(reader);
    await send('before');
    await remove(ben);
    const taken = await take(reader, 2);
    expect(taken.map(nameOf)).toEqual(['3 before', '4 member.removed']);
    expect(taken.map((delivery) => isLog(delivery) && delivery.isShared)).toEqual([false, false]);
  });

  it('cannot send any more, in this process at once, also while the log does not have the removal', async () => {
    const held: (() => void)[] = [];
    let isHeld = false;
    const { stream, add, remove } = await withAda((inner) => ({
      ...inner,
      async settle(...args) {
        if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
        return inner.settle(...args);
      },
    }));
    await add(ben);
    expect(await stream.membershipOf(ben, channelId)).toMatchObject({ state: 'ACTIVE' });
    isHeld = true;
    const removing = remove(ben);
    await expect.poll(() => held.length).toBe(1);
    expect(await stream.membershipOf(ben, channelId)).toMatchObject({ state: 'REMOVED' });
    for (const release of held) release();
    await removing;
  });

  it('while away, is told that the channel is gone, and gets nothing of it', async () => {
    const { stream, follow, add, remove, send } = await withAda();
    await add(ben);
    const { cursor } = await stream.syncPoint(ben);
    await send('last');
    await remove(ben);
    const names = (await untilCaughtUp(await follow(cursor))).map(nameOf);
    expect(names).toEqual(['viewer.channel false', 'caught.up']);
  });

  it('is told after a reconnect, though a later change elsewhere was told before the removal came', async () => {
    const { stream, follow, add, remove, send } = await withAda();
    await add(ben);
    const { cursor } = await stream.syncPoint(ben);
    const reader = await follow(cursor);
    await send('not read');
    await remove(ben);
    await add(ben, other);
    const [told] = await take(reader, 1);
    expect(told).toMatchObject({ type: 'viewer.channel', channelId: other, isMember: true });
    const again = await untilCaughtUp(await follow(cursor, told?.cursor ?? ''));
    expect(again).toContainEqual(expect.objectContaining({ channelId, isMember: false }));
  });

  it('and added back while away, gets what came before the removal and what came after the return', async () => {
    const { stream, follow, add, remove, send } = await withAda();
    await add(ben);
    const { cursor } = await stream.syncPoint(ben);
    await send('seen');
    await remove(ben);
    await send('unseen');
    await add(ben);
    await send('seen again');
    const names = (await untilCaughtUp(await follow(cursor))).map(nameOf);
    const log = ['3 seen', '4 member.removed', '6 member.added', '7 seen again'];
    expect(names).toEqual(['viewer.channel true', ...log, 'caught.up']);
  });

  it('and added back after more than a replay, goes on at the return, without a reset and without reading on', async () => {
    const { stream, follow, add, remove, send, store } = await withAda();
    await add(ben);
    const { cursor } = await stream.syncPoint(ben);
    await remove(ben);
    for (const n of upTo(1_100)) await send(`unseen ${n}`);
    await add(ben);
    const reader = await follow(cursor);
    store.reads = 0;
    const names = (await untilCaughtUp(reader)).map(nameOf);
    expect(names).toEqual(['viewer.channel true', '3 member.removed', '1104 member.added', 'caught.up']);
    expect(store.reads).toBe(2);
  });

  it('and added back, goes on at the return when the removal was received', async () => {
    const { follow, add, remove, send, store } = await withAda();
    await add(ben);
    const reader = await follow();
    const [caughtUp] = await untilCaughtUp(reader);
    await remove(ben);
    const [removal] = await take(reader, 1);
    for (const n of upTo(1_100)) await send(`unseen ${n}`);
    await add(ben);
    store.reads = 0;
    const again = await follow(caughtUp?.cursor ?? '', removal?.cursor ?? '');
    expect((await untilCaughtUp(again)).map(nameOf)).toEqual([
      'viewer.channel true',
      '1104 member.added',
      'caught.up',
    ]);
    expect(store.reads).toBeLessThan(3);
  });

  it('and added back, is not told how far others are before the return itself has come', async () => {
    const { clock, stream, follow, add, remove, send, hints } = await withAda();
    await add(ben);
    await stream.record(channelId, draft('from Ben', { authorId: ben }));
    const marked = stream.mark(channelId, ada, { read: 1 });
    await clock.advance(100);
    await marked;
    const reader = await follow();
    await untilCaughtUp(reader);
    await remove(ben);
    expect((await take(reader, 1)).map(nameOf)).toEqual(['4 member.removed']);
    hints.losesTopics = /^channel:/;
    await add(ben);
    const told = take(reader, 4);
    await settled();
    hints.losesTopics = /^$/;
    await send('after');
    expect((await told).map(nameOf)).toEqual([
      'viewer.channel true',
      '5 member.added',
      '6 after',
      'positions',
    ]);
  });

  it('and added back while the reader lags, goes on behind the return', async () => {
    const { follow, add, remove, send } = await withAda();
    await add(ben);
    const reader = await follow();
    await untilCaughtUp(reader);
    await remove(ben);
    await send('unseen');
    await add(ben);
    await send('seen again');
    const names = (await take(reader, 4)).map(nameOf);
    expect(names).toEqual(['viewer.channel true', '3 member.removed', '5 member.added', '6 seen again']);
  });
});

describe('a removal that nobody can meet in the log', () => {
  /** Removes Ben, through another process and unheard, between the first reading of his rows and its answer. */
  async function removedMeanwhile() {
    let isDue = false;
    const removal = { run: async () => undefined as unknown };
    const world = await withAda((inner) => ({
      ...inner,
      async feedOf(userId, after) {
        const page = await inner.feedOf(userId, after);
        if (isDue && userId === ben) {
          isDue = false;
          await removal.run();
        }
        return page;
      },
    }));
    await world.add(ben);
    removal.run = async () => {
      world.hints.isDeaf = true;
      await world.remove(ben);
      await world.send('behind the removal');
    };
    return {
      ...world,
      arm: () => {
        isDue = true;
      },
    };
  }

  it('because a reader began behind it, ends the channel also while the rows do not say where', async () => {
    let isDue = false;
    let isHeld = false;
    const removal = { run: async () => {} };
    const { add, remove, follow, hints, stream, clock } = await withAda((inner) => ({
      ...inner,
      settle: (...args) => (isHeld ? new Promise(() => undefined) : inner.settle(...args)),
      async feedOf(userId, after) {
        const page = await inner.feedOf(userId, after);
        if (isDue) await removal.run();
        return page;
      },
    }));
    await add(ben);
    removal.run = async () => {
      [isDue, isHeld, hints.isDeaf] = [false, true, true];
      void remove(ben);
      await expect
        .poll(async () => (await stream.history.heads([channelId])).heads.get(channelId)?.head)
        .toBe(3);
    };
    isDue = true;
    const reader = await follow();
    expect((await untilCaughtUp(reader)).map(nameOf)).toEqual(['caught.up']);
    hints.isDeaf = false;
    await stream.record(channelId, draft('behind the removal'));
    const next = reader.next();
    await clock.advance(40_000);
    await reader.return();
    expect((await next).done).toBe(true);
  });

  it('because a reader began behind it, ends the channel all the same', async () => {
    const { follow, arm } = await removedMeanwhile();
    arm();
    const names = (await untilCaughtUp(await follow())).map(nameOf);
    expect(names).toEqual(['viewer.channel false', 'caught.up']);
  });

  it('because it was passed over by a reset, ends the channel all the same', async () => {
    const { stream, follow, send, arm } = await removedMeanwhile();
    const { cursor } = await stream.syncPoint(ben);
    for (const n of upTo(1_001)) await send(`${n}`);
    arm();
    const names = (await untilCaughtUp(await follow(cursor))).map(nameOf);
    expect(names).toContain('viewer.channel false');
    expect(names.filter((name) => name.includes('behind') || name.includes('sync.reset'))).toEqual([]);
  });
});

it('a place in a channel is kept while a return is not in the log yet', async () => {
  let isHeld = false;
  const held: (() => void)[] = [];
  const { stream, follow, add, remove, send } = await withAda((inner) => ({
    ...inner,
    async settle(...args) {
      if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
      return inner.settle(...args);
    },
  }));
  await add(ben);
  const { cursor } = await stream.syncPoint(ben);
  await send('seen');
  await remove(ben);
  isHeld = true;
  const returning = add(ben);
  await expect.poll(() => held.length).toBe(1);
  const [caughtUp] = await untilCaughtUp(await follow(cursor));
  for (const release of held) release();
  await returning;
  const names = (await untilCaughtUp(await follow(caughtUp?.cursor ?? ''))).map(nameOf);
  expect(names).toEqual(['viewer.channel true', '3 seen', '4 member.removed', '5 member.added', 'caught.up']);
});

describe('a cursor of a store that is no more', () => {
  const codec = createCursorCodec('test');
  it.for([
    ['beyond the head of a log', { epoch: 1, feed: 2, channels: [[channelId, 99]] as const }],
    ['beyond the rows', { epoch: 1, feed: 99, channels: [[channelId, 2]] as const }],
    ['of an older epoch', { epoch: 0, feed: 2, channels: [[channelId, 2]] as const }],
  ] as const)('%s resets the viewer and the channels', async ([, sent]) => {
    const { follow, add, send } = await withAda();
    await add(ben);
    const reader = await follow(codec.complete(ben, sent));
    const names = (await untilCaughtUp(reader)).map(nameOf);
    expect(names).toEqual(['viewer.reset LOG_RESTORED', 'sync.reset LOG_RESTORED', 'caught.up']);
    await send('next');
    expect((await take(reader, 1)).map(nameOf)).toEqual(['3 next']);
  });
});
