import { describe, expect, it } from 'vitest';
import { type MemberId, memberIdOf, userIdOf } from '../../ids.ts';
import { upTo } from '../../ports/random.contract.ts';
import { createCursorCodec } from '../cursor.ts';
import {
  ada as adaId,
  ben as benId,
  channelId,
  nameOf,
  openStreamWorld,
  take,
  untilCaughtUp,
} from '../test/stream-world.ts';
import { createPositionsFeed } from './positions-feed.ts';

const codec = createCursorCodec('test');
const [ada, bob, cyn] = [memberIdOf(1n), memberIdOf(2n), memberIdOf(3n)];

/** A feed that begins at version 10, over a store that says what it is told to say, when it is told to. */
function open() {
  const asked: number[] = [];
  const answers: (() => void)[] = [];
  const store = { version: 10, memberIds: [ada] as MemberId[] };
  const heard = { news: 0, lost: 0 };
  const feed = createPositionsFeed({
    ...{ channelId, epoch: 1, version: 10, codec },
    positions: {
      async movedAfter(_, version) {
        asked.push(version);
        await new Promise<void>((resolve) => answers.push(resolve));
        return { epoch: 1, version: store.version, at: 5, memberIds: store.memberIds };
      },
    },
    onNews: () => {
      heard.news += 1;
    },
    onLost: () => {
      heard.lost += 1;
    },
  });
  const move = (version: number, ...memberIds: MemberId[]) =>
    feed.onHint({ version, at: version, memberIds });
  const answer = () => {
    for (const resolve of answers.splice(0)) resolve();
  };
  return { feed, move, store, asked, answer, heard };
}
const whoIn = async (behind: ReturnType<ReturnType<typeof open>['feed']['behind']>) => {
  const { version, delivery } = (await behind) ?? {};
  return [version, delivery?.memberIds];
};

describe('the positions of a channel', () => {
  it('are no news to who is at the newest version', async () => {
    const { feed, heard } = open();
    expect([await feed.behind(10), await feed.behind(11), heard.news]).toEqual([undefined, undefined, 0]);
  });

  it('are told as one, each member once, whatever was missed', async () => {
    const { feed, move, asked, heard } = open();
    move(11, ada);
    move(12, bob, ada);
    move(13, ada);
    expect(await whoIn(feed.behind(10))).toEqual([13, [ada, bob]]);
    expect(await whoIn(feed.behind(12))).toEqual([13, [ada]]);
    expect([feed.version, asked, heard.news]).toEqual([13, [], 3]);
  });

  it('are one object for all who are at the same place, so that it is executed once for them', async () => {
    const { feed, move } = open();
    move(11, ada);
    const [one, two] = [await feed.behind(10), await feed.behind(10)];
    expect(one?.delivery).toBe(two?.delivery);
    expect(one?.delivery).toMatchObject({ type: 'positions', isShared: true, channelId, at: 11 });
  });

  it('are another object when the log went on, as somebody may have read on by writing: the same event, made anew', async () => {
    const { feed, move } = open();
    move(11, ada);
    const before = await feed.behind(10);
    feed.onLog();
    const after = await feed.behind(10);
    expect(after?.delivery).not.toBe(before?.delivery);
    expect(after).toEqual(before);
  });

  it('go on silently over what the others are not told', async () => {
    const { feed, move } = open();
    move(11);
    expect(await feed.behind(10)).toEqual({ version: 11, delivery: undefined });
    move(12, cyn);
    expect(await whoIn(feed.behind(10))).toEqual([12, [cyn]]);
  });

  it('are asked for where a hint was missed, once for all who ask at the same time', async () => {
    const { feed, move, store, asked, answer } = open();
    move(11, ada);
    move(13, bob);
    Object.assign(store, { version: 13, memberIds: [bob, cyn] });
    const both = [feed.behind(10), feed.behind(10)].map(whoIn);
    answer();
    expect(await Promise.all(both)).toEqual([
      [13, [bob, cyn]],
      [13, [bob, cyn]],
    ]);
    expect(asked).toEqual([10]);
    // Behind the gap nothing is missing.
    move(14, ada);
    expect(await whoIn(feed.behind(13))).toEqual([14, [ada]]);
    expect(asked).toEqual([10]);
  });

  it('are asked for by who is further behind than what is kept', async () => {
    const { feed, move, store, asked, answer } = open();
    for (const n of upTo(70)) move(10 + n, n % 2 ? ada : bob);
    expect(await whoIn(feed.behind(16))).toEqual([80, [ada, bob]]);
    Object.assign(store, { version: 80, memberIds: [bob] });
    const far = whoIn(feed.behind(15));
    answer();
    expect([await far, asked]).toEqual([[80, [bob]], [15]]);
  });

  it('of a read that is on its way serve nobody who asks behind a newer move', async () => {
    const { feed, move, store, asked, answer } = open();
    move(12, ada);
    const early = whoIn(feed.behind(10));
    store.version = 14;
    move(14, bob);
    const late = whoIn(feed.behind(10));
    answer();
    await Promise.all([early, late]);
    expect(asked).toEqual([10, 10]);
  });

  it('are found by a look at the store that knows more, and lost when it knows less', async () => {
    const { feed, heard } = open();
    feed.onTruth(12, 10);
    expect([feed.version, heard]).toEqual([12, { news: 1, lost: 0 }]);
    // Read before that was known here: nothing was lost.
    feed.onTruth(11, 10);
    expect(heard).toEqual({ news: 1, lost: 0 });
    feed.onTruth(11, 12);
    expect(heard).toEqual({ news: 1, lost: 1 });
  });

  it('are lost when the store has less than somebody was told already', async () => {
    const { feed, move, heard, answer, store } = open();
    move(14, ada);
    store.version = 9;
    const behind = feed.behind(12);
    answer();
    await behind;
    expect(heard.lost).toBe(1);
  });
});

it('who lags behind gets what they missed of the log first, and then positions as of that, not as the others got them', async () => {
  const mover = userIdOf(3n);
  const people = [adaId, benId, mover];
  const { stream, add, send, clock } = await openStreamWorld({ userIds: people });
  for (const userId of people) await add(userId);
  const endless = new AbortController().signal;
  const [quick, slow] = [
    await stream.follow(adaId, undefined, endless),
    await stream.follow(benId, undefined, endless),
  ];
  for (const reader of [quick, slow]) await untilCaughtUp(reader);
  await send('one');
  const marked = stream.mark(channelId, mover, { read: 1 });
  await clock.advance(100); // positions were just written, because of who came
  await marked;
  const [, told] = await take(quick, 2);
  await send('two');
  const [first, second, later] = await take(slow, 3);
  expect([first, second].map((delivery) => delivery && nameOf(delivery))).toEqual(['4 one', '5 two']);
  expect(told?.type).toBe('positions');
  expect(later).toEqual(told);
  expect(later).not.toBe(told);
  await stream.close();
});
