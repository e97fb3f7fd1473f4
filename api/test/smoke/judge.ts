import {
  type DeviceHistory,
  type History,
  type Log,
  type LogEntry,
  lastTextOf,
  type Sent,
} from './history.ts';
import { unreadDriftOf } from './recount.ts';
import { leakedTo, skippedBy, stayAt } from './stays.ts';

/** How often each promise was broken. */
export type Judgement = {
  /** Acknowledged, but not in the log at the acknowledged number: by history, or in the database. */
  readonly lost: number;
  /**
   * In the log twice by one (author, nonce), or once by nobody. Or an event that came twice to a device although what the
   * device passed when it subscribed covered it, or twice within one subscription.
   */
  readonly duplicated: number;
  /**
   * A device saw a channel's numbers out of order; the messages of one device are in the log in another order than it sent
   * them; or one that was sent after another was acknowledged has the smaller number.
   */
  readonly reordered: number;
  /** A device that ended caught up lacks a message of the log, said while its person was there. */
  readonly skipped: number;
  /** A reset, although nothing was restored and far fewer than 1,000 events were missed. */
  readonly unexpectedResets: number;
  /**
   * In the end somebody is shown another count of unread messages, or another position of somebody, than what was said and read comes
   * to; or a device saw a position go back.
   */
  readonly unreadDrift: number;
  /** A device got something of a channel from a time at which its person was not in it. */
  readonly leaked: number;
};

/** Compares what people were told with what the log says. Pure: the same history always gives the same judgement. */
export function judge(history: History): Judgement {
  const { sent, devices, byHistory, byDatabase } = history;
  return {
    lost: sent.filter((message) => isLost(message, byHistory) || isLost(message, byDatabase)).length,
    duplicated:
      Math.max(twiceInLog(byHistory, sent), twiceInLog(byDatabase, sent)) + sum(devices.map(repeatedTo)),
    reordered:
      sum(devices.map((device) => outOfOrderFor(device, history))) +
      overtaken(sent) +
      sentLaterButEarlier(sent),
    skipped: sum(devices.map((device) => skippedBy(device, history))),
    unexpectedResets: sum(devices.map(({ steps }) => steps.filter(({ type }) => type === 'reset').length)),
    unreadDrift: unreadDriftOf(history),
    leaked: sum(devices.map((device) => leakedTo(device, history))),
  };
}

/** No promise was broken. */
export const isClean = (judgement: Judgement): boolean =>
  Object.values(judgement).every((count) => count === 0);

/** How many messages came to devices, repeats not counted. */
export const deliveredTo = (devices: readonly DeviceHistory[]): number =>
  sum(
    devices.map(({ steps }) => new Set(steps.flatMap((s) => (s.type === 'message' ? [s.eventId] : []))).size),
  );

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function groupBy<T>(things: readonly T[], keyOf: (thing: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const group = groups.get(keyOf(thing)) ?? [];
    groups.set(keyOf(thing), group);
    group.push(thing);
  }
  return groups;
}

function isLost(message: Sent, log: Log): boolean {
  const { acknowledged, channelId, authorId, nonce } = message;
  if (acknowledged === undefined) return false;
  const text = lastTextOf(message);
  const isIt = (entry: LogEntry) =>
    entry.number === acknowledged.number &&
    entry.authorId === authorId &&
    entry.text === text &&
    (entry.nonce ?? nonce) === nonce;
  return !(log.get(channelId) ?? []).some(isIt);
}

/** Entries beyond the one that each send may have. Texts are all different, so they stand for (author, nonce), until they are gone. */
function twiceInLog(log: Log, sent: readonly Sent[]): number {
  const keyOf = (...parts: readonly (string | null)[]) => JSON.stringify(parts);
  const expected = new Map<string, number>();
  for (const message of sent) {
    const key = keyOf(message.channelId, message.authorId, lastTextOf(message));
    expected.set(key, (expected.get(key) ?? 0) + 1);
  }
  let beyond = 0;
  for (const [channelId, entries] of log)
    for (const { authorId, text } of entries) {
      const key = keyOf(channelId, authorId, text);
      const left = expected.get(key) ?? 0;
      if (left === 0) beyond += 1;
      else expected.set(key, left - 1);
    }
  return beyond;
}

/**
 * A repeat is legal once per subscription, and only of what the device did not say it had. A marker covers what its subscription
 * began with and has brought since: one that comes in the middle of a replay knows nothing of what an earlier subscription
 * brought beyond the marker before.
 */
function repeatedTo({ steps, keeps }: DeviceHistory): number {
  const seen = new Set<string>();
  let sinceSubscribed = new Set<string>();
  let covered = new Set<string>();
  let byMarker = new Set<string>();
  let repeats = 0;
  for (const step of steps) {
    if (step.type === 'subscribed') {
      covered = new Set(keeps === 'newest marker' ? byMarker : seen);
      sinceSubscribed = new Set();
    }
    if (step.type === 'marker') byMarker = new Set([...covered, ...sinceSubscribed]);
    if (step.type !== 'message') continue;
    if (covered.has(step.eventId) || sinceSubscribed.has(step.eventId)) repeats += 1;
    for (const events of [seen, sinceSubscribed]) events.add(step.eventId);
  }
  return repeats;
}

/**
 * Within one subscription numbers only grow; what is new to the device also grows over all of them, as long as its person stays. Who
 * lagged when they were removed and added back is brought to the new joining, and an older cursor brings the rest of the old stay.
 */
function outOfOrderFor({ steps, userId }: DeviceHistory, { stays }: Pick<History, 'stays'>): number {
  const seen = new Set<string>();
  const newest = new Map<string, number>();
  let newestHere = new Map<string, number>();
  let wrong = 0;
  for (const step of steps) {
    if (step.type === 'subscribed') newestHere = new Map();
    if (step.type !== 'message') continue;
    const { eventId, channelId, number } = step;
    const stay = `${channelId} ${stayAt(stays, { ...step, userId })?.joinedSeq}`;
    const isRepeat = seen.has(eventId);
    const isAgain = isRepeat && number === newestHere.get(channelId); // told as a repeat already
    if (!isAgain && number <= (newestHere.get(channelId) ?? 0)) wrong += 1;
    else if (!isRepeat && number <= (newest.get(stay) ?? 0)) wrong += 1;
    seen.add(eventId);
    newestHere.set(channelId, Math.max(number, newestHere.get(channelId) ?? 0));
    newest.set(stay, Math.max(number, newest.get(stay) ?? 0));
  }
  return wrong;
}

/** Messages of one device in one channel that have a smaller number than one it sent before them. `sent` is in the order of sending. */
function overtaken(sent: readonly Sent[]): number {
  const lanes = groupBy(sent, ({ device, channelId }) => `${device} ${channelId}`);
  return sum(
    [...lanes.values()].map((lane) => {
      let newest = 0;
      let wrong = 0;
      for (const { acknowledged } of lane) {
        if (acknowledged === undefined) continue;
        if (acknowledged.number < newest) wrong += 1;
        newest = Math.max(newest, acknowledged.number);
      }
      return wrong;
    }),
  );
}

/** Messages with a larger number that were acknowledged before one with a smaller number was sent. */
function sentLaterButEarlier(sent: readonly Sent[]): number {
  const channels = groupBy(sent, ({ channelId }) => channelId);
  return sum(
    [...channels.values()].map((messages) => {
      const byNumber = messages
        .flatMap(({ at: sentAt, acknowledged }) =>
          sentAt === undefined || acknowledged === undefined
            ? []
            : [{ sentAt, acknowledgedAt: acknowledged.at, number: acknowledged.number }],
        )
        .sort((a, b) => b.number - a.number);
      let earliest = Number.POSITIVE_INFINITY;
      let wrong = 0;
      for (const { sentAt, acknowledgedAt } of byNumber) {
        if (earliest < sentAt) wrong += 1;
        earliest = Math.min(earliest, acknowledgedAt);
      }
      return wrong;
    }),
  );
}
