import type { History, Received, Step } from './history.ts';
import { type Logs, placeKey } from './store.ts';
import { changesIn, textAt } from './truth.ts';

/**
 * What events show of messages: never something older than the event, always something that the message once said, and never
 * a text of which this very process has delivered the deletion already (or had, when the page was asked for).
 */
export function checkTexts(
  { sessions, messageSessions, lost }: History,
  logs: Logs,
  saidAt: ReadonlyMap<string, string>,
): string[] {
  if (lost.length > 0) return []; // what was said in a log that is no more, nobody keeps
  const all: { readonly server: string; readonly askedAt: Step; readonly received: Received }[] = [];
  for (const { server, received: list, kind, openedAt } of sessions)
    for (const received of list)
      all.push({ server, askedAt: kind === 'changes' ? openedAt : received.at, received });
  for (const { server, received: list } of messageSessions)
    for (const received of list) all.push({ server, askedAt: received.at, received });
  all.sort((a, b) => a.received.at - b.received.at);
  const changes = new Map([...logs].map(([channelId, log]) => [channelId, changesIn(log)]));
  const deletedAt = new Map<string, Step>();
  return all.flatMap(({ server, askedAt, received: { delivery, at } }) => {
    const message = delivery.type === 'log' && delivery.event.message;
    if (delivery.type !== 'log' || !message) return [];
    const place = placeKey(delivery.channelId, delivery.event.seq);
    const own = changes.get(delivery.channelId)?.get(message.seq) ?? [];
    const said = textAt(own, message, (seq) => saidAt.get(placeKey(delivery.channelId, seq)));
    const key = `${server} ${placeKey(delivery.channelId, message.seq)}`;
    const problems = [];
    if (message.revision < delivery.event.seq) problems.push(`${place} shows what was before it`);
    if (message.text !== said) problems.push(`${place} says ${message.text}, which should be ${said}`);
    const answered = logs.get(delivery.channelId)?.[message.seq - 1]?.refSeq ?? null;
    if ((message.replyTo?.seq ?? null) !== answered)
      problems.push(`${place} answers ${message.replyTo?.seq}, which should be ${answered}`);
    const isLate = (deletedAt.get(key) ?? Number.POSITIVE_INFINITY) < askedAt;
    if (message.text !== null && isLate) problems.push(`a deleted text came back: ${place}`);
    if (message.text === null && !deletedAt.has(key)) deletedAt.set(key, at);
    return problems;
  });
}
