import type { Seq, UserId } from '../../ids.ts';
import type { EventKind, LogEvent, MemberChange } from '../event.ts';

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

/** What a message says after the change at `revision`, by what was said when it was sent and changed. */
export function textAt(
  log: readonly LogEvent[],
  message: { readonly seq: Seq; readonly revision: Seq },
  said: (seq: Seq) => string | undefined,
): string | null | undefined {
  const isAbout = (event: LogEvent, kind: EventKind) =>
    event.kind === kind && event.refSeq === message.seq && event.seq <= message.revision;
  if (log.some((event) => isAbout(event, 'message.deleted'))) return null;
  const edit = log.findLast((event) => isAbout(event, 'message.edited'));
  return said(edit?.seq ?? message.seq);
}
