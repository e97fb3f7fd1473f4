import { expect, it } from 'vitest';
import { type ChannelId, channelIdOf, userIdOf } from '../ids.ts';
import { createManualClock } from '../ports/clock.manual.ts';
import { openMemoryEventLog } from '../ports/event-log.memory.ts';
import { openMemoryMemberships } from '../ports/memberships.memory.ts';
import type { FeedMoved } from '../ports/memberships.ts';
import { upTo } from '../ports/random.contract.ts';
import type { EventDraft } from './event.ts';
import { createOutbox } from './outbox.ts';
import { allRules } from './rules.ts';
import { start } from './test/stream-world.ts';

const [first, second] = [channelIdOf(1n), channelIdOf(2n)];

/** Rows that nobody has brought into the log yet. */
function world(members: number) {
  const clock = createManualClock(start);
  const log = openMemoryEventLog();
  const { memberships, addUser, addGroup } = openMemoryMemberships();
  const users = upTo(members).map((n) => addUser(userIdOf(BigInt(n))));
  for (const id of [first, second]) addGroup(id);
  const rounds: number[] = [];
  const announced: FeedMoved[] = [];
  const broken = new Set<ChannelId>();
  const outbox = createOutbox({
    memberships,
    clock,
    rules: allRules,
    async append(channelId: ChannelId, drafts: readonly EventDraft[]) {
      if (broken.has(channelId)) throw new Error('refused');
      rounds.push(drafts.length);
      return log.append(channelId, drafts, clock.now());
    },
    announce: (moved) => announced.push(...moved),
  });
  const addAll = (channelId: ChannelId) =>
    memberships.change(channelId, { by: userIdOf(1n), candidates: users, now: clock.now() }, () => ({
      changes: users.map((userId) => ({ kind: 'ADDED', userId, role: 'MEMBER' })),
      result: undefined,
    }));
  const removeAll = (channelId: ChannelId) =>
    memberships.change(channelId, { by: userIdOf(1n), candidates: users, now: clock.now() }, () => ({
      changes: users.map((userId) => ({ kind: 'REMOVED', userId, state: 'LEFT' })),
      result: undefined,
    }));
  return { clock, log, memberships, outbox, rounds, announced, broken, addAll, removeAll, users };
}

it('brings everything up to a version into the log, in the order of versions, and fills in the places', async () => {
  const { outbox, log, memberships, announced, addAll, removeAll, users } = world(3);
  await addAll(first);
  await removeAll(first);
  await outbox.work(first, 5);
  const nonces = (await log.read(first, 0, 10)).map(({ nonce }) => nonce);
  expect(nonces).toEqual(upTo(5).map((version) => `s:membership:${version}`));
  const [last] = await memberships.of(users[2] ?? userIdOf(0n), [first]);
  expect(last?.intervals).toMatchObject([{ joinedSeq: 3, leftSeq: null, leftVersion: 6 }]);
  expect(announced.map(({ userId }) => userId)).toEqual(expect.arrayContaining(users));
});

it('works as often as it likes: nothing is there twice', async () => {
  const { outbox, log, addAll } = world(3);
  await addAll(first);
  await Promise.all([outbox.work(first, 3), outbox.work(first, 3), outbox.work(first, 2)]);
  await outbox.work(first, 3);
  expect(await log.read(first, 0, 10)).toHaveLength(3);
});

it('works more than a page of changes, in rounds that the log takes', async () => {
  const { outbox, log, rounds, addAll, removeAll } = world(300);
  for (const _ of upTo(2)) {
    await addAll(first);
    await removeAll(first);
  }
  await outbox.work(first, 1_200);
  expect((await log.heads([first])).heads.get(first)?.head).toBe(1_200);
  expect(Math.max(...rounds)).toBe(64);
});

it('sweeps what others left for a second, also when one channel cannot be worked', async () => {
  const { outbox, log, broken, clock, addAll } = world(1);
  for (const id of [first, second]) await addAll(id);
  await outbox.sweep();
  expect(await log.read(second, 0, 10)).toHaveLength(0);
  await clock.advance(1_000);
  broken.add(first);
  await expect(outbox.sweep()).rejects.toThrow('refused');
  expect(await log.read(second, 0, 10)).toHaveLength(1);
});

it('sweeps a role and a new name like a coming; only the coming has a place to tell of', async () => {
  const { outbox, log, memberships, announced, clock, addAll, users } = world(2);
  const [a, b] = users;
  if (!a || !b) throw new Error('Nobody was made.');
  await addAll(first);
  await outbox.work(first, 2);
  announced.splice(0);
  await memberships.change(first, { by: a, candidates: [], now: clock.now() }, () => ({
    changes: [{ kind: 'ROLE_CHANGED', userId: b, role: 'ADMIN' }],
    update: { name: 'Crew', topic: null },
    result: undefined,
  }));
  await clock.advance(1_000);
  await outbox.sweep();
  const recorded = (await log.read(first, 2, 10)).map(({ kind, body }) => [kind, JSON.parse(body)]);
  expect(recorded).toEqual([
    ['member.role-changed', { userId: b, by: a, role: 'ADMIN' }],
    ['channel.updated', { by: a, updated: { name: 'Crew', topic: null } }],
  ]);
  expect(announced).toEqual([]);
  expect(await memberships.unsettled(Number.MAX_SAFE_INTEGER, 10)).toEqual([]);
});
