import type { Delivered, Marked, Reset, Subscribed } from '../history.ts';
import type { Book } from './book.ts';
import { strangenessOf } from './delivered.ts';
import { type Channel, staysIn } from './logs.ts';
import { inside } from './ordered.ts';
import { advance, type Place } from './place.ts';
import { countVisible, openStay, stayAt } from './stays.ts';
import type { Note } from './verdict.ts';

type Subscription = {
  readonly attempt: number;
  readonly t: number;
  readonly held: Readonly<Record<string, number>>;
  readonly places: Map<string, Place>;
  /** Channels that its person has left, as it was told. */
  readonly left: Set<string>;
};
type Device = {
  readonly userId: string;
  /** The newest one, and the one before, of which something may still be on its way. */
  subscriptions: readonly Subscription[];
  /** The line in which it began without anything; by channel, where it had to begin again. */
  since: number;
  readonly sinceIn: Map<string, number>;
};

type Walk = { readonly book: Book; readonly note: Note; readonly devices: Map<string, Device> };

/** Where each device began in a channel: what was asked for later, it has to hold in the end. */
export type Beginnings = (device: string, channelId: string) => number;

/** More missed events than this in a channel are not replayed, but reset. */
const mostMissed = 1_000;
/**
 * Whoever has caught up was told of all that is older than this, in milliseconds: a hint may be lost (30 s until the head is looked at),
 * on a server that was stopped for 40 s meanwhile; and what it tells is read by a busy machine.
 */
const stalenessMs = 90_000;

/**
 * What comes to devices, subscription by subscription: `continuity` is a hole, or something out of its order; `duplicated` came again;
 * `authorisation` was of a time at which its person was not there; `phantoms` are not what the log says; `prefixVisibility`: caught up, they
 * say, and something is missing; `unexpectedResets` had no reason.
 */
export function checkStream(book: Book, note: Note): Beginnings {
  const walk: Walk = { book, note, devices: new Map() };
  book.lines.forEach((line, at) => {
    if (line.kind === 'subscribe') subscribe(walk, line, at);
    else if (line.kind === 'delivery') deliver(hereOf(walk, line, at), line);
    else if (line.kind === 'marker' && line.isCaughtUp) catchUp(hereOf(walk, line, at), line);
    else if (line.kind === 'reset') reset(hereOf(walk, line, at), line);
  });
  return (name, channelId) => {
    const device = walk.devices.get(name);
    return device === undefined ? Number.POSITIVE_INFINITY : sinceOf(device, channelId);
  };
}

const sinceOf = ({ since, sinceIn }: Device, channelId: string) =>
  Math.max(since, sinceIn.get(channelId) ?? since);

const deviceOf = (userId: string, since: number): Device => ({
  ...{ userId, subscriptions: [], since, sinceIn: new Map() },
});

function subscribe({ devices }: Walk, line: Subscribed, at: number): void {
  const device = inside(devices, line.device, () => deviceOf(line.userId, at));
  if (Object.keys(line.held).length === 0) {
    device.since = at;
    device.sinceIn.clear();
  }
  begin(device, line);
}

type Here = {
  readonly book: Book;
  readonly note: Note;
  readonly at: number;
  readonly device: Device;
  readonly subscription: Subscription;
};

/** Where a line belongs to. A subscription that nobody spoke of began with nothing just now. */
function hereOf({ book, note, devices }: Walk, line: Delivered | Marked | Reset, at: number): Here {
  const device = inside(devices, line.device, () => deviceOf(book.devices.get(line.device) ?? '', at));
  const known = device.subscriptions.find(({ attempt }) => attempt === line.attempt);
  return { book, note, at, device, subscription: known ?? begin(device, { ...line, held: {} }) };
}

function begin(device: Device, { attempt, t, held }: Pick<Subscribed, 'attempt' | 't' | 'held'>) {
  const subscription: Subscription = { attempt, t, held, places: new Map(), left: new Set() };
  device.subscriptions = [subscription, ...device.subscriptions.slice(0, 1)];
  return subscription;
}

function placeIn({ held, places }: Subscription, channelId: string): Place {
  return inside(places, channelId, () => ({
    at: Object.hasOwn(held, channelId) ? held[channelId] : undefined,
    gaps: [],
  }));
}

function deliver(here: Here, line: Delivered): void {
  const { book, note, device, subscription, at } = here;
  const { channelId, seq, event, userId, t } = line;
  const where = `${channelId} ${seq} to ${line.device}/${line.attempt}`;
  if (seq === 0) {
    // Who is how far has no place in the log. It is nobody's business any more between their own leaving and joining.
    if (event.type === 'position' && subscription.left.has(channelId))
      note('authorisation', `a position in ${where}, who has left`, t);
    return;
  }
  const channel = book.channels.get(channelId);
  const stays = staysIn(channel, userId);
  if (stayAt(stays, seq) === undefined) {
    note('authorisation', `${where}, who was not there`, t);
    return;
  }
  const strange = strangenessOf(channel, line, at);
  if (strange !== undefined) note('phantoms', `${where}: ${strange}`, t);
  const place = placeIn(subscription, channelId);
  const wrong = advance(place, { seq, stays, channel, since: sinceOf(device, channelId) });
  if (wrong !== undefined) note(wrong.row, `${where}: ${wrong.what}`, t);
  const isOwnEnd = (event.type === 'removed' || event.type === 'left') && event.memberUserId === userId;
  if (isOwnEnd) subscription.left.add(channelId);
  else subscription.left.delete(channelId); // whoever is told of the log again is there again
}

/** `CaughtUp`: in each channel of which it is known how far this device is, and whose person is still there. */
function catchUp({ book, note, device, subscription }: Here, line: Marked): void {
  const { held, places, t } = subscription;
  for (const channelId of new Set([...Object.keys(held), ...places.keys()])) {
    const channel = book.channels.get(channelId);
    const { at } = placeIn(subscription, channelId);
    const stay = openStay(staysIn(channel, device.userId));
    const newest = channel?.when.doneBefore(t - stalenessMs) ?? 0;
    if (at === undefined || stay === undefined || newest < stay.joined || at >= newest) continue;
    const what = `${line.device}/${line.attempt} has caught up at ${at} of ${channelId}, without ${newest}`;
    note('prefixVisibility', what, line.t);
  }
}

function reset({ book, note, at, device, subscription }: Here, line: Reset): void {
  const { channelId, t, reason } = line;
  const who = `${line.device}/${line.attempt}`;
  if (channelId === null) {
    if (!book.isRestored) note('unexpectedResets', `everything of ${who}: ${reason}`, t);
    device.since = at;
    device.sinceIn.clear();
    subscription.places.clear();
    return;
  }
  const place = placeIn(subscription, channelId);
  const missed = missedIn(book.channels.get(channelId), device.userId, { after: place.at ?? 0, line: at });
  if (!book.isRestored && missed <= mostMissed)
    note('unexpectedResets', `${channelId} to ${who}: ${reason}, with ${missed} missed at most`, t);
  subscription.places.set(channelId, { at: undefined, gaps: [] });
  device.sinceIn.set(channelId, at);
}

/** How many events a device may have missed at most: of those that may have been there by this line. */
function missedIn(
  channel: Channel | undefined,
  userId: string,
  { after, line }: { readonly after: number; readonly line: number },
): number {
  if (channel === undefined) return 0;
  const newest = channel.head ?? channel.messages.at(-1)?.seq ?? 0;
  const upTo = Math.min(newest, channel.when.firstAskedAfter(line) - 1);
  return countVisible(staysIn(channel, userId), after, upTo);
}
