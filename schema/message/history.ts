import { chatError } from '../errors.ts';
import type { ChannelId } from '../ids.ts';
import { type Page, type PageArgs, type PageWanted, pageFrom, pageWanted } from '../page.ts';
import type { Scope } from '../scope.ts';
import type { StoredMessage } from '../stream/event.ts';
import { isIn, type NumberRange, numbersSeenIn } from './message.ts';

/** An edge's cursor names the message's number. With a letter in front, so that another form can be told apart one day. */
export const cursorOf = ({ number }: StoredMessage) => Buffer.from(`n${number}`).toString('base64url');

/** The number that an edge's cursor names. Throws `BAD_USER_INPUT`. */
export function numberOf(cursor: string): number {
  const [, digits] = /^n(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  const number = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(number)) {
    throw chatError('BAD_USER_INPUT', "`after` and `before` take the `cursor` of a message's edge.");
  }
  return number;
}

/** A page of what the viewer may see of a channel, oldest to newest; the newest when neither end is asked for. */
export async function historyOf(
  scope: Scope,
  channelId: ChannelId,
  args: PageArgs,
): Promise<Page<StoredMessage>> {
  const wanted = pageWanted(args, 'last');
  const bounds = {
    after: wanted.after === undefined ? 0 : numberOf(wanted.after),
    to: wanted.before === undefined ? Number.MAX_SAFE_INTEGER : numberOf(wanted.before) - 1,
  };
  const seen = await numbersSeenIn(scope, channelId);
  const ranges = seen.flatMap((range) => overlapOf(range, bounds));
  const { messages, hasMore } = await take(scope, { channelId, ranges }, wanted);
  // Behind the end that was not asked for there is something if the viewer may see anything on the other side of the cursor.
  const isBefore = wanted.after !== undefined && seen.some(({ after }) => after < bounds.after);
  const isAfter = wanted.before !== undefined && isIn(seen, bounds.to + 1);
  return pageFrom(messages, cursorOf, {
    hasPreviousPage: wanted.take === 'last' ? hasMore : isBefore,
    hasNextPage: wanted.take === 'first' ? hasMore : isAfter,
  });
}

function overlapOf(a: NumberRange, b: NumberRange): NumberRange[] {
  const overlap = { after: Math.max(a.after, b.after), to: Math.min(a.to, b.to) };
  return overlap.after < overlap.to ? [overlap] : [];
}

type Where = { readonly channelId: ChannelId; readonly ranges: readonly NumberRange[] };

/** Reads range after range from the wanted end, one message more than wanted, to know whether there is more. */
async function take(scope: Scope, { channelId, ranges }: Where, { take: end, limit }: PageWanted) {
  const inTurn = end === 'first' ? ranges : [...ranges].reverse();
  let messages: StoredMessage[] = [];
  for (const { after, to } of inTurn) {
    const missing = limit + 1 - messages.length;
    if (missing === 0) break;
    const before = to === Number.MAX_SAFE_INTEGER ? undefined : to + 1;
    const bounds = before === undefined ? { after } : { after, before };
    const found = await scope.stream.history.messages(channelId, { ...bounds, take: end, limit: missing });
    messages = end === 'first' ? [...messages, ...found] : [...found, ...messages];
  }
  const hasMore = messages.length > limit;
  if (!hasMore) return { messages, hasMore };
  return { messages: end === 'first' ? messages.slice(0, limit) : messages.slice(1), hasMore };
}
