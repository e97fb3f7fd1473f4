import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { channelIdOf, serverAuthorId, type UserId, userIdOf } from '../../ids.ts';
import type { Clock } from '../../ports/clock.ts';
import { openMemoryEventLog } from '../../ports/event-log.memory.ts';
import { openMemoryMemberships } from '../../ports/memberships.memory.ts';
import { createRandom, upTo } from '../../ports/random.contract.ts';
import { clientNonce, type EventDraft, serverNonce } from '../event.ts';
import { draftOf } from '../outbox.ts';
import { type Counters, foldAll, noCounters, unreadOf } from './counters.ts';
import { createMarks } from './marks.ts';
import { ticksBehind, ticksFrom } from './summary.ts';

const channelId = channelIdOf(1n);
const logger = pino({ enabled: false });

/** Time passes when somebody waits. */
function createHastyClock(): Clock {
  let now = 1_717_171_717_171;
  return {
    now: () => now,
    async sleep(ms) {
      now += ms;
    },
  };
}

/** What is so, kept as plainly as can be: a list of messages, and how far each member said that they have read. */
function createTruth() {
  const authors: UserId[] = [];
  const deleted: boolean[] = [];
  const said = new Map<UserId, { read: number; delivered: number }>();
  const readOf = (userId: UserId): number => {
    let number = said.get(userId)?.read ?? 0;
    while (authors[number] === userId) number += 1; // entry n is message n + 1
    return number;
  };
  return {
    authors,
    deleted,
    said,
    readOf,
    deliveredOf: (userId: UserId) => Math.max(readOf(userId), said.get(userId)?.delivered ?? 0),
    /** One by one. */
    unreadOf(userId: UserId): number {
      if (!said.has(userId)) return 0;
      let count = 0;
      for (let i = readOf(userId); i < authors.length; i += 1)
        if (authors[i] !== userId && deleted[i] === false) count += 1;
      return count;
    },
  };
}

/** A channel in memory, with two processes that write positions and die now and then. */
function openWalk(seed: number) {
  const random = createRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const clock = createHastyClock();
  const log = openMemoryEventLog();
  const { memberships, positions, addUser, addGroup } = openMemoryMemberships();
  const people = upTo(6).map((n) => addUser(userIdOf(BigInt(n))));
  addGroup(channelId);
  const open = () => createMarks({ log, positions, clock, logger, announce: () => undefined });
  const processes = [open(), open()];
  return {
    random,
    below,
    clock,
    log,
    memberships,
    positions,
    people,
    processes,
    open,
    truth: createTruth(),
    nonce: 0,
  };
}
type Walk = ReturnType<typeof openWalk>;

async function append(walk: Walk, drafts: readonly EventDraft[]) {
  const appended = await walk.log.append(channelId, drafts, walk.clock.now());
  // As the stream does it.
  if (appended.some(({ event }) => event.seq % 64 === 0)) walk.processes[walk.below(2)]?.catchUp(channelId);
  return appended;
}

const pick = <T>(walk: Walk, list: readonly T[]): T => {
  const picked = list[walk.below(list.length)];
  if (picked === undefined) throw new Error('Nothing to pick from.');
  return picked;
};

/** Several in a row are what somebody wrote while they were offline. */
async function send(walk: Walk): Promise<void> {
  const present = [...walk.truth.said.keys()];
  if (present.length === 0) return;
  const authorId = pick(walk, present);
  const drafts = upTo(pick(walk, [1, 1, 1, 1, 1 + walk.below(6), walk.random() < 0.1 ? 60 : 1])).map(
    (): EventDraft => {
      walk.nonce += 1;
      return { kind: 'message.sent', authorId, nonce: clientNonce(`${walk.nonce}`), body: '' };
    },
  );
  await append(walk, drafts);
  for (const _ of drafts) {
    walk.truth.authors.push(authorId);
    walk.truth.deleted.push(false);
  }
}

/** Also again, and by two at once. */
async function erase(walk: Walk): Promise<void> {
  const { authors, deleted } = walk.truth;
  if (authors.length === 0) return;
  const number = authors.length - walk.below(Math.min(authors.length, 60));
  const [message] = await walk.log.messagesAt([{ channelId, number }]);
  if (message === undefined) throw new Error('A message is missing.');
  const by = [pick(walk, walk.people), pick(walk, walk.people)].slice(0, 1 + walk.below(2));
  const drafts = [...new Set(by)].map((authorId): EventDraft => {
    walk.nonce += 1;
    return {
      kind: 'message.deleted',
      authorId,
      nonce: serverNonce(`${walk.nonce}`),
      body: '',
      refSeq: message.seq,
    };
  });
  await append(walk, drafts);
  deleted[number - 1] = true;
}

/** Somebody comes, or goes. The log has it at once, the rows now and then later. */
async function turn(walk: Walk): Promise<void> {
  const { memberships, truth, people } = walk;
  const userId = pick(walk, people);
  const isIn = truth.said.has(userId);
  const who = { by: serverAuthorId, candidates: [userId], now: walk.clock.now() };
  await memberships.change(channelId, who, () => ({
    changes: [isIn ? { kind: 'REMOVED', userId, state: 'LEFT' } : { kind: 'ADDED', userId, role: 'MEMBER' }],
    result: undefined,
  }));
  const pending = await memberships.pending(channelId, Number.MAX_SAFE_INTEGER);
  const appended = await append(walk, pending.map(draftOf));
  const placed = pending.map(({ version }, i) => ({
    version,
    seq: appended[i]?.event.seq ?? 0,
    number: appended[i]?.event.number ?? 0,
  }));
  if (walk.random() < 0.7) await memberships.settle(channelId, placed);
  if (isIn) truth.said.delete(userId);
  else truth.said.set(userId, { read: truth.authors.length, delivered: truth.authors.length });
}

async function mark(walk: Walk, beyond = 3): Promise<void> {
  const { truth, below, random } = walk;
  const last = truth.authors.length;
  const marks = upTo(random() < 0.7 ? 1 : 3).map(() => {
    const userId = pick(walk, walk.people);
    const number = random() < 0.4 ? last + below(beyond) : below(last + 1);
    const isRead = random() < 0.7;
    const said = truth.said.get(userId);
    if (said && isRead) said.read = Math.max(truth.readOf(userId), Math.min(number, last));
    if (said && !isRead) said.delivered = Math.max(said.delivered, Math.min(number, last));
    return walk.processes[below(2)]?.mark(
      channelId,
      userId,
      isRead ? { read: number } : { delivered: number },
    );
  });
  await Promise.all(marks);
}

/** All at once: whatever order they end up in, the same is read. */
async function together(walk: Walk): Promise<void> {
  const soon = async (act: (walk: Walk) => Promise<void>) => {
    for (const _ of upTo(walk.below(12))) await Promise.resolve();
    await act(walk);
  };
  await Promise.all([mark(walk, 1), soon(erase), soon(send), soon(erase), mark(walk, 1)]);
}

/** A process dies: what it has in hand goes on elsewhere, and a new one knows nothing of it. */
async function crash(walk: Walk): Promise<void> {
  walk.processes[walk.below(2)] = walk.open();
}

async function toggle(walk: Walk): Promise<void> {
  await walk.positions.share(pick(walk, walk.people), walk.random() < 0.5, walk.clock.now());
}

const acts = [send, send, send, send, send, mark, together, erase, turn, crash, toggle];

/** What a query shows of somebody: the stored counters, and the log behind them. */
async function shownTo(walk: Walk, userId: UserId) {
  const [membership] = await walk.memberships.of(userId, [channelId]);
  const { heads } = await walk.log.heads([channelId]);
  const { head = 0, messageCount = 0 } = heads.get(channelId) ?? {};
  const progress = membership?.progress;
  const after = progress?.appliedSeq ?? 0;
  const [tail = []] = await walk.log.outlines([{ channelId, after, upTo: Math.max(head, after) }]);
  const counters: Counters = foldAll(progress?.counters ?? noCounters, userId, tail);
  const viewer = { id: userId, isSharer: progress?.isShared === true && progress.counters.isPresent };
  const quick = progress?.summary && ticksBehind({ ...progress, summary: progress.summary }, tail, viewer);
  const stored = (await walk.positions.of([channelId])).get(channelId)?.positions ?? [];
  const plain = ticksFrom(
    stored.map((one) => ({ ...one, counters: foldAll(one.counters, one.userId, tail) })),
    userId,
  );
  return { unread: unreadOf(counters, messageCount), counters, tail: tail.length, quick, plain };
}

type Found = { checked: number; quickTicks: number; longestTail: number };

async function check(walk: Walk, seen: Map<UserId, Counters>, found: Found): Promise<string | undefined> {
  const { truth } = walk;
  const userId = pick(walk, walk.people);
  const { unread, counters, tail, quick, plain } = await shownTo(walk, userId);
  found.longestTail = Math.max(found.longestTail, tail);
  if (counters.isPresent !== truth.said.has(userId))
    return `${userId} is ${counters.isPresent ? '' : 'not '}there`;
  if (unread !== truth.unreadOf(userId))
    return `${userId} has ${unread} unread, counted ${truth.unreadOf(userId)}`;
  if (quick) {
    found.quickTicks += 1;
    if (JSON.stringify(quick) !== JSON.stringify(plain)) return `ticks ${JSON.stringify([quick, plain])}`;
  }
  if (!counters.isPresent) {
    seen.delete(userId);
    return undefined;
  }
  found.checked += 1;
  const before = seen.get(userId);
  seen.set(userId, counters);
  const [read, delivered] = [truth.readOf(userId), truth.deliveredOf(userId)];
  if (counters.readNumber !== read || counters.deliveredNumber !== delivered)
    return `${userId} is at ${counters.readNumber}/${counters.deliveredNumber}, not at ${read}/${delivered}`;
  if (
    before &&
    (counters.readNumber < before.readNumber || counters.deliveredNumber < before.deliveredNumber)
  )
    return `${userId} went back`;
  return undefined;
}

async function walkWith(
  seed: number,
  steps: number,
): Promise<Found & { readonly problem: string | undefined }> {
  const walk = openWalk(seed);
  const seen = new Map<UserId, Counters>();
  const found = { checked: 0, quickTicks: 0, longestTail: 0 };
  for (const step of upTo(steps)) {
    const act = pick(walk, acts);
    await act(walk);
    if (act === turn) seen.clear(); // who comes back begins anew
    const problem = await check(walk, seen, found);
    if (problem) return { ...found, problem: `step ${step} (${act.name}): ${problem}` };
  }
  return { ...found, problem: undefined };
}

describe('what is unread, after any sends, deletions, marks, comings, goings and crashes', () => {
  it.each(upTo(100))('is what counting one by one gives (seed %i)', { timeout: 120_000 }, async (seed) => {
    const { problem, checked, quickTicks, longestTail } = await walkWith(seed, 10_000);
    expect(problem).toBeUndefined();
    expect(checked).toBeGreaterThan(1_000);
    expect(quickTicks).toBeGreaterThan(1_000);
    expect(longestTail).toBeLessThan(1_000);
  });
});
