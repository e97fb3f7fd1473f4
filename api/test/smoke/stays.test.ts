import { describe, expect, it } from 'vitest';
import type { DeviceHistory, History, Stay, Step } from './history.ts';
import { leakedTo, skippedBy } from './stays.ts';

const stay = (joined: number, left: number | null): Stay => ({
  channelId: 'c',
  userId: 'bob',
  memberId: 'bob in c',
  joinedSeq: joined,
  joinedNumber: joined - 1,
  leftSeq: left,
  leftNumber: left && left - 2,
});
/** In the log at its number and one more, as there is a joining before it. */
const message = (number: number): Step => ({
  type: 'message',
  eventId: `e${number + 1}`,
  channelId: 'c',
  seq: number + 1,
  number,
  authorId: 'ann',
  text: 't',
});
const member = (change: 'added' | 'removed', seq: number): Step => ({
  type: 'member',
  eventId: `e${seq}`,
  channelId: 'c',
  seq,
  change,
  memberId: 'bob in c',
});
const subscribed: Step = { type: 'subscribed' };
const positions: Step = { type: 'positions', channelId: 'c', places: [] };
const device = (...steps: readonly Step[]): DeviceHistory => ({
  device: 'bob/1',
  userId: 'bob',
  keeps: 'every cursor',
  steps,
  endedCaughtUp: true,
});
const logOf = (...numbers: number[]): History['byDatabase'] =>
  new Map([['c', numbers.map((number) => ({ number, authorId: 'ann', text: 't' }))]]);
/** There from 1 to 4, away for the messages behind that, and back from 8 on. */
const comingBack = [stay(1, 4), { ...stay(8, null), joinedNumber: 5 }];
const leaked = (...steps: readonly Step[]) => leakedTo(device(...steps), { stays: comingBack });

describe('what is leaked', () => {
  it('is nothing between joining and leaving, with both of them', () => {
    const steps = [member('added', 1), message(1), message(2), member('removed', 4), member('added', 8)];
    expect(leaked(subscribed, ...steps)).toBe(0);
  });

  it('is what was said while somebody was not there, whenever it comes', () => {
    expect(leaked(subscribed, message(4))).toBe(1);
    expect(leaked(subscribed, member('removed', 4), message(5), subscribed, message(6))).toBe(2);
  });

  it('is everything of a channel that somebody was never in', () => {
    const elsewhere = { ...message(1), channelId: 'd' };
    expect(leaked(subscribed, elsewhere)).toBe(1);
    expect(leaked(subscribed, { type: 'logged', eventId: 'e2', channelId: 'd', seq: 2 })).toBe(1);
  });

  it('is a position that is told between the leaving and the joining', () => {
    expect(leaked(subscribed, positions, member('removed', 4), positions, member('added', 8))).toBe(1);
    expect(leaked(subscribed, member('removed', 4), member('added', 8), positions)).toBe(0);
    const ofAnother = { ...member('removed', 3), memberId: 'ann in c' };
    expect(leaked(subscribed, ofAnother, positions)).toBe(0);
  });

  it('is no position of a later subscription, which begins in another stay', () => {
    expect(leaked(subscribed, member('removed', 4), subscribed, positions)).toBe(0);
  });
});

describe('what is skipped', () => {
  const skipped = (numbers: readonly number[], stays: readonly Stay[]) =>
    skippedBy(device(...numbers.map(message)), { stays, byDatabase: logOf(1, 2, 3, 4, 5, 6, 7) });

  it('is what who is there lacks since their joining', () => {
    const last = [{ ...stay(8, null), joinedNumber: 5 }];
    expect(skipped([6, 7], last)).toBe(0);
    expect(skipped([7], last)).toBe(1);
    expect(skipped([], last)).toBe(2);
  });

  it('is a hole in a stay that is over, but not its end', () => {
    const over = [{ ...stay(1, 5), leftNumber: 3 }];
    expect(skipped([], over)).toBe(0);
    expect(skipped([1, 2], over)).toBe(0);
    expect(skipped([1, 3], over)).toBe(1);
  });
});
