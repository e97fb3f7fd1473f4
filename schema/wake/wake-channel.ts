import type { ChannelId } from '../ids.ts';
import { decideNotification, maxAgeMs } from '../notification/notification.policy.ts';
import type { Head } from '../ports/event-log.ts';
import type { JobPayloads } from '../ports/jobs.ts';
import type { Product } from '../scope.ts';
import type { StoredMessage } from '../stream/event.ts';
import { askAgainAt, type Decided, settledUpTo } from './decide.ts';
import { devicesToWake, type FactsOf, factsOf, type WakeDevice } from './facts.ts';
import { type KeptDecision, keepDecisions, keptDecision, tellDecided } from './keep-decisions.ts';
import {
  addLooks,
  type DeviceRow,
  forgetBehind,
  isShown,
  type Look,
  moveWoken,
  rowsOfChannel,
  type Woken,
  wantLooks,
  wokenOf,
} from './wake-rows.ts';

/** Of one channel so many of the newest messages are looked at, at most: what lies before them is too much to tell anybody of. */
const mostMessages = 1_000;
/** So much is decided in one go, and written in one transaction: messages times devices, but ten messages at least. */
const mostDecisions = 20_000;
const fewestMessages = 10;
/** Writing that many takes a second where nothing else is done. In milliseconds. */
const patience = { timeout: 20_000 } as const;
/** Goes that it takes at most, and as many again in which somebody else was quicker. */
const mostGoes = (2 * mostMessages) / fewestMessages;

/**
 * Decides whom to notify of what was said in a channel since this was done last, and has those devices looked at. Rejects when it could
 * not find out or write down: then nothing is decided, and it is to be called again.
 */
export async function wakeChannel(
  product: Product,
  { channelId }: JobPayloads['wakeChannel'],
): Promise<void> {
  for (let goes = 0; goes < mostGoes; goes += 1) if (await go(product, channelId)) return;
  throw new Error('Others decide about this channel all the time.');
}

/** True when nothing is left. */
async function go(product: Product, channelId: ChannelId): Promise<boolean> {
  const { prisma, stream, clock, wakeObserver } = product;
  const woken = await wokenOf(prisma, channelId);
  const head = (await stream.history.heads([channelId])).heads.get(channelId);
  if (head === undefined || head.head === (woken?.seq ?? 0)) return true;
  const [devices, rows] = await Promise.all([
    devicesToWake(product, { channelId }),
    rowsOfChannel(prisma, channelId, clock.now()),
  ]);
  const at = { channelId, woken, head, devices, rows };
  const part = await partOf(product, at);
  const { decisions, looks } = await decide(product, at, part);
  if (part.isLast) looks.push(...(await looksAtShown(product, at, looks)));
  const isMine = await prisma.$transaction(async (tx) => {
    if (!(await moveWoken(tx, channelId, { from: woken, to: part.upTo }))) return false;
    if (isRestored(at)) await forgetBehind(tx, channelId, part.upTo);
    await wantLooks(tx, channelId, looks);
    await keepDecisions(tx, decisions, clock.now());
    return true;
  }, patience);
  if (!isMine) return false;
  tellDecided(wakeObserver, decisions);
  const lookedAt = new Map(rows.map(({ deviceId, lookAt }) => [deviceId, lookAt]));
  // Where somebody looks as early anyway, there is a job for that.
  const earlier = looks.filter(
    ({ deviceId, at: time }) => time < (lookedAt.get(deviceId) ?? Number.POSITIVE_INFINITY),
  );
  await addLooks(product, channelId, earlier);
  return part.isLast;
}

type At = {
  readonly channelId: ChannelId;
  readonly woken: Woken | undefined;
  readonly head: Head;
  readonly devices: readonly WakeDevice[];
  readonly rows: readonly DeviceRow[];
};
/** Some messages, ascending, and up to where everything is decided when they are. */
type Part = {
  readonly messages: readonly StoredMessage[];
  readonly answered: readonly StoredMessage[];
  readonly from: number;
  readonly upTo: Woken;
  readonly isLast: boolean;
};

/** A log that is shorter than it was has been restored. */
const isRestored = ({ head, woken }: Pick<At, 'head' | 'woken'>) => head.head < (woken?.seq ?? 0);

async function partOf({ stream }: Product, { channelId, woken, head, devices }: At): Promise<Part> {
  const end = { seq: head.head, number: head.messageCount };
  const from = Math.max(woken?.number ?? 0, head.messageCount - mostMessages);
  const nothing = { messages: [], answered: [], from, upTo: end, isLast: true };
  // What a restored log has was said before.
  if (devices.length === 0 || isRestored({ head, woken })) return nothing;
  const share = Math.floor(mostDecisions / devices.length);
  const limit = Math.min(Math.max(share, fewestMessages), mostMessages);
  const page = { after: from, take: 'first', limit, alsoAnswered: true } as const;
  const { messages, answered } = await stream.history.messages(channelId, page);
  const last = messages.at(-1);
  if (last === undefined) return nothing;
  const isLast = messages.length < limit || last.number >= end.number;
  const further = { seq: Math.max(end.seq, last.seq), number: Math.max(end.number, last.number) };
  return { messages, answered, from, upTo: isLast ? further : last, isLast };
}

type Outcome = { readonly decisions: KeptDecision[]; readonly looks: Look[] };

/** What nobody is told is kept; whom there is something to tell, or to ask again about, is looked at. */
async function decide(product: Product, at: At, { messages, answered, from }: Part): Promise<Outcome> {
  const { channelId, devices, rows } = at;
  const now = product.clock.now();
  const since = Math.max(now - maxAgeMs, Math.min(...devices.map(({ registeredAt }) => registeredAt)));
  const recent = messages.filter(({ createdAt }) => createdAt >= since);
  const outcome: Outcome = { decisions: [], looks: [] };
  if (recent.length === 0) return outcome;
  const facts = await factsOf(product, { channelId, messages: recent, answered, devices });
  const settled = new Map(rows.map(({ deviceId, settledNumber }) => [deviceId, settledNumber]));
  for (const device of devices) {
    const base = Math.max(from, settled.get(device.deviceId) ?? 0);
    const decided = decideFor(
      device,
      recent.filter(({ number }) => number > base),
      facts,
    );
    const unsent = decided.filter(({ verdict }) => verdict.outcome !== 'SEND');
    outcome.decisions.push(...unsent.map((one) => keptDecision({ ...one, device })));
    const time = unsent.length < decided.length ? now : askAgainAt(decided);
    const settledNumber = settledUpTo(decided, base, (verdict) => verdict === 'SUPPRESS');
    if (time !== undefined) outcome.looks.push({ deviceId: device.deviceId, settledNumber, at: time });
  }
  return outcome;
}

const decideFor = ({ deviceId }: WakeDevice, messages: readonly StoredMessage[], facts: FactsOf): Decided[] =>
  messages.map((message) => ({ message, verdict: decideNotification(facts(message, deviceId)) }));

/** Devices that show what was deleted, or what their people may not see any more; and those that somebody is at, who may not know. */
async function looksAtShown(
  { stream, clock }: Product,
  { channelId, head, devices, rows }: At,
  looks: readonly Look[],
): Promise<Look[]> {
  const looked = new Set(looks.map(({ deviceId }) => deviceId));
  const others = rows.filter((row) => !looked.has(row.deviceId) && (row.isClaimed || isShown(row)));
  if (others.length === 0) return [];
  const seqs = [...new Set(others.filter(isShown).map(({ pushedSeq }) => pushedSeq))].slice(0, mostMessages);
  const messages = await stream.history.messagesAt(seqs.map((seq) => ({ channelId, seq })));
  const standing = new Set(messages.flatMap((message) => (message?.deletedAt === null ? message.seq : [])));
  const present = new Set(devices.map(({ deviceId }) => deviceId));
  return others
    .filter((row) => row.isClaimed || !present.has(row.deviceId) || !standing.has(row.pushedSeq))
    .map(({ deviceId, settledNumber }) => ({
      deviceId,
      settledNumber: Math.min(settledNumber, head.messageCount),
      at: clock.now(),
    }));
}
