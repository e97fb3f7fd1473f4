import { describe, expect, it } from 'vitest';
import type { DeviceHistory, History, Keeping, Log, Sent, Stay, Step } from './history.ts';
import { deliveredTo, type Judgement, judge } from './judge.ts';
import { latencyOf } from './latency.ts';

const nothing: Judgement = {
  lost: 0,
  duplicated: 0,
  reordered: 0,
  skipped: 0,
  unexpectedResets: 0,
  unreadDrift: 0,
  leaked: 0,
};

/** The nth message of Ann, sent and acknowledged before the next one is sent. */
const sent = (nth: number, change: Partial<Sent> = {}): Sent => ({
  device: 'ann/1',
  authorId: 'ann',
  channelId: 'c',
  nonce: `n${nth}`,
  text: `t${nth}`,
  at: nth * 10,
  acknowledged: { number: nth, at: nth * 10 + 4 },
  ...change,
});
const entry = (nth: number) => ({ number: nth, authorId: 'ann', text: `t${nth}`, nonce: `n${nth}` });
/** Bob is there from the beginning, so the first message comes right behind his joining. */
const message = (number: number): Step => ({
  type: 'message',
  eventId: `e${number}`,
  channelId: 'c',
  seq: number + 1,
  number,
  authorId: 'ann',
  text: `t${number}`,
});
const stay: Stay = {
  channelId: 'c',
  userId: 'bob',
  memberId: 'bob in c',
  joinedSeq: 1,
  joinedNumber: 0,
  leftSeq: null,
  leftNumber: null,
};
const subscribed: Step = { type: 'subscribed' };
const marker: Step = { type: 'marker' };

const device = (steps: readonly Step[], change: Partial<DeviceHistory> = {}): DeviceHistory => ({
  device: 'bob/1',
  userId: 'bob',
  keeps: 'every cursor',
  endedCaughtUp: true,
  steps,
  ...change,
});
const logOf = (...numbers: number[]): Log => new Map([['c', numbers.map(entry)]]);

/** Three messages in one channel that one device follows, with a resume in between. */
const good: History = {
  sent: [sent(1), sent(2), sent(3)],
  devices: [device([subscribed, message(1), marker, message(2), subscribed, message(3), marker])],
  byHistory: logOf(1, 2, 3),
  byDatabase: logOf(1, 2, 3),
  stays: [stay],
  marks: [],
  aside: [],
  markedUnread: [],
  looks: [],
};
const judged = (change: Partial<History>) => judge({ ...good, ...change });
const seenBy = (steps: readonly Step[], keeps: Keeping = 'every cursor') =>
  judged({ devices: [device(steps, { keeps })] });

describe('the judge of a smoke run', () => {
  it('finds nothing wrong with a run in which all went well', () => {
    expect(judge(good)).toEqual(nothing);
    expect(deliveredTo(good.devices)).toBe(3);
  });

  it.for([
    ['is missing in the history', { byHistory: logOf(1, 3) }],
    ['is missing in the database', { byDatabase: logOf(1, 3) }],
    ['has another number', { sent: [sent(1), sent(2, { acknowledged: { number: 4, at: 24 } }), sent(3)] }],
    [
      'has another text',
      { byHistory: new Map([['c', [entry(1), { ...entry(2), text: 'other' }, entry(3)]]]) },
    ],
    [
      'has another author',
      { byDatabase: new Map([['c', [entry(1), { ...entry(2), authorId: 'bob' }, entry(3)]]]) },
    ],
    [
      'has another nonce',
      { byDatabase: new Map([['c', [entry(1), { ...entry(2), nonce: 'x' }, entry(3)]]]) },
    ],
    [
      'is in another channel',
      {
        byHistory: new Map([
          ['d', [entry(2)]],
          ['c', [entry(1), entry(3)]],
        ]),
      },
    ],
  ] satisfies [string, Partial<History>][])(
    'counts an acknowledged message as lost when it %s',
    ([, change]) => {
      expect(judged(change).lost).toBe(1);
    },
  );

  it('does not count a message as lost that nobody acknowledged', () => {
    const { acknowledged: _, ...waiting } = sent(4);
    expect(judged({ sent: [...good.sent, waiting] })).toEqual(nothing);
  });

  it('wants the text that its author made of a message, or none', () => {
    const changed = [sent(1, { becomes: 'edited' }), sent(2, { becomes: 'deleted' }), sent(3)];
    const log = new Map([
      ['c', [{ ...entry(1), text: 't1, edited' }, { ...entry(2), text: null }, entry(3)]],
    ]);
    expect(judged({ sent: changed, byHistory: log, byDatabase: log })).toEqual(nothing);
    expect(judged({ sent: changed, byHistory: log }).lost).toBe(2);
    const twice = new Map([...log, ['c', [...(log.get('c') ?? []), { ...entry(2), number: 4, text: null }]]]);
    expect(judged({ sent: changed, byHistory: log, byDatabase: twice }).duplicated).toBe(1);
  });

  it('counts a message as duplicated that is in the log twice, or that nobody sent', () => {
    const twice = new Map([['c', [entry(1), entry(2), entry(3), { ...entry(2), number: 4 }]]]);
    expect(judged({ byDatabase: twice }).duplicated).toBe(1);
    expect(judged({ byHistory: twice }).duplicated).toBe(1);
    expect(judged({ byHistory: logOf(1, 2, 3, 4), byDatabase: logOf(1, 2, 3, 4) }).duplicated).toBe(1);
  });

  it('counts an event as duplicated that comes twice within one subscription', () => {
    const twice = seenBy([subscribed, message(1), message(2), message(2), message(3), marker]);
    expect(twice).toEqual({ ...nothing, duplicated: 1 });
  });

  it('allows a repeat only of what the device did not say it had', () => {
    const steps = [subscribed, message(1), marker, message(2), subscribed, message(2), message(3), marker];
    expect(seenBy(steps, 'newest marker')).toEqual(nothing);
    expect(seenBy(steps, 'every cursor')).toEqual({ ...nothing, duplicated: 1 });
    const beforeMarker = [
      subscribed,
      message(1),
      message(2),
      marker,
      subscribed,
      message(2),
      message(3),
      marker,
    ];
    expect(seenBy(beforeMarker, 'newest marker')).toEqual({ ...nothing, duplicated: 1 });
  });

  it('takes a marker in the middle of a replay for no more than it covers', () => {
    const elsewhere = { ...message(1), eventId: 'x1', channelId: 'd' };
    // The first subscription brought it behind its marker; the second, cut in its replay, had not come to it yet.
    const cut = [subscribed, message(1), marker, elsewhere, subscribed, message(2), marker];
    const steps = [...cut, subscribed, elsewhere, message(3), marker];
    const inBoth = (keeps: Keeping) =>
      judged({ devices: [device(steps, { keeps })], stays: [stay, { ...stay, channelId: 'd' }] });
    expect(inBoth('newest marker')).toEqual(nothing);
    expect(inBoth('every cursor')).toEqual({ ...nothing, duplicated: 1 });
    const again = [...cut, subscribed, message(2), elsewhere, message(3), marker];
    expect(seenBy(again, 'newest marker').duplicated).toBe(1);
  });

  it('allows the same repeat again after each lost socket', () => {
    const steps = [
      subscribed,
      message(1),
      subscribed,
      message(1),
      message(2),
      subscribed,
      message(1),
      message(2),
      message(3),
      marker,
    ];
    expect(seenBy(steps, 'newest marker')).toEqual(nothing);
  });

  it('counts what a device sees out of order', () => {
    expect(seenBy([subscribed, message(2), message(1), message(3), marker]).reordered).toBe(1);
    expect(seenBy([subscribed, message(1), message(3), subscribed, message(2), marker]).reordered).toBe(1);
  });

  it('lets an older cursor bring the rest of a stay that is over behind the beginning of the next one', () => {
    const steps = [subscribed, message(1), marker, message(3), subscribed, message(2), message(3), marker];
    const devices = [device(steps, { keeps: 'newest marker' })];
    const stays = [
      { ...stay, leftSeq: 3, leftNumber: 2 },
      { ...stay, joinedSeq: 4, joinedNumber: 2 },
    ];
    expect(judged({ devices, stays })).toEqual(nothing);
    expect(judged({ devices }).reordered).toBe(1);
  });

  it('counts messages of one device that overtook each other', () => {
    const overtaking = [
      sent(1),
      sent(2, { at: 31, acknowledged: { number: 3, at: 40 } }),
      sent(3, { at: 32, acknowledged: { number: 2, at: 40 } }),
    ];
    expect(judged({ sent: overtaking }).reordered).toBe(1);
  });

  it('counts a message with a smaller number than one that was acknowledged before it was sent', () => {
    const late = sent(1, { device: 'bob/1', at: 50, acknowledged: { number: 1, at: 60 } });
    expect(judged({ sent: [late, sent(2), sent(3)] })).toEqual({ ...nothing, reordered: 1 });
    const atOnce = sent(1, { device: 'bob/1', at: 23, acknowledged: { number: 1, at: 60 } });
    expect(
      judged({ sent: [atOnce, sent(2), sent(3, { acknowledged: { number: 3, at: 90 } })] }).reordered,
    ).toBe(0);
  });

  it('counts what a device lacks that ended caught up', () => {
    const steps = [subscribed, message(1), message(3), marker];
    expect(seenBy(steps)).toEqual({ ...nothing, skipped: 1 });
    expect(judged({ devices: [device(steps, { endedCaughtUp: false })] })).toEqual(nothing);
  });

  it('counts every reset', () => {
    const reset: Step = { type: 'reset', what: 'SyncReset' };
    expect(seenBy([subscribed, message(1), reset, message(2), message(3), marker])).toEqual({
      ...nothing,
      unexpectedResets: 1,
    });
  });

  it('does not count a repeat as a delivery', () => {
    const steps = [subscribed, message(1), subscribed, message(1), message(2), message(3), marker];
    expect(deliveredTo([device(steps, { keeps: 'newest marker' })])).toBe(3);
  });
});

describe('the time to an acknowledgement', () => {
  it('is that of sends which met no cut', () => {
    const times = Array.from({ length: 100 }, (_, n) =>
      sent(n, { at: 0, acknowledged: { number: n, at: n + 1 } }),
    );
    expect(latencyOf(times)).toEqual({ p50Ms: 50, p99Ms: 99 });
    const cut = times.map((message, n) => ({ ...message, metCut: n >= 10 }));
    expect(latencyOf(cut)).toEqual({ p50Ms: 5, p99Ms: 10 });
  });

  it('is unknown when every send met a cut', () => {
    expect(latencyOf([sent(1, { metCut: true })])).toEqual({ p50Ms: null, p99Ms: null });
  });
});
