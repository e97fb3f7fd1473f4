import type { Seq, UserId } from '../../ids.ts';
import type { LogEvent, MemberChange } from '../event.ts';

/** A stretch of a log that somebody may see, both ends included. */
export type Stretch = { readonly from: Seq; readonly to: Seq };

/** Whose coming or going this event is; undefined for all other events. */
export function memberIn({ kind, body }: LogEvent): UserId | undefined {
  if (kind !== 'member.added' && kind !== 'member.removed') return undefined;
  const { userId }: MemberChange = JSON.parse(body);
  return userId;
}

/** What of a log somebody may see, by the log alone. */
export function stretchesOf(log: readonly LogEvent[], userId: UserId): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let from: Seq | undefined;
  for (const event of log) {
    if (memberIn(event) !== userId) continue;
    if (event.kind === 'member.added') from ??= event.seq;
    else if (from !== undefined) {
      stretches.push({ from, to: event.seq });
      from = undefined;
    }
  }
  if (from !== undefined) stretches.push({ from, to: Number.POSITIVE_INFINITY });
  return stretches;
}

export const isSeen = (stretches: readonly Stretch[], seq: Seq) =>
  stretches.some(({ from, to }) => from <= seq && seq <= to);

/** The first seq behind this one that may be seen, whether it exists yet or not. */
export function nextSeen(stretches: readonly Stretch[], seq: Seq): Seq | undefined {
  const next = stretches.find(({ to }) => to > seq);
  return next && Math.max(seq + 1, next.from);
}

/** The edits and deletions in a log, by the message that they are about, in order. */
export function changesIn(log: readonly LogEvent[]): ReadonlyMap<Seq, readonly LogEvent[]> {
  const changes = new Map<Seq, LogEvent[]>();
  for (const event of log) {
    if (event.kind !== 'message.edited' && event.kind !== 'message.deleted') continue;
    const about = event.refSeq ?? 0;
    changes.set(about, [...(changes.get(about) ?? []), event]);
  }
  return changes;
}

/** What a message says after the change at `revision`, by what was said when it was sent and changed. */
export function textAt(
  changes: readonly LogEvent[],
  message: { readonly seq: Seq; readonly revision: Seq },
  said: (seq: Seq) => string | undefined,
): string | null | undefined {
  const until = changes.filter(({ seq }) => seq <= message.revision);
  if (until.some(({ kind }) => kind === 'message.deleted')) return null;
  return said(until.at(-1)?.seq ?? message.seq);
}
