import { afterEach, describe, expect, it } from 'vitest';
import { type ChannelId, channelIdOf, type Seq, userIdOf } from '../ids.ts';
import { upTo } from '../ports/random.contract.ts';
import type { Claim } from './acknowledging.ts';
import { unknownPlace } from './channel-place.ts';
import { createCursorCodec } from './cursor.ts';
import type { Mark } from './positions/round.ts';
import { ada, ben, channelId, draft, openStreamWorld, type StreamWorld } from './test/stream-world.ts';

const codec = createCursorCodec('test');
const [other, third] = [channelIdOf(10n), channelIdOf(11n)];
const badInput = expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }) });

let world: StreamWorld | undefined;
afterEach(async () => {
  await world?.stream.close();
});

/** Ada in two of three channels, with six messages in each: numbers are seq − 1. */
async function open() {
  const looks: number[] = [];
  const opened = await openStreamWorld({
    channelIds: [channelId, other, third],
    memberships: (inner) => ({
      ...inner,
      of: (userId, ids) => {
        looks.push(ids.length);
        return inner.of(userId, ids);
      },
    }),
  });
  world = opened;
  for (const id of [channelId, other]) await opened.add(ada, id);
  await opened.add(ben, third);
  for (const id of [channelId, other, third]) for (const n of upTo(6)) await opened.send(`text ${n}`, id);
  const acknowledge = (before: Claim['before'], ...cursors: string[]) =>
    opened.stream.acknowledge(ada, { before, cursors });
  const { cursor: begin } = await acknowledge(
    undefined,
    complete([
      [channelId, 1],
      [other, 1],
    ]),
  );
  looks.length = 0;
  const mark = async (how: Mark) => {
    const marked = opened.stream.mark(channelId, ada, how);
    await opened.clock.advance(100); // positions were just written, because of who came
    await marked;
  };
  return { ...opened, acknowledge, begin, looks, mark };
}
type Channels = readonly (readonly [ChannelId, Seq, number?])[];
const complete = (channels: Channels, { epoch = 1, feed = 1 } = {}) =>
  codec.complete(ada, { epoch, feed, channels });
const at = (seq: Seq, id = channelId, epoch = 1) => codec.channel(epoch, id, seq);

/** Where a cursor goes on, by channel: epoch and place, in the log and in the positions. */
function placesIn(cursor: string) {
  const { feed, channels, positions } = codec.merge(ada, [cursor]);
  const place = ({ epoch, at: seq }: { epoch: number; at: number } = { epoch: 0, at: -1 }) =>
    `${epoch}:${seq}`;
  return {
    feed: place(feed),
    ...Object.fromEntries([...channels].map(([id, log]) => [id, [place(log), place(positions.get(id))]])),
  };
}
const placeOf = (cursor: string, id = channelId) =>
  codec.merge(ada, [cursor]).channels.get(id)?.at ?? 'nowhere';

describe('what a device says it holds', () => {
  it('is kept as one complete cursor: of everything that was ever said, the largest', async () => {
    const { acknowledge, begin } = await open();
    const one = await acknowledge(begin, at(5), at(3), at(4, other), codec.feed(1, ada, 2));
    expect(placesIn(one.cursor)).toEqual({
      ...{ feed: '1:2', [channelId]: ['1:5', '1:0'], [other]: ['1:4', '1:0'] },
    });
    const two = await acknowledge(
      one.cursor,
      at(4),
      complete([
        [channelId, 2],
        [other, 7],
      ]),
    );
    expect([placeOf(two.cursor), placeOf(two.cursor, other)]).toEqual([5, 7]);
  });

  it('must be complete the first time, and may be a single event later', async () => {
    const { acknowledge, begin } = await open();
    for (const cursors of [[], [at(3)], [at(3), codec.feed(1, ada, 1)]])
      await expect(acknowledge(undefined, ...cursors)).rejects.toEqual(badInput);
    expect(placeOf((await acknowledge(undefined, at(3), complete([]))).cursor)).toBe(3);
    expect(placeOf((await acknowledge(begin, at(3))).cursor)).toBe(3);
    expect(await acknowledge(begin)).toEqual({ cursor: begin, delivered: new Map() });
  });

  it('is refused when it is damaged, or of somebody else', async () => {
    const { acknowledge, begin } = await open();
    const ofBen = codec.complete(ben, { epoch: 1, feed: 1, channels: [] });
    for (const cursor of ['', 'A', `${at(3)}A`, ofBen, createCursorCodec('another').channel(1, channelId, 3)])
      await expect(acknowledge(begin, cursor)).rejects.toEqual(badInput);
  });

  it('may be a thousand cursors, the first time and later', async () => {
    const { acknowledge, begin } = await open();
    const most = [complete([]), ...upTo(999).map(() => at(3))];
    for (const before of [undefined, begin])
      expect(placeOf((await acknowledge(before, ...most)).cursor)).toBe(3);
    await expect(acknowledge(begin, ...most, at(4))).rejects.toEqual(badInput);
  });

  it('costs no look at anything when it was said before', async () => {
    const { acknowledge, looks, store } = await open();
    const { cursor } = await acknowledge(
      undefined,
      complete([
        [channelId, 5],
        [other, 5],
      ]),
    );
    looks.length = 0;
    const { reads } = store;
    expect(await acknowledge(cursor, at(4), at(5, other), complete([[channelId, 2]]))).toEqual({
      ...{ cursor, delivered: new Map() },
    });
    expect([looks, store.reads]).toEqual([[], reads]);
    // What is new in one channel costs a look at that one.
    await acknowledge(cursor, at(6));
    expect(looks).toEqual([1]);
  });
});

describe('what is marked as received', () => {
  it('is up to the newest message at that place, of the channels where that is more than before', async () => {
    const { acknowledge, begin, stream, mark } = await open();
    await stream.record(channelId, draft('', { kind: 'message.edited', refSeq: 3, body: 'edited' }));
    await stream.record(channelId, draft('last'));
    const delivered = async (...cursors: string[]) =>
      Object.fromEntries((await acknowledge(begin, ...cursors)).delivered);
    expect(await delivered(at(4))).toEqual({ [channelId]: 3 });
    // A place that is no message: the edit behind the sixth.
    expect(await delivered(at(8), at(7, other))).toEqual({ [channelId]: 6, [other]: 6 });
    expect(await delivered(at(9))).toEqual({ [channelId]: 7 });
    await mark({ delivered: 5 });
    expect(await delivered(at(6), at(3, other))).toEqual({ [other]: 2 });
  });

  it('is nothing of a channel that the person is not in, whose place is not kept either', async () => {
    const { acknowledge, begin, remove } = await open();
    const foreign = await acknowledge(begin, at(5, third), at(5, channelIdOf(999n)), at(4));
    expect(foreign.delivered).toEqual(new Map([[channelId, 3]]));
    expect(Object.keys(placesIn(foreign.cursor))).toEqual(['feed', channelId, other]);
    await remove(ada, channelId);
    const left = await acknowledge(foreign.cursor, at(6), at(3, other));
    expect(left.delivered).toEqual(new Map([[other, 2]]));
    expect(placeOf(left.cursor)).toBe('nowhere');
  });
});

describe('a place beyond what there is', () => {
  it('says nothing: what was held before stands, or the beginning, and what follows counts again', async () => {
    const { acknowledge, begin, send } = await open();
    for (const beyond of [8, 1_000, unknownPlace]) {
      const first = await acknowledge(
        undefined,
        complete([
          [channelId, beyond, beyond],
          [other, 3],
        ]),
      );
      expect(first.delivered).toEqual(new Map([[other, 2]]));
      expect(placesIn(first.cursor)).toMatchObject({ [channelId]: ['1:0', '1:0'], [other]: ['1:3', '1:0'] });
      const held = await acknowledge(begin, at(4));
      const then = await acknowledge(held.cursor, complete([[channelId, beyond, beyond]]));
      expect([then.cursor, then.delivered]).toEqual([held.cursor, held.delivered]);
    }
    await send('seventh');
    const { cursor, delivered } = await acknowledge(begin, at(8));
    expect([placeOf(cursor), delivered]).toEqual([8, new Map([[channelId, 7]])]);
  });

  it('in the positions alone leaves the place in the log as it is', async () => {
    const { acknowledge, begin, stream, mark } = await open();
    await mark({ read: 2 });
    const [{ progress } = { progress: undefined }] = await stream.memberships.of(ada, [channelId]);
    const version = progress?.version ?? 0;
    const good = await acknowledge(begin, at(5), codec.positions(1, channelId, version));
    expect(placesIn(good.cursor)).toMatchObject({ [channelId]: ['1:5', `1:${version}`] });
    const { cursor } = await acknowledge(good.cursor, at(6), codec.positions(1, channelId, version + 1));
    expect(placesIn(cursor)).toMatchObject({ [channelId]: ['1:6', `1:${version}`] });
  });
});

describe('after a restore', () => {
  /** Held from before it, when the epoch was another one. */
  const old = complete(
    [
      [channelId, 50, 9],
      [other, 40, 9],
    ],
    { epoch: 0, feed: 30 },
  );

  it('what was held before stays held, until the device has everything of the new one', async () => {
    const { acknowledge } = await open();
    const part = await acknowledge(old, at(4), codec.feed(1, ada, 1));
    expect(part.delivered).toEqual(new Map([[channelId, 3]]));
    // All of it in the older epoch: the device is told once more that the server was restored.
    expect(placesIn(part.cursor)).toEqual({
      ...{ feed: '0:0', [channelId]: ['0:0', '0:9'], [other]: ['0:40', '0:9'] },
    });
    const whole = await acknowledge(
      part.cursor,
      complete(
        [
          [channelId, 5, 0],
          [other, 4, 0],
        ],
        { feed: 2 },
      ),
    );
    expect(placesIn(whole.cursor)).toEqual({
      ...{ feed: '1:2', [channelId]: ['1:5', '1:0'], [other]: ['1:4', '1:0'] },
    });
    expect(whole.delivered).toEqual(
      new Map([
        [channelId, 4],
        [other, 3],
      ]),
    );
  });

  it('a page that ends before some channel was reset does not pass over that', async () => {
    const { acknowledge } = await open();
    const page = complete(
      [
        [channelId, 7, 0],
        [other, unknownPlace, unknownPlace],
      ],
      { feed: 2 },
    );
    const { cursor, delivered } = await acknowledge(old, page);
    expect(delivered).toEqual(new Map([[channelId, 6]]));
    expect(placesIn(cursor)).toMatchObject({ feed: '0:0', [other]: ['0:40', '0:9'] });
    const next = await acknowledge(
      cursor,
      complete(
        [
          [channelId, 7, 0],
          [other, 7, 0],
        ],
        { feed: 2 },
      ),
    );
    expect(placesIn(next.cursor)).toEqual({
      ...{ feed: '1:2', [channelId]: ['1:7', '1:0'], [other]: ['1:7', '1:0'] },
    });
  });

  it('forgets channels that the person is not in any more, so that they hold nothing back', async () => {
    const { acknowledge } = await open();
    const more = complete(
      [
        [channelId, 50],
        [other, 40],
        [third, 30],
      ],
      { epoch: 0, feed: 30 },
    );
    const { cursor } = await acknowledge(
      more,
      complete(
        [
          [channelId, 5, 0],
          [other, 4, 0],
        ],
        { feed: 2 },
      ),
    );
    expect(Object.keys(placesIn(cursor))).toEqual(['feed', channelId, other]);
    expect(placesIn(cursor)).toMatchObject({ feed: '1:2' });
  });

  it('is not held up by what somebody says of an epoch that is still to come', async () => {
    const { acknowledge, begin } = await open();
    const { cursor, delivered } = await acknowledge(begin, at(5, channelId, 2));
    expect([placesIn(cursor), delivered]).toEqual([
      { feed: '1:1', [channelId]: ['1:0', '1:0'], [other]: ['1:1', '1:0'] },
      new Map(),
    ]);
  });
});

it('of nobody there is nothing to keep but the cursor', async () => {
  const { stream } = await open();
  const nobody = userIdOf(77n);
  const cursor = codec.complete(nobody, { epoch: 1, feed: 0, channels: [[channelId, 5]] });
  const { delivered, ...kept } = await stream.acknowledge(nobody, { before: undefined, cursors: [cursor] });
  expect(delivered).toEqual(new Map());
  expect(codec.merge(nobody, [kept.cursor]).channels.size).toBe(0);
});
