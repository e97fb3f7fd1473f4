import type { ChannelId } from '../../ids.ts';
import type { Bus } from '../../ports/bus.ts';
import type { EventLog } from '../../ports/event-log.ts';
import type { EventDraft, LogEvent } from '../event.ts';
import { channelTopic } from '../hint.ts';
import type { StreamRules } from '../rules.ts';
import {
  hidingContacts,
  hidingMarks,
  hidingOwn,
  losingUpdates,
  overwritingMarks,
  settlingSilently,
} from './faulty-rows.ts';
import type { Store } from './store.ts';

/** A rule that is broken on purpose: the checker has to notice. */
export type Sabotage = {
  readonly rules?: Partial<StreamRules>;
  /** The hint leaves before the commit. The stream cannot do that, so its log does it. */
  readonly announcesFirst?: true;
  /** `joined_seq` and `left_seq` are filled in without a new version of the user's feed. */
  readonly settlesSilently?: true;
  /** A change of the channel itself is not queued for the log. */
  readonly losesUpdates?: true;
  /** What somebody sets for themselves is written without a new version of their feed. */
  readonly hidesOwn?: true;
  /** That somebody's position moved is written without a version for the others. */
  readonly hidesMarks?: true;
  /** Positions are written whoever wrote some meanwhile. */
  readonly overwritesMarks?: true;
  /** A feed does not say that contacts changed. */
  readonly hidesContacts?: true;
};

/** The store as these faults make it. */
export function sabotaged(store: Store, sabotage: Sabotage): Store {
  const faults = [
    sabotage.settlesSilently && settlingSilently,
    sabotage.losesUpdates && losingUpdates,
    sabotage.hidesOwn && hidingOwn,
    sabotage.hidesMarks && hidingMarks,
    sabotage.overwritesMarks && overwritingMarks,
    sabotage.hidesContacts && hidingContacts,
  ];
  return faults.reduce<Store>((faulty, fault) => (fault ? fault(faulty) : faulty), store);
}

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
