import type { ChannelId, Seq } from '../ids.ts';
import { isIn, type NumberRange, numbersSeenIn, type ShownMessage } from '../message/message.ts';
import { edgeCursor, keyOfCursor, type Page, type PageArgs, pageFrom, pageWanted } from '../page.ts';
import type { Scope } from '../scope.ts';
import type { StoredMessage } from '../stream/event.ts';

/** An edge's cursor names the message's number. With a letter in front, so that another form can be told apart one day. */
const cursorOf = ({ number }: StoredMessage) => edgeCursor(`n${number}`);
const keyForm = /^n\d{1,15}$/;
const numberOf = (cursor: string) => Number(keyOfCursor(cursor, keyForm).slice(1));

/** A page of what the viewer may see of a channel, oldest to newest; the newest when neither end is asked for. */
export async function historyOf(
  scope: Scope,
  channelId: ChannelId,
  args: PageArgs,
): Promise<Page<ShownMessage>> {
  const wanted = pageWanted(args, 'last');
  const after = wanted.after === undefined ? undefined : numberOf(wanted.after);
  const before = wanted.before === undefined ? undefined : numberOf(wanted.before);
  const bounds = { after: after ?? 0, to: before === undefined ? Number.MAX_SAFE_INTEGER : before - 1 };
  const seen = await numbersSeenIn(scope, channelId);
  const stretch = await stretchOf(
    scope,
    { channelId, seen },
    { ...bounds, take: wanted.take, limit: wanted.limit },
  );
  return pageFrom(edgesOf([stretch], seen), wanted.take, {
    hasMore: stretch.hasMore,
    isBeforeAfter: after !== undefined && seen.some((range) => range.after < after),
    isAfterBefore: before !== undefined && seen.some((range) => range.to >= before),
  });
}

/** A channel, and the numbers in it that the viewer may see. */
export type Where = { readonly channelId: ChannelId; readonly seen: readonly NumberRange[] };
/** So many messages from one end of a range of numbers. */
type Wanted = NumberRange & { readonly take: 'first' | 'last'; readonly limit: number };
/** What was read: the messages wanted, whether there are more behind them, and everything that came along. */
export type Stretch = {
  readonly messages: readonly StoredMessage[];
  readonly hasMore: boolean;
  readonly read: ReadonlyMap<Seq, StoredMessage>;
};

/** Reads range after range from the wanted end, one message more than wanted, to know whether there is more. */
export async function stretchOf(
  { stream }: Scope,
  { channelId, seen }: Where,
  { take, limit, ...bounds }: Wanted,
): Promise<Stretch> {
  const ranges = seen.flatMap((range) => overlapOf(range, bounds));
  const read = new Map<Seq, StoredMessage>();
  let messages: StoredMessage[] = [];
  for (const range of take === 'first' ? ranges : ranges.reverse()) {
    const missing = limit + 1 - messages.length;
    if (missing === 0) break;
    const wanted = { ...openRange(range), take, limit: missing, alsoAnswered: true };
    const found = await stream.history.messages(channelId, wanted);
    for (const message of [...found.messages, ...found.answered]) read.set(message.seq, message);
    messages = take === 'first' ? [...messages, ...found.messages] : [...found.messages, ...messages];
  }
  const hasMore = messages.length > limit;
  if (hasMore) messages = take === 'first' ? messages.slice(0, limit) : messages.slice(1);
  return { messages, hasMore, read };
}

function overlapOf(a: NumberRange, b: NumberRange): NumberRange[] {
  const overlap = { after: Math.max(a.after, b.after), to: Math.min(a.to, b.to) };
  return overlap.after < overlap.to ? [overlap] : [];
}

const openRange = ({ after, to }: NumberRange) =>
  to === Number.MAX_SAFE_INTEGER ? { after } : { after, before: to + 1 };

/** The messages of these stretches as edges. What they answer was read with them, so nothing is read again for it. */
export function edgesOf(stretches: readonly Stretch[], seen: readonly NumberRange[]) {
  const read = new Map(stretches.flatMap((stretch) => [...stretch.read]));
  const answeredBy = ({ replyTo }: StoredMessage) =>
    replyTo !== null && isIn(seen, replyTo.number) ? read.get(replyTo.seq) : null;
  return stretches
    .flatMap(({ messages }) => messages)
    .map((message) => ({
      cursor: cursorOf(message),
      node: { ...message, answered: answeredBy(message) },
    }));
}
