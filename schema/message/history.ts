import type { ChannelId } from '../ids.ts';
import {
  edgeCursor,
  keyOfCursor,
  type Page,
  type PageArgs,
  type PageWanted,
  pageFrom,
  pageWanted,
} from '../page.ts';
import type { Scope } from '../scope.ts';
import type { StoredMessage } from '../stream/event.ts';
import { type NumberRange, numbersSeenIn } from './message.ts';

/** An edge's cursor names the message's number. With a letter in front, so that another form can be told apart one day. */
const cursorOf = ({ number }: StoredMessage) => edgeCursor(`n${number}`);
const keyForm = /^n\d{1,15}$/;
const numberOf = (cursor: string) => Number(keyOfCursor(cursor, keyForm).slice(1));

/** A page of what the viewer may see of a channel, oldest to newest; the newest when neither end is asked for. */
export async function historyOf(
  scope: Scope,
  channelId: ChannelId,
  args: PageArgs,
): Promise<Page<StoredMessage>> {
  const wanted = pageWanted(args, 'last');
  const after = wanted.after === undefined ? undefined : numberOf(wanted.after);
  const before = wanted.before === undefined ? undefined : numberOf(wanted.before);
  const bounds = { after: after ?? 0, to: before === undefined ? Number.MAX_SAFE_INTEGER : before - 1 };
  const seen = await numbersSeenIn(scope, channelId);
  const ranges = seen.flatMap((range) => overlapOf(range, bounds));
  const { messages, hasMore } = await take(scope, { channelId, ranges }, wanted);
  const edges = messages.map((node) => ({ cursor: cursorOf(node), node }));
  return pageFrom(edges, wanted.take, {
    hasMore,
    isBeforeAfter: after !== undefined && seen.some((range) => range.after < after),
    isAfterBefore: before !== undefined && seen.some((range) => range.to >= before),
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
