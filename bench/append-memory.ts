import { newEvent } from '../api/drivers/event-log.round.ts';
import type { ChannelId } from '../schema/ids.ts';
import { nonceKeyOf } from '../schema/ports/event-log.arguments.ts';
import { openMemoryEventLog } from '../schema/ports/event-log.memory.ts';
import type { EventLog } from '../schema/ports/event-log.ts';
import type { EventDraft } from '../schema/stream/event.ts';
import { type Twins, throughGroupCommit } from './append.ts';

type Entry = EventDraft & { readonly seq: number; readonly number: number; readonly createdAt: number };
type Channel = {
  readonly entries: Entry[];
  readonly messages: Entry[];
  readonly nonces: Map<string, Entry>;
};

/**
 * The least that a log in memory does with new messages: what can be found by place, by number and by nonce, what edits may change
 * apart from what readers share, and an answer for each. Nothing is checked.
 */
function createBareAppend(): EventLog['append'] {
  const channels = new Map<ChannelId, Channel>();
  return async (channelId, drafts, now) => {
    const channel: Channel = channels.get(channelId) ?? { entries: [], messages: [], nonces: new Map() };
    channels.set(channelId, channel);
    const { entries, messages, nonces } = channel;
    return drafts.map((draft) => {
      const key = nonceKeyOf(draft);
      const before = nonces.get(key);
      if (before !== undefined) return { event: newEvent(channelId, before, before), deduplicated: true };
      const place = {
        ...{ seq: entries.length + 1, number: messages.length + 1 },
        createdAt: Math.max(now, entries.at(-1)?.createdAt ?? 0),
      };
      const entry = { ...draft, ...place };
      entries.push(entry);
      messages.push(entry);
      nonces.set(key, entry);
      return { event: newEvent(channelId, draft, place), deduplicated: false };
    });
  };
}

/** There are no statements to memory: the bare side is the least that would do, behind the same group commit. */
export async function openMemoryTwins(): Promise<Twins> {
  const log = openMemoryEventLog();
  return {
    log,
    raw: throughGroupCommit({ ...log, append: createBareAppend() }),
    rawIs: 'arrays and a map per channel, nothing checked, behind the same group commit',
    close: () => log.close(),
  };
}
