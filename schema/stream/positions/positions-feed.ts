import type { ChannelId } from '../../ids.ts';
import type { MovedPositions, Positions } from '../../ports/positions.ts';
import type { CursorCodec } from '../cursor.ts';
import type { PositionsDelivery } from '../delivery.ts';
import type { PositionsHint as Hint } from '../hint.ts';

/** Moves that are kept: a reader further behind asks the store. */
const keptMoves = 64;
/** One write of positions, as a hint tells it. */
type Move = Hint['positions'];

/** What a reader is to be told, and up to which version it knows everything then. */
export type Behind = { readonly version: number; readonly delivery: PositionsDelivery | undefined };

/**
 * The positions of one channel in this process, by version, compacted: a reader is told who moved since it was told last, not how
 * often. What it says is one object for all readers at the same place.
 */
export interface PositionsFeed {
  /** The newest that was heard of. */
  readonly version: number;
  /** Undefined when there is nothing. Rejects when the store is to be asked and does not answer. */
  behind(version: number): Promise<Behind | undefined>;
  onHint(move: Move): void;
  /** The log went on, and somebody's position may have with it: what was made of an earlier moment is not handed out any more. */
  onLog(): void;
  /** The version, as somebody read it when this one was known already. A smaller one is of a store that went back. */
  onTruth(found: number, known: number): void;
}

type Settings = {
  readonly channelId: ChannelId;
  readonly epoch: number;
  readonly version: number;
  readonly positions: Pick<Positions, 'movedAfter'>;
  readonly codec: CursorCodec;
  readonly onNews: () => void;
  /** The store went back: nothing here is true any more. */
  readonly onLost: () => void;
};

export function createPositionsFeed({
  channelId,
  epoch,
  positions,
  codec,
  onNews,
  onLost,
  ...from
}: Settings): PositionsFeed {
  let { version } = from;
  /** Without a gap, up to `version`; empty behind one. */
  let moves: Move[] = [];
  /** What was made for readers that are at a version, since the last move, or the last event of the log. */
  const made = new Map<number, Behind>();
  const reads = new Map<number, Promise<Behind>>();

  function moveTo(newVersion: number, kept: Move[]): void {
    version = newVersion;
    moves = kept.slice(-keptMoves);
    made.clear();
    reads.clear(); // what is on its way may be too early for this
    onNews();
  }

  const behindOf = ({ version: upTo, at, memberIds }: Move): Behind => ({
    version: upTo,
    delivery:
      memberIds.length === 0
        ? undefined
        : Object.freeze({
            ...({ type: 'positions', isShared: true, channelId, memberIds, at } as const),
            eventId: `${epoch}.${channelId}.p${upTo}`,
            cursor: codec.positions(epoch, channelId, upTo),
          }),
  });

  function fromKept(after: number): Behind | undefined {
    const since = moves.filter((move) => move.version > after);
    const newest = since.at(-1);
    if (newest === undefined || since[0]?.version !== after + 1) return undefined;
    return behindOf({ ...newest, memberIds: [...new Set(since.flatMap(({ memberIds }) => memberIds))] });
  }

  async function read(after: number): Promise<Behind> {
    const found: MovedPositions = await positions.movedAfter(channelId, after);
    if (found.version > version) moveTo(found.version, []);
    if (found.version <= after) onLost();
    return behindOf(found);
  }

  function readOnce(after: number): Promise<Behind> {
    const reading =
      reads.get(after) ??
      read(after).finally(() => {
        if (reads.get(after) === reading) reads.delete(after);
      });
    reads.set(after, reading);
    return reading;
  }

  return {
    get version() {
      return version;
    },
    async behind(after) {
      if (after >= version) return undefined;
      const known = made.get(after) ?? fromKept(after);
      if (known === undefined) return readOnce(after);
      made.set(after, known);
      return known;
    },
    onHint(move) {
      if (move.version > version)
        moveTo(move.version, move.version === version + 1 ? [...moves, move] : [move]);
    },
    onLog: () => made.clear(),
    onTruth(found, known) {
      if (found > version) moveTo(found, []);
      else if (found < known) onLost();
    },
  };
}
