import type { ChannelId, Seq, UserId } from '../ids.ts';
import { maxPage } from '../ports/event-log.arguments.ts';
import type { EventLog, Head } from '../ports/event-log.ts';
import type { Membership, Memberships } from '../ports/memberships.ts';
import type { CursorCodec, Place, Position } from './cursor.ts';
import { joinedSeqOf } from './intervals.ts';

/** What a device said before that it holds (nothing yet: undefined), and what it says now. */
export type Claim = { readonly before: string | undefined; readonly cursors: readonly string[] };

/** What that comes to. */
export type Acknowledged = {
  /** Complete: everything that was said, now and before, of channels that the user is in. */
  readonly cursor: string;
  /** Where the device holds more than is stored so far: up to which message. */
  readonly delivered: ReadonlyMap<ChannelId, number>;
};

type Log = Pick<EventLog, 'heads' | 'outlines' | 'read'>;
type Stores = {
  readonly memberships: Pick<Memberships, 'of'>;
  readonly log: Log;
  readonly codec: CursorCodec;
};

/** Twice as many as somebody can be in: with more of them it is time to look which of these channels they have left. */
const mostChannels = 2_000;

/**
 * See `Stream.acknowledge`. What says nothing new costs no read, and a channel that somebody names without being in it is
 * left out as if it did not exist.
 */
export async function acknowledge(
  { memberships, log, codec }: Stores,
  userId: UserId,
  { before, cursors }: Claim,
): Promise<Acknowledged> {
  const held = before === undefined ? undefined : codec.merge(userId, [], before);
  const claimed = codec.merge(userId, cursors, before);
  const advanced = idsIn(claimed).filter((id) => !isSame(held, claimed, id));
  if (before !== undefined && advanced.length === 0 && isSamePlace(held?.feed, claimed.feed))
    return { cursor: before, delivered: new Map() };
  const looksAtAll = claimed.channels.size > mostChannels || epochsIn(claimed).size > 1;
  const asked = looksAtAll ? idsIn(claimed) : advanced;
  const members = new Map((await memberships.of(userId, asked)).filter(isPresent).map(byChannel));
  const kept = without(claimed, new Set(asked.filter((id) => !members.has(id))));
  const { epoch, heads } = await log.heads(advanced.filter((id) => members.has(id)));
  const versionOf = (id: ChannelId) => members.get(id)?.progress.version;
  const bounded = {
    feed: kept.feed,
    channels: within(kept.channels, held?.channels, { epoch, endOf: (id) => heads.get(id)?.head }),
    positions: within(kept.positions, held?.positions, { epoch, endOf: versionOf }),
  };
  const places = [...heads].flatMap(([id, head]) => {
    const place = bounded.channels.get(id);
    return place?.epoch === epoch ? [{ channelId: id, seq: place.at, head }] : [];
  });
  const numbers = await numbersAt(log, places);
  const isNew = ([id, number]: readonly [ChannelId, number]) =>
    number > (members.get(id)?.progress.counters.deliveredNumber ?? 0);
  return { cursor: sealed(codec, userId, bounded), delivered: new Map([...numbers].filter(isNew)) };
}

const idsIn = ({ channels, positions }: Position) => [...new Set([...channels.keys(), ...positions.keys()])];
const isPresent = (membership: Membership) => joinedSeqOf(membership) !== undefined;
const byChannel = (membership: Membership) => [membership.channelId, membership] as const;

const isSamePlace = (a: Place | undefined, b: Place | undefined) => a?.epoch === b?.epoch && a?.at === b?.at;
const isSame = (a: Position | undefined, b: Position, id: ChannelId) =>
  isSamePlace(a?.channels.get(id), b.channels.get(id)) &&
  isSamePlace(a?.positions.get(id), b.positions.get(id));

const epochsIn = ({ feed, channels, positions }: Position) =>
  new Set([feed, ...channels.values(), ...positions.values()].map(({ epoch }) => epoch));

const without = ({ feed, channels, positions }: Position, left: ReadonlySet<ChannelId>): Position => ({
  feed,
  channels: new Map([...channels].filter(([id]) => !left.has(id))),
  positions: new Map([...positions].filter(([id]) => !left.has(id))),
});

type Places = ReadonlyMap<ChannelId, Place>;
/** Where a feed ends in the store; undefined where nobody has looked. */
type Ends = { readonly epoch: number; readonly endOf: (id: ChannelId) => number | undefined };

/**
 * Nobody holds what is not in the store. A place beyond its end says nothing, so what was held before stands: a cursor names one
 * for a channel that its reader is still to be told of, because the store went back.
 */
function within(claimed: Places, held: Places | undefined, { epoch, endOf }: Ends): Places {
  const isWithin = (id: ChannelId, place: Place) =>
    place.epoch !== epoch || place.at <= (endOf(id) ?? Number.POSITIVE_INFINITY);
  const bounded = [...claimed].map(([id, place]): [ChannelId, Place] => {
    if (isWithin(id, place)) return [id, place];
    const before = held?.get(id);
    return [id, before !== undefined && isWithin(id, before) ? before : { epoch, at: 0 }];
  });
  return new Map(bounded);
}

/**
 * As a cursor, which has one epoch. While parts of it are of an older one, all of it is: too low a cursor is safe, and the client is
 * told once more what was restored.
 */
function sealed(codec: CursorCodec, userId: UserId, position: Position): string {
  const epoch = Math.min(...epochsIn(position));
  const at = (place: Place | undefined) => (place?.epoch === epoch ? place.at : 0);
  const channels = [...position.channels]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, place]) => [id, at(place), at(position.positions.get(id))] as const);
  return codec.complete(userId, { epoch, feed: at(position.feed), channels });
}

type LogPlace = { readonly channelId: ChannelId; readonly seq: Seq; readonly head: Head };

/** How many messages there were at each of these places. Mostly they are ends of logs, or messages. */
async function numbersAt(log: Log, places: readonly LogPlace[]): Promise<Map<ChannelId, number>> {
  const numbers = new Map<ChannelId, number>();
  const inside: LogPlace[] = [];
  for (const place of places)
    if (place.seq >= place.head.head) numbers.set(place.channelId, place.head.messageCount);
    else if (place.seq > 0) inside.push(place);
  for (let from = 0; from < inside.length; from += maxPage) {
    const part = inside.slice(from, from + maxPage);
    const found = await log.outlines(
      part.map(({ channelId, seq }) => ({ channelId, after: seq - 1, upTo: seq })),
    );
    for (const [index, { channelId, seq }] of part.entries()) {
      const event = found[index]?.[0] ?? (await log.read(channelId, seq - 1, 1))[0];
      if (event !== undefined) numbers.set(channelId, event.number);
    }
  }
  return numbers;
}
