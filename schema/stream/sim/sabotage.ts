import type { ChannelId } from '../../ids.ts';
import type { Bus } from '../../ports/bus.ts';
import type { EventLog } from '../../ports/event-log.ts';
import type { Interval, Membership, Memberships } from '../../ports/memberships.ts';
import type { EventDraft, LogEvent } from '../event.ts';
import { channelTopic } from '../hint.ts';
import { joinedSeqOf } from '../intervals.ts';
import type { StreamRules } from '../rules.ts';
import type { Store } from './store.ts';

/** A rule that is broken on purpose: the checker has to notice. */
export type Sabotage = {
  readonly rules?: Partial<StreamRules>;
  /** The hint leaves before the commit. The stream cannot do that, so its log does it. */
  readonly announcesFirst?: true;
  /** `joined_seq` and `left_seq` are filled in without a new version of the user's feed. */
  readonly settlesSilently?: true;
};

/** A log that tells the bus what it is about to commit. */
export function announcingFirst({ log, bus }: { readonly log: EventLog; readonly bus: Bus }, store: Store) {
  const append: EventLog['append'] = async (channelId, drafts, now) => {
    const seq = store.heads().get(channelId) ?? 0;
    const events = drafts.map((draft, index) => foreseen(channelId, draft, { seq: seq + 1 + index, now }));
    bus.publish(channelTopic(channelId), { epoch: store.epoch, events });
    return log.append(channelId, drafts, now);
  };
  return { ...log, append };
}

function foreseen(
  channelId: ChannelId,
  draft: EventDraft,
  { seq, now }: { readonly seq: number; readonly now: number },
): LogEvent {
  const { kind, authorId, nonce, body, refSeq = null } = draft;
  const isMessage = kind.startsWith('message.');
  const message = {
    ...{ channelId, seq: refSeq ?? seq, number: seq, authorId, nonce: nonce.slice(2) },
    ...{ text: kind === 'message.deleted' ? null : body, revision: seq, createdAt: now },
    ...{ replyTo: null, editedAt: null, deletedAt: null },
  };
  return {
    ...{ channelId, seq, number: seq, kind, authorId, nonce, createdAt: now, refSeq },
    body: isMessage ? '' : body,
    message: isMessage ? message : null,
  };
}

type Place = { readonly seq: number; readonly number: number };

/** Rows whose places are filled in without anybody's feed moving. */
export function settlingSilently(store: Store): Store {
  const placeOf = new Map<string, Place>();
  const at = (channelId: ChannelId, version: number | null) =>
    placeOf.get(`${store.generation}/${channelId}/${version}`);
  const filled =
    (channelId: ChannelId) =>
    (interval: Interval): Interval => {
      const [joined, left] = [at(channelId, interval.joinedVersion), at(channelId, interval.leftVersion)];
      return {
        ...interval,
        ...(joined && { joinedSeq: joined.seq, joinedNumber: joined.number }),
        ...(left && { leftSeq: left.seq, leftNumber: left.number }),
      };
    };
  const rowOf = (row: Membership): Membership => ({
    ...row,
    intervals: row.intervals.map(filled(row.channelId)),
  });
  const inner = store.memberships;
  const isPending = async (channelId: ChannelId) =>
    (await memberships.pending(channelId, Number.MAX_SAFE_INTEGER)).length > 0;
  const memberships: Memberships = {
    ...inner,
    async pending(channelId, upTo) {
      const rows = await inner.pending(channelId, upTo);
      return rows.filter(({ version }) => at(channelId, version) === undefined);
    },
    async unsettled(olderThan, limit) {
      const channelIds = await inner.unsettled(olderThan, limit);
      const isLate = await Promise.all(channelIds.map(isPending));
      return channelIds.filter((_, index) => isLate[index]);
    },
    async settle(channelId, placed) {
      for (const { version, seq, number } of placed)
        placeOf.set(`${store.generation}/${channelId}/${version}`, { seq, number });
      return [];
    },
    async feedOf(userId, after) {
      const page = await inner.feedOf(userId, after);
      return { ...page, memberships: page.memberships.map(rowOf) };
    },
    of: async (userId, channelIds) => (await inner.of(userId, channelIds)).map(rowOf),
  };
  return Object.assign(Object.create(store), {
    memberships,
    async channelsOf(userId: Membership['userId']) {
      const rows = await memberships.of(userId, [...store.heads().keys()]);
      return new Set(rows.filter((row) => joinedSeqOf(row)).map(({ channelId }) => channelId));
    },
  });
}
