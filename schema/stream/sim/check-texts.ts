import type { LogDelivery } from '../delivery.ts';
import type { History, Received } from './history.ts';
import { type Logs, placeKey } from './store.ts';
import { textAt } from './truth.ts';

/**
 * What events show of messages: never something older than the event, always something that the message once said, and never
 * a text of which this very process has delivered the deletion already.
 */
export function checkTexts(
  { sessions, messageSessions, lost }: History,
  logs: Logs,
  saidAt: ReadonlyMap<string, string>,
): string[] {
  if (lost.length > 0) return []; // what was said in a log that is no more, nobody keeps
  const all: { readonly server: string; readonly received: Received }[] = [];
  for (const { server, received: list } of [...sessions, ...messageSessions])
    for (const received of list) all.push({ server, received });
  all.sort((a, b) => a.received.at - b.received.at);
  const deletedIn = new Set<string>();
  return all.flatMap(({ server, received }) => {
    const { delivery } = received;
    if (delivery.type !== 'log' || delivery.event.message === null) return [];
    const { channelId, event } = delivery;
    const { seq, text } = delivery.event.message;
    const problems = [...wrongText(delivery, logs, saidAt)];
    const key = `${server} ${placeKey(channelId, seq)}`;
    if (text !== null && deletedIn.has(key))
      problems.push(`a deleted text came back: ${placeKey(channelId, event.seq)}`);
    if (text === null) deletedIn.add(key);
    return problems;
  });
}

function* wrongText(
  { channelId, event }: LogDelivery,
  logs: Logs,
  saidAt: ReadonlyMap<string, string>,
): Iterable<string> {
  const { message } = event;
  if (message === null) return;
  const place = placeKey(channelId, event.seq);
  if (message.revision < event.seq && event.kind !== 'message.sent')
    yield `${place} shows what was before it`;
  const said = textAt(logs.get(channelId) ?? [], message, (seq) => saidAt.get(placeKey(channelId, seq)));
  if (message.text !== said)
    yield `${place} shows a text that its message never had: ${message.text}, not ${said}`;
}
