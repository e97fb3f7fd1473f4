import type { Delivered, SeenEvent } from '../history.ts';
import type { Channel } from './logs.ts';

/**
 * What an event that came to a device has that the log has not: it is not there at all, or is something else there, or came before anybody
 * asked for it. `at`: the line in which it came.
 */
export function strangenessOf(
  channel: Channel | undefined,
  { seq, event }: Delivered,
  at: number,
): string | undefined {
  if (channel === undefined || channel.readings.length === 0) return undefined; // that nobody read it is said elsewhere
  if (channel.head !== undefined && seq > channel.head) return `the log ends at ${channel.head}`;
  if ((channel.when.invokedLineOf(seq) ?? at) > at) return 'nobody had asked for it yet';
  if (event.type === 'message') return strangeMessage(channel, seq, event);
  const message = channel.bySeq.get(seq);
  if (event.type === 'other') return undefined; // what could not be read just then
  if (message !== undefined) return `it is ${message.messageId} there, not “${event.type}”`;
  if (event.type === 'edited' || event.type === 'deleted')
    return channel.byId.has(event.messageId) ? undefined : `there is no ${event.messageId}`;
  return channel.members === undefined ? undefined : strangeMember(channel, seq, event);
}

function strangeMessage(
  { bySeq }: Channel,
  seq: number,
  event: Extract<SeenEvent, { readonly type: 'message' }>,
): string | undefined {
  const found = bySeq.get(seq);
  if (found === undefined) return `${event.messageId} is not there`;
  if (found.messageId !== event.messageId) return `it is ${found.messageId} there, not ${event.messageId}`;
  if (found.number !== event.number) return `its number is ${found.number}, not ${event.number}`;
  return event.authorId === '' || found.authorId === event.authorId
    ? undefined
    : `it is by ${found.authorId}, not by ${event.authorId}`;
}

/** Who came or went. A device may not know whom a joining was of. */
function strangeMember(
  { memberships }: Channel,
  seq: number,
  event: Exclude<SeenEvent, { readonly type: 'message' | 'edited' | 'deleted' | 'other' }>,
): string | undefined {
  const found = memberships.get(seq);
  const change = event.type === 'added' ? 'joined' : 'gone';
  if (found === undefined || found.change !== change) return `nobody has “${event.type}” there`;
  return event.memberUserId === '' || event.memberUserId === found.userId
    ? undefined
    : `it was ${found.userId}, not ${event.memberUserId}`;
}
