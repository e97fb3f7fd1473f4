import type { Found, Line, LoggedMessage } from '../history.ts';
import { type Asked, isDone, isTight } from './asked.ts';
import { firstFrom, inside } from './ordered.ts';
import { type Members, membersOf, type Stay, staysOf } from './stays.ts';
import type { Note } from './verdict.ts';
import { createWhen, type Dated, type When } from './when.ts';

export type FoundMessage = Found['messages'][number];
/** One reading of a channel at the end. `after`: where it stands in the history. */
export type Reading = { readonly found: Found; readonly bySeq: ReadonlyMap<number, FoundMessage> };

/** All that is known of a channel in the end. */
export type Channel = {
  readonly channelId: string;
  readonly readings: readonly Reading[];
  /** Straight from the store if that was read, else by history; ascending. */
  readonly messages: readonly FoundMessage[];
  readonly bySeq: ReadonlyMap<number, FoundMessage>;
  readonly byId: ReadonlyMap<string, FoundMessage>;
  /** Undefined when the store was not asked: then everybody is taken to see everything. */
  readonly members: Members | undefined;
  readonly memberships: ReadonlyMap<number, { readonly userId: string; readonly change: 'joined' | 'gone' }>;
  /** The newest place, if it is known. */
  readonly head: number | undefined;
  readonly when: When;
  /** Sends by author and nonce; the first that was asked for where several say the same. */
  readonly sends: ReadonlyMap<string, ReadonlyMap<string, Asked>>;
};

type Sends = Map<string, Map<string, Map<string, Asked>>>;

export function gatherChannels(
  lines: readonly Line[],
  asked: ReadonlyMap<number, Asked>,
  note: Note,
): ReadonlyMap<string, Channel> {
  const found = new Map<string, Found[]>();
  for (const line of lines) if (line.kind === 'found') inside(found, line.channelId, () => []).push(line);
  const sends: Sends = new Map();
  const others = new Map<string, Asked[]>();
  for (const one of asked.values()) {
    if (!('channelId' in one.what)) continue;
    const { channelId } = one.what;
    if (one.what.type === 'send') {
      const byNonce = inside(
        inside(sends, channelId, () => new Map()),
        one.userId,
        () => new Map(),
      );
      inside(byNonce, one.what.nonce, () => one);
    } else if (isDone(one) && one.seq !== undefined) inside(others, channelId, () => []).push(one);
  }
  const ids = new Set([...found.keys(), ...sends.keys()]);
  return new Map(
    [...ids].map((channelId) => {
      const known = {
        channelId,
        readings: (found.get(channelId) ?? []).map(readingOf),
        sends: sends.get(channelId) ?? new Map(),
      };
      return [channelId, channelOf(known, others.get(channelId) ?? [], note)];
    }),
  );
}

const readingOf = (found: Found): Reading => ({
  found,
  bySeq: new Map(found.messages.map((message) => [message.seq, message])),
});

function channelOf(
  known: Pick<Channel, 'channelId' | 'readings' | 'sends'>,
  others: readonly Asked[],
  note: Note,
): Channel {
  const stored = known.readings.findLast(({ found }) => found.source === 'store');
  const reading = stored ?? known.readings.at(-1);
  const bySeq = reading?.bySeq ?? new Map<number, FoundMessage>();
  const messages = (reading?.found.messages ?? []).toSorted((a, b) => a.seq - b.seq);
  const memberships = stored?.found.memberships?.toSorted((a, b) => a.seq - b.seq);
  const odd = (what: string) => note('authorisation', `in ${known.channelId} ${what}, who was so already`);
  return {
    ...known,
    messages,
    bySeq,
    byId: new Map(messages.map((message) => [message.messageId, message])),
    members: memberships && membersOf(memberships, odd),
    memberships: new Map((memberships ?? []).map((one) => [one.seq, one])),
    head: stored?.found.headSeq,
    when: createWhen([...datedSends(known.sends, messages), ...datedOthers(others)]),
  };
}

/** Sends at the place at which they were acknowledged; those that never were, where the log has them. */
function* datedSends(sends: Channel['sends'], messages: readonly FoundMessage[]): Generator<Dated> {
  for (const byNonce of sends.values())
    for (const one of byNonce.values()) if (one.message !== undefined) yield datedAt(one, one.message.seq);
  for (const { authorId, nonce, seq } of messages) {
    const one = sends.get(authorId ?? '')?.get(nonce ?? '');
    if (one !== undefined && one.message === undefined) yield datedAt(one, seq);
  }
}

/** What was asked for several times may stand in the log several times: its place says nothing of when it was asked for first. */
const datedOthers = (others: readonly Asked[]): Dated[] =>
  others.filter(isTight).map((one) => datedAt(one, one.seq ?? 0));

const datedAt = ({ invokedLine, doneLine, doneT }: Asked, seq: number): Dated => ({
  ...{ seq, invokedLine, doneLine, doneT },
});

export const staysIn = (channel: Channel | undefined, userId: string): readonly Stay[] =>
  staysOf(channel?.members, userId);

/** Who sent this message, as far as its nonce or its place says. */
export function sendOf({ sends }: Channel, { authorId, nonce }: FoundMessage): Asked | undefined {
  return nonce === undefined ? undefined : sends.get(authorId ?? '')?.get(nonce);
}

/** The first message of a channel between two places, neither included, that may be seen in these stays. */
export function firstBetween(
  { messages }: Pick<Channel, 'messages'>,
  stays: readonly Stay[],
  [after, before]: readonly [number, number],
): LoggedMessage | undefined {
  for (const { joined, left } of stays) {
    if (left <= after) continue;
    if (joined >= before) return undefined;
    const message = messages[firstFrom(messages, Math.max(joined, after + 1), ({ seq }) => seq)];
    if (message !== undefined && message.seq < before && message.seq <= left) return message;
  }
  return undefined;
}

/** How many messages the channel had at this place. */
export const numberAt = ({ messages }: Pick<Channel, 'messages'>, seq: number): number =>
  messages[firstFrom(messages, seq + 1, (one) => one.seq) - 1]?.number ?? 0;
