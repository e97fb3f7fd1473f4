import type { ChannelId, Seq, UserId } from '../../ids.ts';
import type { Delivery, LogDelivery } from '../delivery.ts';
import type { LogEvent } from '../event.ts';
import type { History, Received, Session } from './history.ts';
import { type Logs, nonceWithoutDouble, placeKey } from './store.ts';
import { isSeen, memberIn, nextSeen, type Stretch, stretchesOf } from './truth.ts';

/** What a device knows of one channel. */
type Knowledge = {
  /** Everything up to somewhere between these two: the place of a page that was read is not told. */
  low: Seq;
  high: Seq;
  /** Told that it is over, or never told that it began. */
  isGone: boolean;
  /** The next thing may be a later joining than the next. */
  mayJump: boolean;
  /** Perhaps not in the newest complete cursor: who resumes from that alone begins at the newest joining. */
  isAbsent: boolean;
  /** Who resumes from an older place gets some events again, up to the newest they have. */
  mayRepeat: boolean;
  /** The store went back: what comes before the reset proves nothing. */
  isTainted: boolean;
  /** The newest event of this subscription. */
  inSession: Seq | undefined;
};

export type ReadingFacts = {
  readonly history: History;
  readonly logs: Logs;
  /** More than a reader may replay was missed by somebody. */
  readonly isFlooded: boolean;
};

/** G3 to G7 as each device sees them: its subscriptions one after another, folded. */
export function checkReading(facts: ReadingFacts): string[] {
  const devices = new Set(facts.history.sessions.map(({ device }) => device));
  return [...devices].flatMap((device) => {
    const sessions = facts.history.sessions.filter((session) => session.device === device);
    const problems: string[] = [];
    const reading = createReading(facts, (problem) => problems.push(`${problem} (${device})`));
    for (const session of sessions) reading.take(session);
    // A page that is on its way at the end says nothing.
    const last = sessions.findLast(({ kind, isOpen }) => kind === 'events' || !isOpen);
    if (last) reading.finish(last);
    return problems;
  });
}

function createReading({ history, logs, isFlooded }: ReadingFacts, report: (problem: string) => void) {
  const channelIds = [...logs.keys()];
  let known = new Map<ChannelId, Knowledge>();
  let memberOf = new Set<ChannelId>();
  let losses = 0;
  let session: Session;
  /** The logs at the time: a restore begins new ones. */
  const logOf = (channelId: ChannelId) => (history.lost[losses]?.logs ?? logs).get(channelId) ?? [];
  const kept = new Map<string, readonly Stretch[]>();
  const stretches = (userId: UserId, channelId: ChannelId) => {
    const key = `${losses} ${userId} ${channelId}`;
    const found = kept.get(key) ?? stretchesOf(logOf(channelId), userId);
    kept.set(key, found);
    return found;
  };
  const isRestored = () => history.lost.length > 0;

  const knowledgeOf = (channelId: ChannelId): Knowledge => {
    const found = known.get(channelId) ?? {
      ...{
        low: 0,
        high: Number.POSITIVE_INFINITY,
        isGone: false,
        mayJump: false,
        isAbsent: false,
        mayRepeat: false,
      },
      ...{ isTainted: false, inSession: undefined },
    };
    known.set(channelId, found);
    return found;
  };

  /** The client has read the channel, or all of them, anew. */
  function readAnew(channelId: ChannelId, { heads, channels }: NonNullable<Received['snapshot']>): void {
    const isGone = !channels.has(channelId);
    Object.assign(knowledgeOf(channelId), {
      ...{
        low: 0,
        high: heads.get(channelId) ?? 0,
        isGone,
        mayJump: isGone,
        isAbsent: isGone,
        mayRepeat: false,
      },
      ...{ isTainted: false, inSession: undefined },
    });
  }

  function begin(next: Session): void {
    session = next;
    const isFresh = next.beginning === 'now' || next.beginning === 'sync';
    if (isFresh) known = new Map();
    for (const channelId of channelIds) {
      const knowledge = knowledgeOf(channelId);
      knowledge.inSession = undefined;
      if (next.beginning === 'newest complete') knowledge.mayRepeat = true;
      knowledge.mayJump ||= knowledge.isAbsent && next.beginning === 'newest complete';
    }
    if (next.snapshot) {
      memberOf = new Set(next.snapshot.channels);
      for (const channelId of channelIds) readAnew(channelId, next.snapshot);
      // The snapshot is newer than `syncCursor`, which may not know of a joining that only the snapshot has seen.
      for (const knowledge of known.values()) Object.assign(knowledge, { mayJump: true, isAbsent: true });
    }
  }

  /** What was lost by a restore is not held against the reader: it must be told, and what comes after that must be right. */
  function taintUpTo(at: number): void {
    for (; (history.lost[losses]?.at ?? Number.POSITIVE_INFINITY) < at; losses += 1) {
      const loss = history.lost[losses];
      for (const [channelId, knowledge] of known) {
        const head = loss?.heads.get(channelId) ?? 0;
        // Without a new epoch only a cursor beyond the head tells: not what a query read beyond the cursor.
        if (!knowledge.isGone && (loss?.isNewEpoch || knowledge.low > head)) knowledge.isTainted = true;
        else knowledge.high = Math.min(knowledge.high, head);
      }
    }
  }

  function takeEvent(delivery: LogDelivery): void {
    const { channelId, event } = delivery;
    const knowledge = knowledgeOf(channelId);
    const own = memberIn(event) === session.userId;
    if (own) setMember(channelId, event.kind === 'member.added');
    if (knowledge.isTainted) return;
    const seen = stretches(session.userId, channelId);
    checkTruth(delivery);
    if (!isSeen(seen, event.seq)) report(`G7: ${session.userId} was shown ${channelId}/${event.seq}`);
    checkPlace(event, knowledge, seen);
    Object.assign(knowledge, {
      ...{ low: Math.max(event.seq, knowledge.low), inSession: event.seq, isGone: false, mayJump: false },
      high: Math.max(event.seq, Number.isFinite(knowledge.high) ? knowledge.high : 0),
      mayRepeat: knowledge.mayRepeat && event.seq < knowledge.low,
    });
    if (own && event.kind === 'member.removed') Object.assign(knowledge, { isGone: true, mayJump: true });
  }

  function checkTruth({ channelId, event }: LogDelivery): void {
    const truth = logOf(channelId)[event.seq - 1];
    const isSame = truth?.authorId === event.authorId && truth.kind === event.kind && sameNonce(truth, event);
    if (!isSame) report(`G1: ${placeKey(channelId, event.seq)} is not what was delivered: ${event.nonce}`);
  }

  function checkPlace(
    { seq, kind, ...event }: LogEvent,
    knowledge: Knowledge,
    seen: readonly Stretch[],
  ): void {
    const { low, high, inSession, mayJump, mayRepeat } = knowledge;
    const isJoining = kind === 'member.added' && memberIn({ seq, kind, ...event }) === session.userId;
    const place = `${placeKey(event.channelId, seq)}`;
    if (mayJump && isJoining) return;
    if (inSession !== undefined && nextSeen(seen, inSession) !== seq)
      report(`G5: ${place} follows ${inSession} in one subscription`);
    else if (seq > (nextSeen(seen, high) ?? Number.POSITIVE_INFINITY)) report(`G5: ${place} follows ${high}`);
    else if (seq <= low && !mayRepeat) report(`G5: ${place} is repeated behind ${low}`);
  }

  function setMember(channelId: ChannelId, isMember: boolean): void {
    if (isMember) memberOf.add(channelId);
    else memberOf.delete(channelId);
  }

  function takeReset(delivery: Extract<Delivery, { type: 'sync.reset' }>, received: Received): void {
    const { channelId, reason } = delivery;
    const isJustified = reason === 'TOO_FAR_BEHIND' ? isFlooded : isRestored();
    if (!isJustified) report(`G5: ${channelId} was reset: ${reason}`);
    if (received.snapshot) readAnew(channelId, received.snapshot);
    setMember(channelId, true);
  }

  function takeMembership({ channelId, isMember }: Extract<Delivery, { type: 'viewer.channel' }>): void {
    setMember(channelId, isMember);
    if (isMember) return;
    const knowledge = knowledgeOf(channelId);
    // Dropped, with whatever was lost of it.
    if (knowledge.isTainted) Object.assign(knowledge, { low: 0, high: 0, isTainted: false });
    Object.assign(knowledge, { isGone: true, mayJump: true, inSession: undefined });
  }

  function takeMarker(received: Received): void {
    const { delivery, snapshot } = received;
    if (delivery.type === 'viewer.reset' && !isRestored())
      report(`G5: the viewer was reset: ${delivery.reason}`);
    if (delivery.type !== 'viewer.reset')
      for (const channelId of channelIds) knowledgeOf(channelId).isAbsent = !memberOf.has(channelId);
    if (snapshot === undefined) return;
    memberOf = new Set(snapshot.channels);
    // A channel that one is not in any more needs no reset: it is dropped with the list that is read anew.
    if (delivery.type === 'viewer.reset')
      for (const channelId of channelIds) if (!memberOf.has(channelId)) readAnew(channelId, snapshot);
    if (delivery.type !== 'caught.up') return;
    // Behind "now" it comes from somewhere between the beginning and here.
    for (const channelId of channelIds) {
      const knowledge = knowledgeOf(channelId);
      if (Number.isFinite(knowledge.high)) continue;
      knowledge.high = snapshot.heads.get(channelId) ?? 0;
      knowledge.isGone = !snapshot.channels.has(channelId);
      // What was read then is newer than the cursor: a channel that only the reading has seen begins at its newest joining.
      knowledge.mayJump = true;
    }
  }

  return {
    take(next: Session): void {
      taintUpTo(next.openedAt);
      begin(next);
      for (const received of next.received) {
        taintUpTo(received.at);
        const { delivery } = received;
        if (delivery.type === 'log') takeEvent(delivery);
        else if (delivery.type === 'sync.reset') takeReset(delivery, received);
        else if (delivery.type === 'viewer.channel') takeMembership(delivery);
        else if (['viewer.changed', 'contact.changed', 'positions'].includes(delivery.type)) continue;
        else takeMarker(received);
      }
    },
    /** G6: when all is healed, everybody has everything, and knows where they belong. */
    finish(last: Session): void {
      if (!isCaughtUp(last)) report(`G6: ${last.kind} is not caught up`);
      for (const channelId of channelIds) {
        const { high, isTainted, isGone } = knowledgeOf(channelId);
        const seen = stretches(last.userId, channelId);
        const isMember = seen.at(-1)?.to === Number.POSITIVE_INFINITY;
        const next = nextSeen(seen, high);
        const isComplete = next === undefined || next > logOf(channelId).length;
        if (isTainted && isMember) report(`G5: ${channelId} was restored, and nobody said so`);
        else if (isMember && !isComplete)
          report(`G6: ${placeKey(channelId, next ?? 0)} never came, ${isGone}`);
        if (isMember !== memberOf.has(channelId))
          report(`G7: ${last.userId} ${isMember ? 'is' : 'is not'} in ${channelId}, and does not know`);
      }
    },
  };
}

const isCaughtUp = ({ received, isOpen, kind }: Session) =>
  (isOpen || kind === 'changes') && received.some(({ delivery }) => delivery.type === 'caught.up');

const sameNonce = (a: LogEvent, b: LogEvent) => nonceWithoutDouble(a.nonce) === nonceWithoutDouble(b.nonce);
