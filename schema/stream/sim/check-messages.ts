import type { Seq } from '../../ids.ts';
import type { LogEvent } from '../event.ts';
import type { History, MessageSession } from './history.ts';
import { type Logs, placeKey } from './store.ts';
import { isSeen, memberIn, stretchesOf } from './truth.ts';

/** `messageAdded`: the messages that its viewer may see, each once, in order, until the viewer is no member any more. */
export function checkMessages({ messageSessions, lost }: History, logs: Logs): string[] {
  // Numbers have no epoch: until the servers notice a restore, what they show may still be the log that is no more.
  if (lost.some(({ isNewEpoch }) => isNewEpoch)) return [];
  const current = messageSessions.filter(({ generation }) => generation === lost.length);
  return current.flatMap((session) => {
    const log = logs.get(session.channelId) ?? [];
    const seen = stretchesOf(log, session.userId);
    const visible = log.filter(
      ({ kind, seq, number }) => kind === 'message.sent' && isSeen(seen, seq) && number > session.afterNumber,
    );
    const problems = [...outOfStep(session, visible)];
    if (session.hasEnded) problems.push(...badEnd(session, log, visible));
    return problems.map((problem) => `${problem} (${session.device})`);
  });
}

const seqsIn = ({ received }: MessageSession): readonly Seq[] =>
  received.flatMap(({ delivery }) => (delivery.type === 'log' ? [delivery.event.seq] : []));

/** It may stop anywhere, when the connection is cut; up to there it is all of them. */
function* outOfStep(session: MessageSession, visible: readonly LogEvent[]): Iterable<string> {
  for (const [index, seq] of seqsIn(session).entries()) {
    const expected = visible[index]?.seq;
    if (seq === expected) continue;
    yield `G5: messages came with ${placeKey(session.channelId, seq)} instead of ${expected}`;
    return;
  }
}

/** It ends at a removal, and not before everything in front of that has come. */
function* badEnd(
  session: MessageSession,
  log: readonly LogEvent[],
  visible: readonly LogEvent[],
): Iterable<string> {
  const last = seqsIn(session).at(-1) ?? 0;
  const next = visible.find(({ seq }) => seq > last)?.seq ?? Number.POSITIVE_INFINITY;
  const removal = log.find(
    (event) => event.seq > last && event.kind === 'member.removed' && memberIn(event) === session.userId,
  );
  if (removal === undefined || removal.seq > next)
    yield `G5: messages of ${session.channelId} ended behind ${last}, though ${next} comes next`;
}
