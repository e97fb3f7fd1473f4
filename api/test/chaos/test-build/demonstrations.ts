import { createManualClock } from '../../../../schema/ports/clock.manual.ts';
import { openMemoryEventLog } from '../../../../schema/ports/event-log.memory.ts';
import { OutcomeUnknownError } from '../../../../schema/ports/event-log.ts';
import type { Delivery } from '../../../../schema/stream/delivery.ts';
import { createGroupCommit } from '../../../../schema/stream/group-commit.ts';
import { allRules } from '../../../../schema/stream/rules.ts';
import type { Reader } from '../../../../schema/stream/stream.ts';
import {
  ada,
  ben,
  channelId,
  draft,
  isLog,
  nameOf,
  openStreamWorld,
  type StreamWorld,
  settled,
  start,
  take,
  untilCaughtUp,
} from '../../../../schema/stream/test/stream-world.ts';
import type { BugName } from './bugs.ts';
import { isAheadOfTheCommit, isGivenTwice, passesOver, tellsAheadOfTheCommit } from './demonstrate-log.ts';
import { fillsWithoutBound } from './demonstrate-writer.ts';

/** Plays what shows a bug, as small as it can be. Resolves with whether it is there. */
export type Demonstration = (databaseUrl: string) => Promise<boolean>;

const never = () => new AbortController().signal;

async function openWorld(): Promise<StreamWorld> {
  const world = await openStreamWorld();
  await world.add(ada);
  return world;
}
const follow = ({ stream }: StreamWorld, userId = ada) => stream.follow(userId, undefined, never());

/** What a reader gets without time passing, as long as there is something. */
async function gathered(reader: Reader<Delivery>): Promise<readonly Delivery[]> {
  const found: Delivery[] = [];
  void (async () => {
    for (let next = await reader.next(); !next.done; next = await reader.next()) found.push(next.value);
  })();
  for (let turns = 0; turns < 50; turns += 1) await settled();
  return found;
}
const hasText = (deliveries: readonly Delivery[], text: string) =>
  deliveries.some((delivery) => isLog(delivery) && delivery.event.message?.text === text);

/** The same thing is said once more, at once or so much later, and is there twice. */
async function isSaidTwice(afterMs: number | undefined): Promise<boolean> {
  const { stream, clock } = await openWorld();
  const once = draft('once');
  const first = stream.record(channelId, once);
  if (afterMs !== undefined) await first.then(() => clock.advance(afterMs));
  const second = await stream.record(channelId, once);
  return second.event.seq !== (await first).event.seq;
}

/** The first answer of the log is lost; what it was about is there. */
async function repeatsBlindly(): Promise<boolean> {
  const log = openMemoryEventLog();
  const clock = createManualClock(start);
  let isLost = true;
  const append: typeof log.append = async (...round) => {
    const answer = await log.append(...round);
    if (!isLost) return answer;
    isLost = false;
    throw new OutcomeUnknownError('The answer was lost.');
  };
  const [answer] = createGroupCommit({ ...log, append }, clock, allRules).append(channelId, [draft('once')]);
  await settled();
  await clock.advance(1_000);
  await answer;
  return (await log.heads([channelId])).heads.get(channelId)?.head !== 1;
}

/** A hint is lost, and the next one is not. */
async function skipsWhatNoHintTold(): Promise<boolean> {
  const world = await openWorld();
  const reader = await follow(world);
  await untilCaughtUp(reader);
  world.hints.isDeaf = true;
  await world.send('unheard');
  world.hints.isDeaf = false;
  await world.send('heard');
  return !hasText(await gathered(reader), 'unheard');
}

/** A hint is lost, and nothing comes after it. */
async function neverLooks(): Promise<boolean> {
  const world = await openWorld();
  const reader = await follow(world);
  await untilCaughtUp(reader);
  world.hints.isDeaf = true;
  await world.send('unheard');
  await world.clock.advance(31_000);
  return !hasText(await gathered(reader), 'unheard');
}

declare global {
  /** What the aids have put there, and what a demonstration puts in its place. */
  var testBuild: Record<string, unknown> | undefined;
}

/** Something is said while a hub opens, between its look at the log and its subscription. */
async function missesWhatIsBetween(): Promise<boolean> {
  const world = await openWorld();
  let said: Promise<unknown> | undefined;
  const say = () => (said ??= world.send('between'));
  globalThis.testBuild = { ...globalThis.testBuild, beforeListening: say };
  const reader = await follow(world);
  await say();
  await world.send('after');
  return !hasText(await gathered(reader), 'between');
}

/** A reader is behind when it gets a checkpoint, and comes back with that. */
async function namesTheNewest(): Promise<boolean> {
  const world = await openWorld();
  const { cursor } = await world.stream.syncPoint(ada);
  for (let nth = 1; nth <= 150; nth += 1) await world.send(`${nth}`);
  const reader = await world.stream.follow(ada, [cursor], never());
  let last = await take(reader, 1);
  while (last[0]?.type !== 'checkpoint') last = await take(reader, 1);
  await reader.return();
  const again = await world.stream.follow(ada, [last[0].cursor], never());
  return !hasText(await untilCaughtUp(again), '101');
}

/** The row of a removal is heard of late. */
async function tellsWhoIsGone(): Promise<boolean> {
  const world = await openWorld();
  await world.add(ben);
  const reader = await follow(world, ben);
  await untilCaughtUp(reader);
  world.hints.losesTopics = /^user:/;
  await world.remove(ben);
  await world.send('secret');
  const got = await gathered(reader);
  if (!got.some((delivery) => nameOf(delivery).endsWith('member.removed')))
    throw new Error('Nobody was told of the removal.');
  return hasText(got, 'secret');
}

/** A client ends its subscription while it waits. */
async function goesOnWithoutAClient(): Promise<boolean> {
  const world = await openWorld();
  const controller = new AbortController();
  const reader = await world.stream.follow(ada, undefined, controller.signal);
  await untilCaughtUp(reader);
  const waiting = reader.next();
  controller.abort();
  await settled();
  await world.clock.advance(100_000);
  void waiting;
  return world.hints.listening > 0;
}

export const demonstrations: Readonly<Record<BugName, Demonstration>> = {
  'ack-before-commit': isAheadOfTheCommit,
  'publish-before-commit': tellsAheadOfTheCommit,
  'no-nonce-marker': isGivenTwice,
  'no-coalescing': () => isSaidTwice(undefined),
  'ids-from-redis-incr': passesOver,
  'no-gap-repair': skipsWhatNoHintTold,
  'no-head-poll': neverLooks,
  'head-read-before-subscribe': missesWhatIsBetween,
  'cursor-newest-seen': namesTheNewest,
  'dedup-window-1s': () => isSaidTwice(2_000),
  'removal-not-ordered': tellsWhoIsGone,
  'unbounded-queue': fillsWithoutBound,
  'iterator-not-returned': goesOnWithoutAClient,
  'blind-retry-of-unknown-outcome': repeatsBlindly,
};
