import { crc32 } from 'node:zlib';
import { chatError } from '../errors.ts';
import { type ChannelId, channelIdOf, rowIdOf, type Seq, type UserId } from '../ids.ts';

/** A place in one feed. Of two epochs the newer counts. */
export type Place = { readonly epoch: number; readonly at: number };

/** Where a viewer is in every feed: their own, and per channel its log and its positions. */
export type Position = {
  readonly feed: Place;
  readonly channels: ReadonlyMap<ChannelId, Place>;
  readonly positions: ReadonlyMap<ChannelId, Place>;
};

/**
 * Encodes and decodes cursors: `format, kind, epoch, …, CRC-32`, binary, base64url. The checksum is seeded with the
 * installation, for complete cursors with the viewer too, so damage, another installation and another viewer are all noticed.
 * A cursor carries no authority: whatever it names is authorised again.
 */
export interface CursorCodec {
  /** One place in one channel: what a single event carries. */
  channel(epoch: number, channelId: ChannelId, seq: Seq): string;
  /** One place in the positions of one channel. */
  positions(epoch: number, channelId: ChannelId, version: number): string;
  /** One place in the user feed. */
  feed(epoch: number, userId: UserId, version: number): string;
  /** Every place: what a checkpoint carries. */
  complete(
    userId: UserId,
    sent: {
      readonly epoch: number;
      readonly feed: number;
      /** With the version of the positions; without one, that is 0. */
      readonly channels: Iterable<readonly [ChannelId, Seq, number?]>;
    },
  ): string;
  /**
   * The maximum per place of a list, and of one more that was kept here, if any. Throws `BAD_USER_INPUT` when none of them is complete, and
   * for a list that is too long.
   */
  merge(userId: UserId, cursors: readonly string[], kept?: string): Position;
}

const format = 2;
/** Before there were positions: what is complete names two numbers per channel. Clients may still hold some. */
const formatWithoutPositions = 1;
const kinds = { channel: 1, feed: 2, complete: 3, positions: 4 } as const;
/** A client appends one cursor per event and a checkpoint comes every 100 events: ten times that is nobody's honest list. */
const maxCursors = 1_000;

/** LEB128 by arithmetic: positions go beyond 32 bits. */
function writeNumber(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

function readNumbers(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte % 128) * scale;
    scale *= 128;
    if (byte >= 128) continue;
    if (!Number.isSafeInteger(value)) throw damaged();
    numbers.push(value);
    value = 0;
    scale = 1;
  }
  if (scale !== 1) throw damaged();
  return numbers;
}

const damaged = () =>
  chatError('BAD_USER_INPUT', 'This cursor is damaged, or belongs to another viewer or server.');
const incomplete = () =>
  chatError(
    'BAD_USER_INPUT',
    'At least one of these cursors must be complete: one from `CaughtUp`, `Checkpoint`, `changes` or `syncCursor`.',
  );

export function createCursorCodec(installation: string): CursorCodec {
  const seedOf = (kind: number, userId: string) =>
    crc32(kind === kinds.channel || kind === kinds.positions ? installation : installation + userId);

  function seal(kind: number, userId: string, numbers: readonly number[]): string {
    const bytes = [format, kind];
    for (const number of numbers) writeNumber(bytes, number);
    const body = Uint8Array.from(bytes);
    const sealed = Buffer.alloc(body.length + 4);
    sealed.set(body);
    sealed.writeUInt32BE(crc32(body, seedOf(kind, userId)), body.length);
    return sealed.toString('base64url');
  }

  function open(userId: UserId, cursor: string): Opened {
    const sealed = Buffer.from(cursor, 'base64url');
    if (sealed.toString('base64url') !== cursor) throw damaged(); // decoding passes over what it does not know
    const body = sealed.subarray(0, -4);
    const [found, kind] = body;
    if ((found !== format && found !== formatWithoutPositions) || kind === undefined) throw damaged();
    if (sealed.readUInt32BE(body.length) !== crc32(body, seedOf(kind, userId))) throw damaged();
    return { format: found, kind, numbers: readNumbers(body.subarray(2)) };
  }

  return {
    channel: (epoch, channelId, seq) => seal(kinds.channel, '', [epoch, rowNumber(channelId), seq]),
    positions: (epoch, channelId, version) =>
      seal(kinds.positions, '', [epoch, rowNumber(channelId), version]),
    feed: (epoch, userId, version) => seal(kinds.feed, userId, [epoch, version]),
    complete: (userId, { epoch, feed, channels }) =>
      seal(kinds.complete, userId, [
        epoch,
        feed,
        ...[...channels].flatMap(([id, seq, version = 0]) => [rowNumber(id), seq, version]),
      ]),
    merge(userId, cursors, kept) {
      if (cursors.length > maxCursors) throw chatError('BAD_USER_INPUT', `At most ${maxCursors} cursors.`);
      const merged = createMerge();
      for (const cursor of cursors) merged.add(open(userId, cursor));
      if (kept !== undefined) merged.add(open(userId, kept));
      return merged.position();
    },
  };
}

type Opened = { readonly format: number; readonly kind: number; readonly numbers: readonly number[] };

const rowNumber = (channelId: ChannelId) => Number(rowIdOf.channel(channelId));

const newer = (a: Place | undefined, b: Place): Place =>
  a !== undefined && (a.epoch > b.epoch || (a.epoch === b.epoch && a.at >= b.at)) ? a : b;

function createMerge() {
  let feed: Place | undefined;
  let isComplete = false;
  const channels = new Map<ChannelId, Place>();
  const positions = new Map<ChannelId, Place>();
  const add = (places: Map<ChannelId, Place>, channel: number | undefined, place: Place) => {
    const channelId = channelIdOf(BigInt(channel ?? 0));
    places.set(channelId, newer(places.get(channelId), place));
  };
  const addAll = (epoch: number, numbers: readonly number[], perChannel: 2 | 3) => {
    for (let i = 0; i + perChannel <= numbers.length; i += perChannel) {
      add(channels, numbers[i], { epoch, at: numbers[i + 1] ?? 0 });
      // Without positions: from their beginning, which repeats state and does no harm.
      add(positions, numbers[i], { epoch, at: perChannel === 3 ? (numbers[i + 2] ?? 0) : 0 });
    }
  };
  return {
    add({ format: found, kind, numbers: [epoch = 0, ...rest] }: Opened) {
      if (kind === kinds.channel) return add(channels, rest[0], { epoch, at: rest[1] ?? 0 });
      if (kind === kinds.positions) return add(positions, rest[0], { epoch, at: rest[1] ?? 0 });
      feed = newer(feed, { epoch, at: rest[0] ?? 0 });
      if (kind !== kinds.complete) return;
      isComplete = true;
      addAll(epoch, rest.slice(1), found === formatWithoutPositions ? 2 : 3);
    },
    position(): Position {
      if (!isComplete || feed === undefined) throw incomplete();
      return { feed, channels, positions };
    },
  };
}
