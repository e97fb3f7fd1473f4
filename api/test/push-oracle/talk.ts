import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../smoke/random.ts';
import { act, change } from './acting.ts';
import type { Cast, Channel, Player } from './cast.ts';
import type { Message } from './history.ts';
import type { Stage } from './stage.ts';
import { isCertainly, timelineOf } from './timeline.ts';

const send = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { ... on SendMessagePayload { message { id number revision } } }
}`;
const remove = `mutation ($input: DeleteMessageInput!) {
  deleteMessage(input: $input) { __typename ... on UserError { code } }
}`;
type Sent = {
  readonly sendMessage: {
    readonly message?: { readonly id: string; readonly number: number; readonly revision: number };
  };
};

export type Talking = {
  readonly stage: Stage;
  readonly cast: Cast;
  readonly random: Random;
  readonly count: number;
  readonly perSecond: number;
  readonly signal: AbortSignal;
  /** Filled as messages are acknowledged. */
  readonly messages: Message[];
};

/** So many are on their way at once, at most: while the database is away they wait. */
const mostAtOnce = 40;
/** One of so many answers one of the newest of its channel, and one of so many is deleted a moment later. */
const [oneOfReplies, oneOfDeleted] = [5, 25];
const newest = 5;

/** Everybody writes, at about the same rate, until all is said. Who may not write to a channel says nothing there. */
export async function talk(talking: Talking): Promise<void> {
  const { random, count, perSecond, cast, signal } = talking;
  const onTheirWay = new Set<Promise<void>>();
  const recent = new Map<string, Message[]>();
  const failures: unknown[] = [];
  for (let nth = 0; nth < count && failures.length === 0; nth += 1) {
    signal.throwIfAborted();
    const channel = random.pick(cast.channels);
    const sending: Promise<void> = say(talking, channel, { nth, recent })
      .catch((failure: unknown) => void failures.push(failure)) // the first is the cause; others only follow it
      .finally(() => onTheirWay.delete(sending));
    onTheirWay.add(sending);
    if (onTheirWay.size >= mostAtOnce) await Promise.race(onTheirWay);
    await pause((random.next() * 2_000) / perSecond, undefined, { signal });
  }
  await Promise.all(onTheirWay);
  for (const failure of failures) throw failure;
}

async function say(
  { stage, random, signal, messages }: Talking,
  channel: Channel,
  { nth, recent }: { readonly nth: number; readonly recent: Map<string, Message[]> },
): Promise<void> {
  const author = random.pick(channel.members);
  const token = author.actors[0]?.token;
  if (token === undefined || !isIn(author, channel)) return;
  const answered =
    random.below(oneOfReplies) === 0 ? recent.get(channel.id)?.at(-1 - random.below(newest)) : undefined;
  const text = `message ${nth} of ${author.handle}`;
  const input = { channelId: channel.id, text, nonce: `oracle-${nth}`, replyToId: answered?.messageId };
  const isToGo = random.below(oneOfDeleted) === 0;
  const waitMs = random.below(8_000);
  const { data, span } = await act<Sent>(stage.httpUrl, { query: send, variables: { input }, token }, signal);
  const sent = data.sendMessage.message;
  if (sent === undefined) return; // removed or blocked meanwhile
  const message: Message = {
    ...{ channelId: channel.id, messageId: sent.id, number: sent.number, seq: sent.revision },
    ...{ authorId: author.person.userId, text, repliesTo: answered?.authorId ?? null },
    ...{ sentAt: span.from, ackedAt: span.to, isDeleted: timelineOf(false) },
  };
  messages.push(message);
  recent.set(channel.id, [...(recent.get(channel.id) ?? []), message].slice(-newest));
  if (!isToGo) return;
  await pause(waitMs, undefined, { signal });
  await change(message.isDeleted, true, () =>
    act<object>(
      stage.httpUrl,
      { query: remove, variables: { input: { messageId: sent.id } }, token },
      signal,
    ),
  );
}

const isIn = ({ person }: Player, { id }: Channel): boolean => {
  const now = Date.now();
  const seat = person.seats.get(id);
  return seat !== undefined && isCertainly(seat.isMember, { from: now, to: now }, true);
};
