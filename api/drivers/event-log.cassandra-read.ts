import type { ChannelId, Seq } from '../../schema/ids.ts';
import type { MessageKey, MessageRange, MessagesPage } from '../../schema/ports/event-log.ts';
import type { LogEvent, OutlineEvent, StoredMessage } from '../../schema/stream/event.ts';
import { eachAtOnce } from './event-log.cassandra-at-once.ts';
import type { Entries } from './event-log.cassandra-entries.ts';
import { createNumbers, type Numbers } from './event-log.cassandra-numbers.ts';
import type { Place, Places } from './event-log.cassandra-places.ts';
import {
  type Entry,
  eventOf,
  isSent,
  messageOf,
  outlineOf,
  type Surroundings,
} from './event-log.cassandra-rows.ts';
import type { States } from './event-log.cassandra-states.ts';

type ReadParts = { readonly places: Places; readonly entries: Entries; readonly states: States };

/** What the log says, with messages as they are now. Each look begins with the place where the log ends at that moment. */
export type LogReader = {
  events(channelId: ChannelId, after: Seq, limit: number): Promise<readonly LogEvent[]>;
  /** Those at these places, which are known to be there. */
  eventsAt(channelId: ChannelId, seqs: readonly Seq[]): Promise<ReadonlyMap<Seq, LogEvent>>;
  messages(
    channelId: ChannelId,
    range: MessageRange & Pick<Numbers, 'after' | 'before'>,
  ): Promise<MessagesPage>;
  messagesAt(
    channelId: ChannelId,
    keys: readonly MessageKey[],
  ): Promise<readonly (StoredMessage | undefined)[]>;
  outlines(channelId: ChannelId, stretches: readonly Piece[]): Promise<readonly (readonly OutlineEvent[])[]>;
};
type Piece = { readonly after: Seq; readonly upTo: Seq };

export function createLogReader({ places, entries, states }: ReadParts): LogReader {
  const byNumber = createNumbers(entries);

  /** What is known beside these events: the messages that are edited and deleted, what messages answer, and how all are now. */
  const surround = async (
    channelId: ChannelId,
    found: readonly Entry[],
    place: Place,
  ): Promise<Surroundings> => {
    const known = new Map(found.map((entry) => [entry.seq, entry]));
    const addNamed = async (by: readonly Entry[]) => {
      const wanted = by.flatMap(({ refSeq }) => (refSeq === null || known.has(refSeq) ? [] : [refSeq]));
      for (const [seq, entry] of await entries.at(channelId, wanted)) known.set(seq, entry);
    };
    await addNamed(found);
    const subjects = found.flatMap((entry) => (isSent(entry) ? entry : (known.get(entry.refSeq ?? 0) ?? [])));
    await addNamed(subjects);
    if (place.changeSeq === 0) return { channelId, entries: known, states: new Map() };
    await states.settle(channelId, place.changeSeq);
    const seqs = subjects.map(({ seq }) => seq);
    return { channelId, entries: known, states: await states.of(channelId, seqs) };
  };

  const messagesOf = async (channelId: ChannelId, sent: readonly Entry[], place: Place) => {
    const around = await surround(channelId, sent, place);
    const asMessage = (entry: Entry) => messageOf(around, entry);
    const page = new Set(sent.map(({ seq }) => seq));
    const answered = new Set(
      sent.flatMap(({ refSeq }) => (refSeq === null || page.has(refSeq) ? [] : [refSeq])),
    );
    return { around, messages: sent.map(asMessage), answered };
  };

  /** The messages that these keys name, by their places. */
  const sentAt = async (channelId: ChannelId, keys: readonly MessageKey[], place: Place) => {
    const seqs = keys.flatMap((key) =>
      'seq' in key && key.seq >= 1 && key.seq <= place.head ? key.seq : [],
    );
    const bySeq = await entries.at(channelId, seqs);
    return eachAtOnce(keys, async (key) => {
      if ('seq' in key) return bySeq.get(key.seq);
      const one = { after: key.number - 1, before: key.number + 1, take: 'last', limit: 1 } as const;
      return key.number < 1 ? undefined : (await byNumber(channelId, place, one))[0];
    });
  };

  return {
    async events(channelId, after, limit) {
      const place = await places.find(channelId);
      const from = Math.max(after, 0);
      const found = await entries.within(channelId, from, Math.min(from + limit, place.head));
      const around = await surround(channelId, found, place);
      return found.map((entry) => eventOf(around, entry));
    },
    async eventsAt(channelId, seqs) {
      const place = await places.find(channelId);
      const found = [...(await entries.at(channelId, seqs)).values()];
      const around = await surround(channelId, found, place);
      return new Map(found.map((entry) => [entry.seq, eventOf(around, entry)]));
    },
    async messages(channelId, range) {
      const place = await places.find(channelId);
      const sent = await byNumber(channelId, place, range);
      const { around, messages, answered } = await messagesOf(channelId, sent, place);
      if (!range.alsoAnswered || answered.size === 0) return { messages, answered: [] };
      const others = [...around.entries.values()].filter(({ seq }) => answered.has(seq));
      return { messages, answered: (await messagesOf(channelId, others, place)).messages };
    },
    async messagesAt(channelId, keys) {
      const place = await places.find(channelId);
      const found = (await sentAt(channelId, keys, place)).map((entry) =>
        entry && isSent(entry) ? entry : undefined,
      );
      const sent = found.filter((entry) => entry !== undefined);
      const around = await surround(channelId, sent, place);
      return found.map((entry) => entry && messageOf(around, entry));
    },
    async outlines(channelId, stretches) {
      const place = await places.find(channelId);
      const found = await eachAtOnce(stretches, ({ after, upTo }) =>
        entries.within(channelId, after, Math.min(upTo, place.head)),
      );
      const around = await surround(channelId, found.flat().filter(isOutlined).map(withoutAnswered), place);
      return found.map((part) => part.flatMap((entry) => outlineOf(around, entry) ?? []));
    },
  };
}

const isOutlined = ({ kind }: Entry) => kind === 'message.sent' || kind === 'message.deleted';
/** What a message answers is nothing of an outline. */
const withoutAnswered = (entry: Entry): Entry => (isSent(entry) ? { ...entry, refSeq: null } : entry);
