import type { DeviceHistory, History, Look, Placed, Seat, Stay } from './history.ts';

/** How far somebody is, and what is unread for them. */
type Counted = {
  readonly readNumber: number;
  readonly deliveredNumber: number;
  readonly unreadCount: number;
};

const keyOf = ({ userId, channelId }: Seat) => `${userId} ${channelId}`;
const countIf = (...wrong: readonly boolean[]) => wrong.filter((isWrong) => isWrong).length;

/**
 * Counts everything once more, message by message, from what was said and read, and compares it with what people are shown at the end,
 * and with what devices were told on the way.
 */
export function unreadDriftOf(history: History): number {
  const counted = countAll(history);
  let drift = 0;
  for (const look of history.looks) drift += driftIn(look, history, counted);
  for (const device of history.devices) drift += wentBackFor(device, history.stays);
  return drift;
}

function driftIn(
  look: Look,
  { aside, markedUnread }: History,
  counted: ReadonlyMap<string, Counted>,
): number {
  const has = (seats: readonly Seat[], seat: Seat) => seats.some((one) => keyOf(one) === keyOf(seat));
  const { userId, channels } = look;
  const own = [...counted].filter(([key]) => key.startsWith(`${userId} `));
  let drift = countIf(own.length !== channels.length);
  let total = 0;
  for (const { channelId, unreadCount, isMarkedUnread, members } of channels) {
    const seat = { userId, channelId };
    const unread = counted.get(keyOf(seat))?.unreadCount;
    if (!has(aside, seat)) total += unread ?? 0;
    drift += countIf(unreadCount !== unread, isMarkedUnread !== has(markedUnread, seat));
    for (const member of members) {
      const right = counted.get(keyOf({ userId: member.userId, channelId }));
      drift += countIf(
        member.readNumber !== right?.readNumber,
        member.deliveredNumber !== right?.deliveredNumber,
      );
    }
  }
  return drift + countIf(look.unreadCount !== total);
}

/** Of everybody who is there at the end. */
function countAll({ stays, devices, marks, byDatabase }: History): Map<string, Counted> {
  const numbers = new Map<string, number>();
  const raise = (key: string, number: number) => numbers.set(key, Math.max(number, numbers.get(key) ?? 0));
  for (const mark of marks) raise(`read ${keyOf(mark)}`, mark.number);
  for (const device of devices)
    for (const [channelId, number] of acknowledgedBy(device))
      raise(`received ${keyOf({ userId: device.userId, channelId })}`, number);

  function count(stay: Stay): Counted {
    const { userId, channelId, joinedNumber } = stay;
    const messages = byDatabase.get(channelId) ?? [];
    const authors = new Map(messages.map(({ number, authorId }) => [number, authorId]));
    let readNumber = Math.max(joinedNumber, numbers.get(`read ${keyOf(stay)}`) ?? 0);
    while (authors.get(readNumber + 1) === userId) readNumber += 1; // who had read everything has read what they wrote next
    const deliveredNumber = Math.max(readNumber, numbers.get(`received ${keyOf(stay)}`) ?? 0);
    const unread = messages.filter(
      ({ number, authorId, text }) => number > readNumber && authorId !== userId && text !== null,
    );
    return { readNumber, deliveredNumber, unreadCount: unread.length };
  }
  return new Map(stays.filter(({ leftSeq }) => leftSeq === null).map((stay) => [keyOf(stay), count(stay)]));
}

/** Up to which message of each channel a device said that it holds everything: by all its cursors, or by its newest marker. */
function acknowledgedBy({ steps, keeps }: DeviceHistory): Map<string, number> {
  const acknowledged = new Map<string, number>();
  /** What the subscription began with and has brought since; and what the newest marker stands for. */
  let held = new Map<string, number>();
  let byMarker = new Map<string, number>();
  for (const step of steps) {
    if (step.type === 'subscribed' && keeps === 'newest marker') held = new Map(byMarker);
    if (step.type === 'marker') byMarker = new Map(held);
    if (step.type === 'message')
      held.set(step.channelId, Math.max(step.number, held.get(step.channelId) ?? 0));
    if (step.type !== 'acknowledged') continue;
    for (const [channelId, number] of keeps === 'newest marker' ? byMarker : held)
      acknowledged.set(channelId, Math.max(number, acknowledged.get(channelId) ?? 0));
  }
  return acknowledged;
}

/** How often a device was told of a smaller position than it knew, while the member stayed. It also knows what a message says of its author. */
function wentBackFor({ steps }: DeviceHistory, stays: readonly Stay[]): number {
  const members = new Map(stays.map((stay) => [keyOf(stay), stay.memberId]));
  const known = new Map<string, { readNumber: number; deliveredNumber: number }>();
  const seen = new Set<string>();
  let back = 0;
  const learn = (memberId: string, { readNumber, deliveredNumber }: Placed) => {
    const before = known.get(memberId) ?? { readNumber: 0, deliveredNumber: 0 };
    const now = { readNumber: readNumber ?? 0, deliveredNumber: deliveredNumber ?? 0 };
    if (now.readNumber < before.readNumber || now.deliveredNumber < before.deliveredNumber) back += 1;
    known.set(memberId, {
      readNumber: Math.max(before.readNumber, now.readNumber),
      deliveredNumber: Math.max(before.deliveredNumber, now.deliveredNumber),
    });
  };
  for (const step of steps) {
    if (step.type === 'positions') for (const place of step.places) learn(place.memberId, place);
    if (!('seq' in step) || seen.has(step.eventId)) continue;
    seen.add(step.eventId);
    if (step.type === 'member') known.delete(step.memberId);
    if (step.type !== 'message' || step.authorId === null) continue;
    const memberId = members.get(keyOf({ userId: step.authorId, channelId: step.channelId })) ?? '';
    const place = known.get(memberId);
    if (place?.readNumber === step.number - 1)
      learn(memberId, {
        readNumber: step.number,
        deliveredNumber: Math.max(step.number, place.deliveredNumber),
      });
  }
  return back;
}
