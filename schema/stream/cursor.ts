import { crc32 } from 'node:zlib';
import { chatError } from '../errors.ts';
import { type ChannelId, channelIdOf, rowIdOf, type Seq, type UserId } from '../ids.ts';

/** A place in one feed. Of two epochs the newer counts. */
export type Place = { readonly epoch: number; readonly at: number };

/** Where a viewer is in every feed. */
export type Position = { readonly feed: Place; readonly channels: ReadonlyMap<ChannelId, Place> };

/**
 * Encodes and decodes cursors: `format, kind, epoch, …, CRC-32`, binary, base64url. The checksum is seeded with the
 * installation, for complete cursors with the viewer too, so damage, another installation and another viewer are all noticed.
 * A cursor carries no authority: whatever it names is authorised again.
 */
export interface CursorCodec {
  /** One place in one channel: what a single event carries. */
  channel(epoch: number, channelId: ChannelId, seq: Seq): string;
  /** One place in the user feed. */
  feed(epoch: number, userId: UserId, version: number): string;
  /** Every place: what a checkpoint carries. */
  complete(
    userId: UserId,
    sent: {
      readonly epoch: number;
      readonly feed: number;
      readonly channels: Iterable<readonly [ChannelId, Seq]>;
    },
  ): string;
  /** The maximum per place of a list with at least one complete cursor. Throws `BAD_USER_INPUT` otherwise. */
  merge(userId: UserId, cursors: readonly string[]): Position;
}

const format = 1;
const kinds = { channel: 1, feed: 2, complete: 3 } as const;
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
    crc32(kind === kinds.channel ? installation : installation + userId);

  function seal(kind: number, userId: string, numbers: readonly number[]): string {
    const bytes = [format, kind];
    for (const number of numbers) writeNumber(bytes, number);
    const body = Uint8Array.from(bytes);
    const sealed = Buffer.alloc(body.length + 4);
    sealed.set(body);
    sealed.writeUInt32BE(crc32(body, seedOf(kind, userId)), body.length);
    return sealed.toString('base64url');
  }

  function open(userId: UserId, cursor: string): { kind: number; numbers: readonly number[] } {
    const sealed = Buffer.from(cursor, 'base64url');
    if (sealed.toString('base64url') !== cursor) throw damaged(); // decoding passes over what it does not know
    const body = sealed.subarray(0, -4);
    const [found, kind] = body;
    if (found !== format || kind === undefined) throw damaged();
    if (sealed.readUInt32BE(body.length) !== crc32(body, seedOf(kind, userId))) throw damaged();
    return { kind, numbers: readNumbers(body.subarray(2)) };
  }

  return {
    channel: (epoch, channelId, seq) => seal(kinds.channel, '', [epoch, rowNumber(channelId), seq]),
    feed: (epoch, userId, version) => seal(kinds.feed, userId, [epoch, version]),
    complete: (userId, { epoch, feed, channels }) =>
      seal(kinds.complete, userId, [
        epoch,
        feed,
        ...[...channels].flatMap(([id, seq]) => [rowNumber(id), seq]),
      ]),
    merge(userId, cursors) {
      if (cursors.length > maxCursors) throw chatError('BAD_USER_INPUT', `At most ${maxCursors} cursors.`);
      const merged = createMerge();
      for (const cursor of cursors) merged.add(open(userId, cursor));
      return merged.position();
    },
  };
}

const rowNumber = (channelId: ChannelId) => Number(rowIdOf.channel(channelId));

const newer = (a: Place | undefined, b: Place): Place =>
  a !== undefined && (a.epoch > b.epoch || (a.epoch === b.epoch && a.at >= b.at)) ? a : b;

function createMerge() {
  let feed: Place | undefined;
  let isComplete = false;
  const channels = new Map<ChannelId, Place>();
  const addPlaces = (epoch: number, pairs: readonly number[]) => {
    for (let i = 0; i + 1 < pairs.length; i += 2) {
      const channelId = channelIdOf(BigInt(pairs[i] ?? 0));
      channels.set(channelId, newer(channels.get(channelId), { epoch, at: pairs[i + 1] ?? 0 }));
    }
  };
  return {
    add({ kind, numbers: [epoch = 0, ...rest] }: { kind: number; numbers: readonly number[] }) {
      if (kind === kinds.channel) return addPlaces(epoch, rest);
      feed = newer(feed, { epoch, at: rest[0] ?? 0 });
      if (kind !== kinds.complete) return;
      isComplete = true;
      addPlaces(epoch, rest.slice(1));
    },
    position(): Position {
      if (!isComplete || feed === undefined) throw incomplete();
      return { feed, channels };
    },
  };
}
