import { describe, expect, it } from 'vitest';
import type { DeviceHistory, History, Look, Placed, Stay, Step } from './history.ts';
import { unreadDriftOf } from './recount.ts';

const stayOf = (userId: string, change: Partial<Stay> = {}): Stay => ({
  channelId: 'c',
  userId,
  memberId: `${userId} in c`,
  joinedSeq: 1,
  joinedNumber: 0,
  leftSeq: null,
  leftNumber: null,
  ...change,
});
const message = (number: number, authorId = 'ann'): Step => ({
  type: 'message',
  eventId: `e${number}`,
  channelId: 'c',
  seq: number,
  number,
  authorId,
  text: 't',
});
const positions = (...places: readonly (readonly [string, number, number])[]): Step => ({
  type: 'positions',
  channelId: 'c',
  places: places.map(([userId, readNumber, deliveredNumber]) => {
    return { memberId: `${userId} in c`, readNumber, deliveredNumber };
  }),
});
const [subscribed, marker, acknowledged]: readonly Step[] = [
  { type: 'subscribed' },
  { type: 'marker' },
  { type: 'acknowledged' },
];
const device = (
  steps: readonly (Step | undefined)[],
  change: Partial<DeviceHistory> = {},
): DeviceHistory => ({
  device: 'bob/1',
  userId: 'bob',
  keeps: 'every cursor',
  steps: steps.flatMap((step) => step ?? []),
  endedCaughtUp: true,
  ...change,
});
const at = (userId: string, readNumber: number, deliveredNumber: number): Placed & { userId: string } => ({
  userId,
  readNumber,
  deliveredNumber,
});
type Shown = { readonly unread: number; readonly total?: number; readonly isMarked?: boolean };
const look = (
  { unread, total = unread, isMarked = false }: Shown,
  members: Look['channels'][0]['members'],
): Look => ({
  userId: 'bob',
  unreadCount: total,
  channels: [{ channelId: 'c', unreadCount: unread, isMarkedUnread: isMarked, members }],
});

/** Ann said 1, 2, 4 and 5, the last of which she deleted, and Bob 3. He has read the first two, and so his own; his phone holds four. */
const authors = ['ann', 'ann', 'bob', 'ann', 'ann'];
const good: History = {
  sent: [],
  devices: [
    device([subscribed, message(1), message(2), message(3, 'bob'), message(4), acknowledged, message(5)]),
  ],
  byHistory: new Map(),
  byDatabase: new Map([
    ['c', authors.map((authorId, nth) => ({ number: nth + 1, authorId, text: nth === 4 ? null : 't' }))],
  ]),
  stays: [stayOf('ann'), stayOf('bob')],
  marks: [{ userId: 'bob', channelId: 'c', number: 2 }],
  aside: [],
  markedUnread: [],
  looks: [look({ unread: 1 }, [at('ann', 2, 2), at('bob', 3, 4)])],
};
const drift = (change: Partial<History>) => unreadDriftOf({ ...good, ...change });
const shown = (...looked: Parameters<typeof look>) => drift({ looks: [look(...looked)] });
const right = [at('ann', 2, 2), at('bob', 3, 4)];

describe('what is unread', () => {
  it('is what others said above what is read, and is there', () => {
    expect(unreadDriftOf(good)).toBe(0);
    expect(shown({ unread: 2, total: 1 }, right)).toBe(1);
    expect(shown({ unread: 0, total: 1 }, right)).toBe(1);
  });

  it('is counted in total, but for what is put aside', () => {
    expect(shown({ unread: 1, total: 2 }, right)).toBe(1);
    const aside = [{ userId: 'bob', channelId: 'c' }];
    expect(drift({ aside })).toBe(1);
    expect(drift({ aside, looks: [look({ unread: 1, total: 0 }, right)] })).toBe(0);
  });

  it('is not changed by a mark to come back, which must be there', () => {
    const markedUnread = [{ userId: 'bob', channelId: 'c' }];
    expect(drift({ markedUnread })).toBe(1);
    expect(drift({ markedUnread, looks: [look({ unread: 1, isMarked: true }, right)] })).toBe(0);
  });

  it('begins at the joining', () => {
    const stays = [stayOf('ann'), stayOf('bob', { joinedNumber: 3 })];
    expect(drift({ stays, marks: [] })).toBe(0);
    expect(drift({ stays: [...stays.slice(0, 1), stayOf('bob', { joinedNumber: 4 })] })).toBe(3);
  });

  it('is of the channels that somebody is in, and of no others', () => {
    const gone = [stayOf('ann'), stayOf('bob', { leftSeq: 9, leftNumber: 5 })];
    expect(drift({ stays: gone, looks: [] })).toBe(0);
    expect(drift({ stays: gone })).toBeGreaterThan(0);
    expect(drift({ looks: [{ userId: 'bob', unreadCount: 0, channels: [] }] })).toBe(1);
  });
});

describe('a position', () => {
  it('is what was said', () => {
    expect(shown({ unread: 1 }, [at('bob', 2, 4)])).toBe(1);
    expect(shown({ unread: 1 }, [at('bob', 3, 5)])).toBe(1);
    expect(drift({ marks: [] })).toBe(3);
  });

  it('counts as received what a device holds, by its newest marker where it keeps no more', () => {
    const steps = [subscribed, message(1), message(2), message(3, 'bob'), message(4), marker, message(5)];
    const keeps = 'newest marker';
    expect(drift({ devices: [device([...steps, acknowledged], { keeps })] })).toBe(0);
    expect(drift({ devices: [device([...steps, acknowledged])] })).toBe(1);
    expect(drift({ devices: [device([...steps, marker, acknowledged], { keeps })] })).toBe(1);
    // A marker in the middle of a replay knows nothing of what came behind the one before.
    const replay = [...steps, subscribed, marker, acknowledged];
    expect(drift({ devices: [device(replay, { keeps })] })).toBe(0);
  });

  it('never goes back for who watches', () => {
    const watching = (...steps: readonly Step[]) =>
      drift({ devices: [...good.devices, device([subscribed, ...steps], { userId: 'eve' })] });
    expect(watching(positions(['bob', 1, 1]), positions(['bob', 1, 3]), positions(['bob', 3, 3]))).toBe(0);
    expect(watching(positions(['bob', 2, 2]), positions(['bob', 1, 3]))).toBe(1);
    expect(watching(positions(['bob', 2, 3]), positions(['bob', 2, 2]))).toBe(1);
    expect(watching(positions(['bob', 2, 2]), message(3, 'bob'), positions(['bob', 2, 2]))).toBe(1);
    expect(watching(positions(['bob', 1, 1]), message(3, 'bob'), positions(['bob', 1, 2]))).toBe(0);
  });

  it('begins anew with each stay', () => {
    const added: Step = {
      type: 'member',
      eventId: 'e9',
      channelId: 'c',
      seq: 9,
      change: 'added',
      memberId: 'bob in c',
    };
    const steps = [subscribed, positions(['bob', 4, 4]), added, positions(['bob', 2, 2])];
    expect(drift({ devices: [...good.devices, device(steps, { userId: 'eve' })] })).toBe(0);
    const again = [...steps, positions(['bob', 3, 3]), added, positions(['bob', 2, 2])];
    expect(drift({ devices: [...good.devices, device(again, { userId: 'eve' })] })).toBe(1);
  });
});
