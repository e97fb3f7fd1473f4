import { type ChannelId, serverAuthorId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Appended } from '../ports/event-log.ts';
import type { FeedMoved, Memberships, PendingChange } from '../ports/memberships.ts';
import {
  type ChannelUpdated,
  type EventDraft,
  type EventKind,
  type MemberChange,
  serverNonce,
} from './event.ts';
import type { StreamRules } from './rules.ts';

/** What a round of the log takes; more changes go in several rounds, in version order. */
const maxRound = 64;
/** Pages of pending changes that one pass works: more than a channel has after hours without a log. */
const maxPages = 20;
/** As many as `pending` answers at most. */
const pageSize = 1_000;
/** Younger entries are still being worked by the operation that wrote them. */
const patienceMs = 1_000;
/** Channels that one pass works at most. */
const maxChannels = 100;

const kindOf: Record<PendingChange['kind'], EventKind> = {
  ADDED: 'member.added',
  REMOVED: 'member.removed',
  ROLE_CHANGED: 'member.role-changed',
  CHANNEL_UPDATED: 'channel.updated',
};

function bodyOf(pending: PendingChange): MemberChange | ChannelUpdated {
  const { by } = pending;
  if (pending.kind === 'CHANNEL_UPDATED') return { by, updated: pending.updated };
  return { userId: pending.userId, by, role: pending.role };
}

export const draftOf = (pending: PendingChange): EventDraft => ({
  kind: kindOf[pending.kind],
  authorId: serverAuthorId,
  nonce: serverNonce(`membership:${pending.version}`),
  body: JSON.stringify(bodyOf(pending)),
});

/** Brings changes of membership from the rows into the log. Any process may, at any time, as often as it likes. */
export interface Outbox {
  /** Records every pending change of this channel up to `upTo`, in version order, and fills in the places that the log gave. */
  work(channelId: ChannelId, upTo: number): Promise<void>;
  /** What others left behind (they crashed): one pass over all channels. Rejects when it failed for some. */
  sweep(): Promise<void>;
}

type OutboxSettings = {
  readonly memberships: Memberships;
  readonly clock: Clock;
  readonly rules: StreamRules;
  readonly append: (channelId: ChannelId, drafts: readonly EventDraft[]) => Promise<readonly Appended[]>;
  readonly announce: (moved: readonly FeedMoved[]) => void;
};

export function createOutbox({ memberships, clock, rules, append, announce }: OutboxSettings): Outbox {
  /** The log has these, or has them now; then the rows are told where. */
  async function record(channelId: ChannelId, part: readonly PendingChange[]): Promise<void> {
    const appended = await append(channelId, part.map(draftOf));
    const placed = part.flatMap(({ version }, index) => {
      const event = appended[index]?.event;
      return event === undefined ? [] : [{ version, seq: event.seq, number: event.number }];
    });
    announce(await memberships.settle(channelId, placed));
  }

  /**
   * Whoever appends version v appends in the same round, before it, everything pending up to v: else a stalled removal would
   * land behind the adding that followed it. Rounds follow one another, so that holds for long lists too.
   */
  async function work(channelId: ChannelId, upTo: number): Promise<void> {
    for (let page = 0; page < maxPages; page += 1) {
      const pending = await memberships.pending(channelId, upTo);
      const ordered = rules.keepsVersionOrder ? pending : [...pending].reverse();
      for (let i = 0; i < ordered.length; i += maxRound)
        await record(channelId, ordered.slice(i, i + maxRound));
      if (pending.length < pageSize) return;
    }
    throw new Error(`The outbox of ${channelId} does not get shorter.`);
  }

  return {
    work,
    async sweep() {
      const channelIds = await memberships.unsettled(clock.now() - patienceMs, maxChannels);
      const passes = channelIds.map((channelId) => work(channelId, Number.MAX_SAFE_INTEGER));
      // Side by side: a channel that cannot be worked must not keep the others waiting.
      const [failed] = (await Promise.allSettled(passes)).filter(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    },
  };
}
