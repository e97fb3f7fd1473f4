import { randomUUID } from 'node:crypto';
import {
  decideNotification,
  type NotificationFacts,
  type NotificationPreview,
} from '../notification/notification.policy.ts';
import type { JobPayloads } from '../ports/jobs.ts';
import { forgetGone } from '../push-endpoint/push-endpoints.ts';
import type { Product } from '../scope.ts';
import type { StoredMessage } from '../stream/event.ts';
import { type Decided, isNews, outcomeOf, type Step, stepOf, stillStands, type Tried } from './decide.ts';
import { devicesToWake, factsOf, type WakeDevice } from './facts.ts';
import { doneIn, keepDecisions, keptDecision, tellDecided } from './keep-decisions.ts';
import { noteOf } from './note.ts';
import {
  addLooks,
  type Claim,
  claimDevice,
  dropRow,
  giveBack,
  holdEndpoint,
  isShown,
  letGo,
  mayShow,
  type Told,
} from './wake-rows.ts';

/** Of one channel so many of the newest messages are looked at, at most. */
const mostMessages = 1_000;
/** A push service may take 10 s: when less than this is left of the claim, in milliseconds, nothing is sent any more. */
const sendingMs = 12_000;
/** What was decided longer ago, in milliseconds, is decided again: the database was away, and meanwhile somebody may have come or read. */
const freshMs = 5_000;

/**
 * Brings what a device shows of a channel up to date: tells it what is due at this moment, or takes away what is not to be seen any
 * more. Killed between the sending and the writing it does so again, and the device shows one notification all the same. Rejects when
 * it could not find out or write down: then it is to be called again.
 */
export async function sendPush(product: Product, place: JobPayloads['sendPush']): Promise<void> {
  const { prisma, clock } = product;
  const claimed = await claimDevice(prisma, place, { by: randomUUID(), now: clock.now() });
  if (claimed.state === 'NOTHING') return;
  if (claimed.state === 'LATER') return addLooks(product, place.channelId, [{ ...place, at: claimed.at }]);
  try {
    const lookAt = await bringUpToDate(product, claimed.claim, claimed.told);
    if (lookAt !== undefined) await addLooks(product, place.channelId, [{ ...place, at: lookAt }]);
  } catch (failure) {
    // Nobody is to wait for the end of the claim; if this fails as well, somebody does.
    await letGo(prisma, claimed.claim, clock.now()).catch(() => undefined);
    throw failure;
  }
}

/** Answers when to look again, if at all. */
async function bringUpToDate(product: Product, claim: Claim, told: Told): Promise<number | undefined> {
  const [device] = await devicesToWake(product, claim);
  if (device === undefined) {
    await dropRow(product.prisma, claim);
    return undefined;
  }
  const looked = await look(product, { claim, told, device });
  const tried = looked.step && (await send(product, looked, looked.step));
  return tried === 'lost' ? undefined : mark(product, looked, tried);
}

type At = { readonly claim: Claim; readonly told: Told; readonly device: WakeDevice };
type Looked = At & {
  /** When this was begun to be found out, in milliseconds since 1970. */
  readonly decidedAt: number;
  readonly preview: NotificationPreview;
  readonly decided: readonly Decided[];
  readonly step: Step | undefined;
};

/** What of a channel is due to the device now, and what it shows. */
async function look(product: Product, at: At): Promise<Looked> {
  const { claim, told, device } = at;
  const decidedAt = product.clock.now();
  const { messages, answered } = await messagesOf(product, at);
  const [first, last] = [messages[0], messages.at(-1)];
  if (first === undefined || last === undefined) {
    const step = stepOf(told, { due: [], standing: [] });
    return { ...at, decidedAt, preview: 'NOTHING', decided: [], step };
  }
  const [done, factsAbout] = await Promise.all([
    doneIn(product.prisma, { ...claim, userId: device.userId }, { from: first.seq, to: last.seq }),
    factsOf(product, { channelId: claim.channelId, messages, answered, devices: [device] }),
  ]);
  const facts = (message: StoredMessage): NotificationFacts => factsAbout(message, device.deviceId);
  const decided = messages
    .filter(({ seq, number }) => number > told.settledNumber && !done.has(seq))
    .map((message): Decided => ({ message, verdict: decideNotification(facts(message)) }));
  const due = decided.flatMap(({ message, verdict }) => (verdict.outcome === 'SEND' ? message : []));
  const standing = messages.filter(
    (message) =>
      message.number > told.clearedNumber && done.get(message.seq) === 'SENT' && stillStands(facts(message)),
  );
  const { preview } = facts(last).person.preferences;
  return { ...at, decidedAt, preview, decided, step: stepOf(told, { due, standing }) };
}

/** What is not decided, and what is shown: the newest of both, and the one that is shown itself. */
async function messagesOf({ stream: { history } }: Product, { claim: { channelId }, told }: At) {
  const after = isShown(told) ? Math.min(told.settledNumber, told.clearedNumber) : told.settledNumber;
  const page = { after, take: 'last', limit: mostMessages, alsoAnswered: true } as const;
  const { messages, answered } = await history.messages(channelId, page);
  const isMissing = isShown(told) && (messages[0]?.number ?? Number.POSITIVE_INFINITY) > told.pushedNumber;
  const [shown] = isMissing ? await history.messagesAt([{ channelId, seq: told.pushedSeq }]) : [];
  return { messages: shown ? [shown, ...messages] : messages, answered };
}

/** 'lost': somebody else has the device by now, and decides everything again. */
async function send(
  product: Product,
  { device, preview, claim, decidedAt }: Looked,
  step: Step,
): Promise<Tried | 'lost'> {
  const { push, clock, wakeObserver } = product;
  if (device.heldUntil > clock.now()) return { answer: 'held', until: device.heldUntil };
  const note = await noteOf(product, { device, preview, channelId: claim.channelId }, step);
  const inTime = () => {
    const now = clock.now();
    if (now > claim.until - sendingMs || now > decidedAt + freshMs)
      throw new Error('It took too long to find out what to send.');
  };
  inTime();
  // What takes the place of something shown needs no such word: that is known to be there.
  if (isNews(step) && !(await mayShow(product.prisma, claim, step.newest))) return 'lost';
  inTime();
  const answer = await push.send(device.target, note);
  const at = clock.now();
  if (step.kind === 'message') wakeObserver?.onPushed(answer.outcome, at - step.newest.createdAt);
  return { answer, at };
}

/** Writes all of it down at once. Answers when to look again, if at all. */
async function mark(
  product: Product,
  { told, decided, device, claim, step }: Looked,
  tried: Tried | undefined,
): Promise<number | undefined> {
  const { prisma, clock, stream, wakeObserver } = product;
  const outcome = outcomeOf({ told, decided, tries: device.tries }, step, tried);
  if (isGone(tried)) {
    const moved = await prisma.$transaction((tx) => forgetGone(tx, device));
    if (moved) stream.announceFeed(moved);
  }
  const decisions = decided.map((one) => keptDecision({ ...one, device }, outcome.ofDue));
  const next = await prisma.$transaction(async (tx) => {
    const given = await giveBack(tx, claim, outcome);
    // Somebody else has it by now, and decides everything again.
    if (given === 'lost') return undefined;
    await keepDecisions(tx, decisions, clock.now());
    if (outcome.hold) await holdEndpoint(tx, device, outcome.hold);
    return given;
  });
  tellDecided(wakeObserver, decisions);
  return next;
}

const isGone = (tried: Tried | undefined) =>
  tried !== undefined && tried.answer !== 'held' && tried.answer.outcome === 'gone';
