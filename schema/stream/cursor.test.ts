import { describe, expect, it } from 'vitest';
import { type ChannelId, channelIdOf, userIdOf } from '../ids.ts';
import { createRandom, upTo } from '../ports/random.contract.ts';
import { createCursorCodec } from './cursor.ts';

const codec = createCursorCodec('an installation');
const [ada, bob] = [userIdOf(1n), userIdOf(2n)];
const [c1, c2] = [channelIdOf(1n), channelIdOf(2n)];
const complete = (epoch: number, feed: number, channels: readonly (readonly [ChannelId, number])[]) =>
  codec.complete(ada, { epoch, feed, channels });
const badInput = expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }) });
const errorOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('a list of cursors', () => {
  const seed = 20_260_401;
  it(`means the largest place that any of them names, whatever their order (seed ${seed})`, () => {
    const draw = createRandom(seed);
    const below = (limit: number) => Math.floor(draw() * limit);
    for (const _ of upTo(200)) {
      const places = upTo(8).map(() => ({
        channel: channelIdOf(BigInt(1 + below(4))),
        seq: below(2 ** 45),
      }));
      const cursors = [
        complete(1, 7, [[c1, 3]]),
        ...places.map(({ channel, seq }) => codec.channel(1, channel, seq)),
      ];
      const shuffled = cursors.map((cursor) => ({ cursor, key: below(1_000) })).sort((a, b) => a.key - b.key);
      const { channels } = codec.merge(
        ada,
        shuffled.map(({ cursor }) => cursor),
      );
      const expected = new Map<ChannelId, number>([[c1, 3]]);
      for (const { channel, seq } of places) expected.set(channel, Math.max(seq, expected.get(channel) ?? 0));
      expect(new Map([...channels].map(([id, { at }]) => [id, at]))).toEqual(expected);
    }
  });

  it('believes the newer epoch, place by place', () => {
    const { feed, channels } = codec.merge(ada, [
      complete(1, 500, [
        [c1, 900],
        [c2, 800],
      ]),
      codec.channel(2, c1, 5),
      codec.feed(2, ada, 3),
    ]);
    expect(feed).toEqual({ epoch: 2, at: 3 });
    expect(Object.fromEntries(channels)).toEqual({ [c1]: { epoch: 2, at: 5 }, [c2]: { epoch: 1, at: 800 } });
  });

  it('needs a complete one among them', () => {
    for (const list of [[], [codec.channel(1, c1, 5)], [codec.feed(1, ada, 3), codec.channel(1, c1, 5)]])
      expect(errorOf(() => codec.merge(ada, list))).toEqual(badInput);
  });

  it('has an end', () => {
    const list = [complete(1, 1, []), ...upTo(1_000).map((seq) => codec.channel(1, c1, seq))];
    expect(errorOf(() => codec.merge(ada, list))).toEqual(badInput);
  });
});

describe('a cursor', () => {
  it('is refused when any of its bytes was changed, or some are missing', () => {
    const cursor = complete(1, 300, [[c1, 70_000]]);
    const bytes = Buffer.from(cursor, 'base64url');
    for (const [index, byte] of bytes.entries()) {
      const damaged = Buffer.from(bytes);
      damaged[index] = byte ^ 1;
      expect(errorOf(() => codec.merge(ada, [damaged.toString('base64url')]))).toEqual(badInput);
      expect(errorOf(() => codec.merge(ada, [bytes.subarray(0, index).toString('base64url')]))).toEqual(
        badInput,
      );
    }
  });

  it('is refused when anything was put into it that decoding passes over', () => {
    const cursor = complete(1, 7, [[c1, 3]]);
    for (const altered of [
      `${cursor}=`,
      `${cursor} `,
      ` ${cursor}`,
      cursor.replace(/^./, '$&!'),
      `${cursor}A`,
    ])
      expect(errorOf(() => codec.merge(ada, [altered]))).toEqual(badInput);
  });

  it('of another viewer or another installation is refused', () => {
    const cursor = complete(1, 300, [[c1, 7]]);
    expect(errorOf(() => codec.merge(bob, [cursor]))).toEqual(badInput);
    expect(errorOf(() => createCursorCodec('another').merge(ada, [cursor]))).toEqual(badInput);
    expect(errorOf(() => codec.merge(ada, [complete(1, 1, []), codec.feed(1, bob, 3)]))).toEqual(badInput);
  });

  it('is small for one event, and complete for a thousand channels well below what a frame may have', () => {
    expect(codec.channel(1, channelIdOf(50_000_000n), 1_000_000).length).toBeLessThanOrEqual(24);
    const channels = upTo(1_000).map((n) => [channelIdOf(BigInt(50_000_000 + n)), 1_000_000] as const);
    expect(complete(1, 9_999, channels).length).toBeLessThan(16_384);
  });

  it('keeps the largest position there can be', () => {
    const { channels } = codec.merge(ada, [complete(1, 1, [[c1, Number.MAX_SAFE_INTEGER]])]);
    expect(channels.get(c1)).toEqual({ epoch: 1, at: Number.MAX_SAFE_INTEGER });
  });
});
