import { describe, expect, it } from 'vitest';
import { duenessOf } from './dueness.ts';
import {
  type Activity,
  type Device,
  type History,
  type Message,
  type Person,
  type Push,
  personOf,
  seatOf,
} from './history.ts';
import { type Finding, judge, type Report } from './judge.ts';
import { leastIn, mostIn, possible, timelineOf } from './timeline.ts';

const channelId = 'chn1';
const bounds = { withinMs: 60_000 };
const minute = 60_000;

/** Ann writes to Bob, who is away on one device. */
function world() {
  const device: Device = {
    ...{ deviceId: 'dev1', service: 'WEB', address: 'https://push.example/1' },
    activity: timelineOf<Activity>('away'),
    isRegistered: timelineOf(true),
  };
  const bob: Person = personOf('bob', 'Bob');
  const seat = seatOf(true);
  bob.seats.set(channelId, seat);
  bob.devices.push(device);
  const ann = personOf('ann', 'Ann');
  ann.seats.set(channelId, seatOf(true));
  const people: readonly Person[] = [ann, bob];
  const messages: Message[] = [];
  const pushes: Push[] = [];
  const say = (number: number, at: number, more: Partial<Message> = {}): Message => {
    const message: Message = {
      ...{
        channelId,
        number,
        seq: number + 1,
        messageId: `msg${number}`,
        authorId: 'ann',
        text: `text ${number}`,
      },
      ...{ repliesTo: null, sentAt: at, ackedAt: at + 100, isDeleted: timelineOf(false) },
      ...more,
    };
    messages.push(message);
    return message;
  };
  const push = (number: number, at: number, more: Partial<Push> = {}) =>
    pushes.push({
      ...{ address: device.address, at, slot: 'one' },
      note: { kind: 'message', channelId, seq: number + 1, number, names: ['Ann'], text: `text ${number}` },
      ...more,
    });
  const judged = (endedAt = 10 * minute): Report & { readonly findings: readonly Finding[] } => {
    const findings: Finding[] = [];
    const history: History = { people, messages, pushes, blind: [], endedAt };
    return { ...judge(history, bounds, (finding) => findings.push(finding)), findings };
  };
  return { ann, bob, seat, device, say, push, judged };
}
const certain = <T>(value: T, at: number) => ({ value, from: at, to: at });

describe('a timeline', () => {
  it('knows what was so for certain, and what may have been', () => {
    const timeline = { ...timelineOf('a'), changes: [{ value: 'b', from: 10, to: 20 }, certain('c', 30)] };
    expect([...possible(timeline, { from: 0, to: 9 })]).toEqual(['a']);
    expect([...possible(timeline, { from: 0, to: 10 })]).toEqual(['a', 'b']);
    expect([...possible(timeline, { from: 20, to: 29 })]).toEqual(['b']);
    expect([...possible(timeline, { from: 25, to: 35 })]).toEqual(['b', 'c']);
    expect([...possible(timeline, { from: 30, to: 40 })]).toEqual(['c']);
  });

  it('knows the bounds of what only grows, in whatever order it was asked for', () => {
    const timeline = {
      ...timelineOf(0),
      changes: [
        { value: 5, from: 0, to: 20 },
        { value: 3, from: 1, to: 4 },
        { value: 9, from: 30, to: 40 },
      ],
    };
    expect(leastIn(timeline, { from: 5, to: 50 })).toBe(3);
    expect(leastIn(timeline, { from: 20, to: 50 })).toBe(5);
    expect(mostIn(timeline, { from: 0, to: 29 })).toBe(5);
    expect(mostIn(timeline, { from: 0, to: 30 })).toBe(9);
  });
});

/** Each makes it so right after the message. */
const leaks: readonly (readonly [string, (made: World) => void])[] = [
  ['the text of a deleted message', (w: World) => void w.message.isDeleted.changes.push(certain(true, 1))],
  [
    'a text where only the sender is wanted',
    (w: World) => void w.bob.preview.changes.push(certain('SENDER', 1)),
  ],
  ['a name where nothing is wanted', (w: World) => void w.bob.preview.changes.push(certain('NOTHING', 1))],
  ['anything to who was removed', (w: World) => void w.seat.isMember.changes.push(certain(false, 1))],
  [
    'anything where they have signed out',
    (w: World) => void w.device.isRegistered.changes.push(certain(false, 1)),
  ],
];

describe('the oracle', () => {
  it('finds nothing wrong where everything due was told once, and says how late it was', () => {
    const { say, push, judged } = world();
    say(1, 0);
    push(1, 4_100);
    expect(judged()).toMatchObject({
      due: 1,
      sent: 1,
      missed: 0,
      unwanted: 0,
      p99DelayMs: 4_000,
      findings: [],
    });
  });

  it('takes a note of a newer message for one of all before it', () => {
    const { say, push, judged } = world();
    say(1, 0);
    say(2, 1_000);
    push(2, 4_100);
    expect(judged()).toMatchObject({ due: 2, sent: 1, missed: 0 });
  });

  it('finds what was never told, told too late, or told to another device', () => {
    const never = world();
    never.say(1, 0);
    expect(never.judged()).toMatchObject({ due: 1, missed: 1 });
    const late = world();
    late.say(1, 0);
    late.push(1, minute + 200);
    expect(late.judged()).toMatchObject({ due: 1, missed: 1 });
    const elsewhere = world();
    elsewhere.say(1, 0);
    elsewhere.push(1, 4_000, { address: 'https://push.example/2' });
    expect(elsewhere.judged()).toMatchObject({ due: 1, missed: 1, sent: 0 });
  });

  it('does not call missed what there was no time to tell', () => {
    const { say, judged } = world();
    say(1, 0);
    expect(judged(30_000)).toMatchObject({ due: 1, missed: 0 });
  });

  it('finds a note without a message', () => {
    const { push, judged } = world();
    push(1, 4_000);
    expect(judged()).toMatchObject({ unwanted: 1 });
  });

  it('finds a second notification beside the first, and none where it took its place', () => {
    const { say, push, judged } = world();
    say(1, 0);
    push(1, 4_000);
    push(1, 30_000);
    expect(judged()).toMatchObject({ doubled: 0, sent: 2 });
    push(1, 40_000, { slot: 'another' });
    expect(judged()).toMatchObject({ doubled: 1 });
  });

  it('finds what still stands although it was read long before', () => {
    const { say, push, seat, judged } = world();
    say(1, 0);
    push(1, 4_000);
    seat.read.changes.push(certain(1, 20_000));
    expect(judged()).toMatchObject({ uncleared: 1 });
    push(1, 25_000, { note: { kind: 'clear', channelId, number: 1 } });
    expect(judged()).toMatchObject({ uncleared: 0, missed: 0 });
  });

  it.for(leaks)('finds a leak: %s', ([, make]) => {
    const made = world();
    make({ ...made, message: made.say(1, 0) });
    made.push(1, minute);
    expect(made.judged()).toMatchObject({ leaked: 1 });
  });

  it('finds the text of another message', () => {
    const { say, push, judged } = world();
    say(1, 0);
    push(1, 4_000, {
      note: { kind: 'message', channelId, seq: 2, number: 1, names: ['Ann'], text: 'other' },
    });
    expect(judged()).toMatchObject({ leaked: 1 });
  });
});

type World = ReturnType<typeof world> & { readonly message: Message };

/** Each makes it so from before the message on, for good. */
const stoppers: readonly (readonly [string, (made: World) => void])[] = [
  ['it is muted', ({ seat }) => void seat.isMuted.changes.push(certain(true, -1))],
  ['it is archived', ({ seat }) => void seat.isArchived.changes.push(certain(true, -1))],
  ['they want nothing of the channel', ({ seat }) => void seat.level.changes.push(certain('NOTHING', -1))],
  ['they want replies of the channel', ({ seat }) => void seat.level.changes.push(certain('REPLIES', -1))],
  ['they want nothing', ({ bob }) => void bob.level.changes.push(certain('NOTHING', -1))],
  ['they want replies', ({ bob }) => void bob.level.changes.push(certain('REPLIES', -1))],
  ['they are not to be disturbed', ({ bob }) => void bob.doNotDisturb.changes.push(certain(true, -1))],
  ['they have blocked the author', ({ bob }) => void bob.blocks.set('ann', timelineOf(true))],
  ['it is read', ({ seat }) => void seat.read.changes.push(certain(1, 200))],
  [
    'they are active and have it',
    ({ device, seat }) => {
      device.activity.changes.push(certain('active', -1));
      seat.delivered.changes.push(certain(1, 200));
    },
  ],
];

describe('what is not to be told', () => {
  it.for(stoppers)('%s', ([, make]) => {
    const made = world();
    make({ ...made, message: made.say(1, 0) });
    expect(made.judged()).toMatchObject({ due: 0, missed: 0 });
    made.push(1, minute);
    expect(made.judged()).toMatchObject({ unwanted: 1 });
  });

  it('nobody can say of while it changes', () => {
    const { say, push, seat, judged } = world();
    say(1, 0);
    seat.isMuted.changes.push({ value: true, from: -1, to: Number.POSITIVE_INFINITY });
    push(1, minute);
    expect(judged()).toMatchObject({ due: 0, missed: 0, unwanted: 0, undecided: 1 });
  });

  it('a reply comes through where they want replies', () => {
    const made = world();
    const message = made.say(1, 0, { repliesTo: 'bob' });
    made.seat.level.changes.push(certain('REPLIES', -1));
    const { device, bob: person } = made;
    const asked = { history: { blind: [] }, message, person, device, span: { from: 0, to: minute } };
    expect(duenessOf(asked)).toBe('always');
    made.seat.isMuted.changes.push(certain(true, -1));
    expect(duenessOf(asked)).toBe('never');
    made.bob.mutedReplies.changes.push(certain(true, -1));
    expect(duenessOf(asked)).toBe('always');
    expect(duenessOf({ ...asked, history: { blind: [{ from: 1, to: 2 }] } })).toBe('unclear');
  });
});
