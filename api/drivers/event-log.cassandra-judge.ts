import type { ChannelId, Seq } from '../../schema/ids.ts';
import { notAMessage, staleRevision } from '../../schema/ports/event-log.arguments.ts';
import type { EventDraft } from '../../schema/stream/event.ts';
import type { Entries } from './event-log.cassandra-entries.ts';
import type { Place } from './event-log.cassandra-places.ts';
import { isSent } from './event-log.cassandra-rows.ts';
import type { States } from './event-log.cassandra-states.ts';

/** Whether these drafts may be committed at this place; the error for the one that may not. */
export type Judge = (
  channelId: ChannelId,
  drafts: readonly EventDraft[],
  place: Place,
) => Promise<Error | undefined>;

/**
 * Judges by what is in the log up to the head of the place. The round is committed only if that is still the head, so what was
 * judged is still true at the commit.
 */
export function createJudge(entries: Entries, states: States): Judge {
  const areMessages: Judge = async (channelId, drafts, { head }) => {
    const named = drafts.map(({ refSeq }) => refSeq ?? 0).filter((seq) => seq > 0 && seq <= head);
    const found = await entries.at(channelId, named);
    const isMessage = (seq: Seq, before: number) => {
      const target = found.get(seq) ?? drafts.slice(0, before)[seq - 1 - head];
      return target !== undefined && isSent(target);
    };
    const isWrong = ({ refSeq }: EventDraft, index: number) =>
      refSeq !== undefined && !isMessage(refSeq, index);
    return drafts.some(isWrong) ? notAMessage() : undefined;
  };

  return async (channelId, drafts, place) => {
    if (drafts.every(({ refSeq }) => refSeq === undefined)) return undefined;
    const refusal = await areMessages(channelId, drafts, place);
    const [{ refSeq, ifRevision } = {}] = drafts;
    if (refusal !== undefined || refSeq === undefined || ifRevision === undefined) return refusal;
    await states.settle(channelId, place.changeSeq);
    const state = (await states.of(channelId, [refSeq])).get(refSeq);
    return (state?.revision ?? refSeq) === ifRevision ? undefined : staleRevision();
  };
}
