import type { Delivered, Found, Invoked, Line } from '../chaos/history.ts';

/** What a reader of the README wants to know of a design; each is a row, or some rows, of the checker of the fault run. */
export type Counts = {
  /** Messages whose sender was told that they were sent. */
  readonly acked: number;
  /** Times that a device was told of a message. */
  readonly delivered: number;
  /** Acknowledged, and not in the store at the end. */
  readonly lost: number;
  /** In the store once more than its sender wanted, or told once more within one subscription. */
  readonly duplicated: number;
  /** Told after something that stands behind it, within one subscription. */
  readonly reordered: number;
  /** In the store, in front of what a device holds, and never told to that device. */
  readonly skipped: number;
  /** Told to somebody to whom the store gives no right to see it. */
  readonly leaked: number;
  /** Messages in the store with the id of another one. */
  readonly idsAgain: number;
};

/** Counts what happened to messages; all devices of the history have listened from its beginning, and came back at its end. */
export function countsOf(lines: readonly Line[]): Counts {
  const found = lines.filter((line) => line.kind === 'found');
  const deliveries = lines.filter((line) => line.kind === 'delivery');
  const messages = deliveries.filter(({ event }) => event.type === 'message');
  const acked = ackedIn(lines);
  const texts = new Set(found.flatMap((one) => one.messages.map(({ text }) => text)));
  return {
    acked: acked.size,
    delivered: messages.length,
    lost: [...acked].filter((text) => !texts.has(text)).length,
    duplicated: sum(found.map(repeatedIn)) + repeatedTo(messages),
    reordered: reorderedIn(deliveries),
    skipped: sum(found.map((one) => skippedIn(one, deliveries))),
    leaked: messages.filter((one) => isLeaked(one, found)).length,
    idsAgain: sum(found.map(({ messages: all }) => all.length - new Set(all.map(({ seq }) => seq)).size)),
  };
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

/** The texts of sends that were answered; each is there once. */
function ackedIn(lines: readonly Line[]): Set<string> {
  const texts = new Map<number, string>();
  const isSend = (line: Line): line is Invoked => line.kind === 'invoke' && line.what.type === 'send';
  for (const line of lines) if (isSend(line) && 'text' in line.what) texts.set(line.op, line.what.text);
  return new Set(lines.flatMap((line) => (line.kind === 'ok' ? (texts.get(line.op) ?? []) : [])));
}

const repeatedIn = ({ messages }: Found) =>
  messages.length - new Set(messages.map(({ authorId, nonce }) => `${authorId} ${nonce}`)).size;

const subscriptionOf = ({ device, attempt, channelId }: Delivered) => `${device} ${attempt} ${channelId}`;
const textOf = ({ event }: Delivered) => (event.type === 'message' ? event.text : null);

function repeatedTo(messages: readonly Delivered[]): number {
  const told = new Set(messages.map((one) => `${subscriptionOf(one)} ${one.seq} ${textOf(one)}`));
  return messages.length - told.size;
}

function reorderedIn(deliveries: readonly Delivered[]): number {
  const newest = new Map<string, number>();
  return deliveries.filter((one) => {
    if (one.seq === 0) return false; // positions have no place
    const key = subscriptionOf(one);
    const before = newest.get(key) ?? 0;
    newest.set(key, Math.max(before, one.seq));
    return one.seq < before;
  }).length;
}

function skippedIn({ channelId, messages }: Found, deliveries: readonly Delivered[]): number {
  const own = deliveries.filter((one) => one.channelId === channelId && one.seq > 0);
  const missing = [...new Set(own.map(({ device }) => device))].map((device) => {
    const told = own.filter((one) => one.device === device);
    const newest = Math.max(...told.map(({ seq }) => seq));
    const known = new Set(told.map((one) => `${one.seq} ${textOf(one)}`));
    return messages.filter(({ seq, text }) => seq <= newest && !known.has(`${seq} ${text}`)).length;
  });
  return sum(missing);
}

function isLeaked({ channelId, seq, userId }: Delivered, found: readonly Found[]): boolean {
  const changes = found.find((one) => one.channelId === channelId)?.memberships ?? [];
  const own = changes.filter((change) => change.userId === userId && change.seq <= seq);
  return own.at(-1)?.change === 'gone';
}
