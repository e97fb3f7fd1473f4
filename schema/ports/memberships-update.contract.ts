import { expect, it } from 'vitest';
import type { ChannelId, UserId } from '../ids.ts';
import type { Channel } from './memberships.ts';
import {
  added,
  changeAll,
  decideAs,
  type GetWorld,
  givenRole,
  groupName,
  type MembershipsWorld,
  membershipOf,
  newUsers,
  pick,
  removed,
  settleAll,
} from './memberships-world.contract.ts';

const far = Number.MAX_SAFE_INTEGER;

/** A channel with these members, that the log has the joining of. */
async function openSettled(world: MembershipsWorld, members: number) {
  const [channelId, people] = [await world.newChannel(), await newUsers(world, members)];
  await changeAll(
    world,
    channelId,
    people.map((userId, n) => added(userId, n === 0 ? 'OWNER' : 'MEMBER')),
  );
  await settleAll(world, channelId);
  return { channelId, people, owner: pick(people, 0) };
}

const feedVersionsOf = async ({ memberships }: MembershipsWorld, people: readonly UserId[]) => [
  ...(await memberships.feedVersions(people)).versions.values(),
];

export function roleContract(getWorld: GetWorld): void {
  changingRoles(getWorld);
  settlingRoles(getWorld);
}

function changingRoles(getWorld: GetWorld): void {
  it('is a change of this one membership: a version, a queued change, one move of one feed, and nothing of the stay', async () => {
    const world = getWorld();
    const { channelId, people, owner } = await openSettled(world, 3);
    const [, b, c] = [owner, pick(people, 1), pick(people, 2)];
    const before = await membershipOf(world, b, channelId);
    const changed = await decideAs(world, channelId, { by: owner, changes: [givenRole(b, 'ADMIN')] });
    expect(changed).toEqual({ result: null, version: 4, moved: [{ userId: b, version: 3 }] });
    const after = await membershipOf(world, b, channelId);
    expect(after).toEqual({ ...before, role: 'ADMIN', version: 4, feedVersion: 3 });
    expect((await world.memberships.feedOf(b, 2)).memberships).toEqual([after]);
    expect(await feedVersionsOf(world, [owner, b, c])).toEqual([2, 3, 2]);
    expect(await world.memberships.pending(channelId, far)).toEqual([
      { version: 4, kind: 'ROLE_CHANGED', userId: b, by: owner, role: 'ADMIN' },
    ]);
  });

  it('can go with others in one decision: one hands over, one comes, one goes, each with its version', async () => {
    const world = getWorld();
    const { channelId, people, owner } = await openSettled(world, 3);
    const [b, c, d] = [pick(people, 1), pick(people, 2), await world.newUser()];
    const changes = [givenRole(b, 'OWNER'), added(d, 'ADMIN'), removed(c), givenRole(owner, 'MEMBER')];
    const changed = await decideAs(world, channelId, { by: owner, changes });
    expect(changed.version).toBe(7);
    expect(new Set(changed.moved.map(({ userId }) => userId))).toEqual(new Set([owner, b, c, d]));
    const roster = await world.memberships.change(channelId, { by: b, candidates: [], now: 0 }, (found) => ({
      changes: [],
      result: found,
    }));
    expect(roster?.result.members).toEqual([
      { userId: owner, role: 'MEMBER' },
      { userId: b, role: 'OWNER' },
      { userId: d, role: 'ADMIN' },
    ]);
    expect(roster?.result.channel.memberCount).toBe(3);
    const pending = await world.memberships.pending(channelId, far);
    expect(pending.map(({ version, kind }) => [version, kind])).toEqual([
      [4, 'ROLE_CHANGED'],
      [5, 'ADDED'],
      [6, 'REMOVED'],
      [7, 'ROLE_CHANGED'],
    ]);
  });

  it('is what who leaves had last, and nothing that who comes back keeps', async () => {
    const world = getWorld();
    const { channelId, people, owner } = await openSettled(world, 2);
    const b = pick(people, 1);
    await decideAs(world, channelId, { by: owner, changes: [givenRole(b, 'ADMIN')] });
    await changeAll(world, channelId, [removed(b)]);
    expect(await membershipOf(world, b, channelId)).toMatchObject({ role: 'ADMIN', state: 'REMOVED' });
    expect((await world.memberships.pending(channelId, far)).at(-1)).toMatchObject({ role: 'ADMIN' });
    await changeAll(world, channelId, [added(b)]);
    expect(await membershipOf(world, b, channelId)).toMatchObject({ role: 'MEMBER', state: 'ACTIVE' });
  });
}

function settlingRoles(getWorld: GetWorld): void {
  it('waits for the log like a coming, and is then pending no more; nobody is told of that', async () => {
    const world = getWorld();
    const { channelId, people, owner } = await openSettled(world, 2);
    const b = pick(people, 1);
    await decideAs(world, channelId, { by: owner, changes: [givenRole(b, 'ADMIN')] });
    expect(await world.memberships.unsettled(far, 1_000)).toContain(channelId);
    const before = await membershipOf(world, b, channelId);
    expect(await settleAll(world, channelId)).toEqual([]);
    expect(await world.memberships.pending(channelId, far)).toEqual([]);
    expect(await world.memberships.unsettled(far, 1_000)).not.toContain(channelId);
    expect(await membershipOf(world, b, channelId)).toEqual(before);
    expect(await feedVersionsOf(world, people)).toEqual([2, 3]);
    expect(await world.memberships.settle(channelId, [{ version: 3, seq: 99, number: 9 }])).toEqual([]);
    expect(await membershipOf(world, b, channelId)).toEqual(before);
  });

  it('fills no place that belongs to a coming in the same round', async () => {
    const world = getWorld();
    const { channelId, people, owner } = await openSettled(world, 2);
    const [b, c] = [pick(people, 1), await world.newUser()];
    await decideAs(world, channelId, { by: owner, changes: [givenRole(b, 'ADMIN'), added(c)] });
    expect(await settleAll(world, channelId)).toEqual([{ userId: c, version: 2 }]);
    expect((await membershipOf(world, b, channelId)).intervals).toMatchObject([
      { joinedVersion: 2, joinedSeq: 20, leftSeq: null },
    ]);
    expect((await membershipOf(world, c, channelId)).intervals).toMatchObject([
      { joinedVersion: 4, joinedSeq: 40, leftSeq: null },
    ]);
  });
}

export function updateContract(getWorld: GetWorld): void {
  updating(getWorld);
  queueing(getWorld);
}

async function channelOf(world: MembershipsWorld, userId: UserId, channelId: ChannelId): Promise<Channel> {
  return (await membershipOf(world, userId, channelId)).channel;
}

function updating(getWorld: GetWorld): void {
  it('changes what is named and leaves the rest, and a topic can be taken away', async () => {
    const world = getWorld();
    const { channelId, owner } = await openSettled(world, 1);
    const before = await channelOf(world, owner, channelId);
    expect(before).toMatchObject({ name: groupName, topic: null, historyVisibility: 'FROM_JOINING' });
    const steps = [
      [{ name: 'Crew' }, { name: 'Crew' }],
      [{ topic: 'Bo\'s "boats" \\ ✓' }, { name: 'Crew', topic: 'Bo\'s "boats" \\ ✓' }],
      [
        { topic: null, historyVisibility: 'ALL' },
        { name: 'Crew', historyVisibility: 'ALL' },
      ],
      [{ historyVisibility: 'FROM_JOINING' }, { name: 'Crew' }],
    ] as const;
    for (const [update, expected] of steps) {
      await decideAs(world, channelId, { by: owner, changes: [], update });
      const now = { ...before, topic: null, ...expected };
      expect(await channelOf(world, owner, channelId)).toEqual(now);
      const [row] = (await world.memberships.feedOf(owner, 0)).memberships;
      expect(row?.channel).toEqual(now);
    }
  });

  it('moves nobody: the log tells it', async () => {
    const world = getWorld();
    const { channelId, people, owner } = await openSettled(world, 2);
    const before = await feedVersionsOf(world, people);
    const changed = await decideAs(world, channelId, { by: owner, changes: [], update: { name: 'Crew' } });
    expect(changed).toEqual({ result: null, version: 3, moved: [] });
    expect(await settleAll(world, channelId)).toEqual([]);
    expect(await feedVersionsOf(world, people)).toEqual(before);
  });

  it('is nothing when it names nothing', async () => {
    const world = getWorld();
    const { channelId, owner } = await openSettled(world, 1);
    const before = await membershipOf(world, owner, channelId);
    const changed = await decideAs(world, channelId, { by: owner, changes: [], update: {} });
    expect(changed).toEqual({ result: null, version: 1, moved: [] });
    expect(await world.memberships.pending(channelId, far)).toEqual([]);
    expect(await membershipOf(world, owner, channelId)).toEqual(before);
  });

  it('counts members after every change of them', async () => {
    const world = getWorld();
    const { channelId, people, owner } = await openSettled(world, 3);
    const count = async () => (await channelOf(world, owner, channelId)).memberCount;
    const steps = [
      [[removed(pick(people, 1))], 2],
      [[givenRole(pick(people, 2), 'ADMIN')], 2],
      [[added(pick(people, 1)), removed(pick(people, 2))], 2],
      [[added(pick(people, 2))], 3],
    ] as const;
    for (const [changes, expected] of steps) {
      await changeAll(world, channelId, changes);
      expect(await count()).toBe(expected);
    }
    await decideAs(world, channelId, { by: owner, changes: [], update: { name: 'Crew' } });
    expect(await count()).toBe(3);
  });
}

function queueing(getWorld: GetWorld): void {
  it('comes behind the changes of members in the same decision, and goes to the log as it was decided', async () => {
    const world = getWorld();
    const { channelId, owner } = await openSettled(world, 1);
    const b = await world.newUser();
    const update = { name: 'Crew', topic: null, historyVisibility: 'ALL' } as const;
    const changed = await decideAs(world, channelId, { by: owner, changes: [added(b)], update });
    expect(changed).toEqual({ result: null, version: 3, moved: [{ userId: b, version: 1 }] });
    expect(await world.memberships.pending(channelId, far)).toEqual([
      { version: 2, kind: 'ADDED', userId: b, by: owner, role: 'MEMBER' },
      { version: 3, kind: 'CHANNEL_UPDATED', by: owner, updated: update },
    ]);
    expect(await settleAll(world, channelId)).toEqual([{ userId: b, version: 2 }]);
    expect(await world.memberships.pending(channelId, far)).toEqual([]);
  });

  it('alone is found by whoever looks for what waits for the log', async () => {
    const world = getWorld();
    const { channelId, owner } = await openSettled(world, 1);
    await decideAs(world, channelId, { by: owner, changes: [], update: { topic: 'Boats' } });
    expect(await world.memberships.unsettled(far, 1_000)).toContain(channelId);
    expect(await settleAll(world, channelId)).toEqual([]);
    expect(await world.memberships.unsettled(far, 1_000)).not.toContain(channelId);
  });

  it('can end the channel in the same decision', async () => {
    const world = getWorld();
    const { channelId, owner } = await openSettled(world, 1);
    const changes = [removed(owner, 'LEFT')];
    await decideAs(world, channelId, { by: owner, changes, update: { name: 'Gone' }, endsChannel: true });
    const channel = await channelOf(world, owner, channelId);
    expect(channel).toMatchObject({ name: 'Gone', hasEnded: true, memberCount: 0 });
    expect((await world.memberships.pending(channelId, far)).map(({ version }) => version)).toEqual([2, 3]);
  });

  it('is refused whole with changes that cannot be', async () => {
    const world = getWorld();
    const { channelId, owner } = await openSettled(world, 1);
    const stranger = await world.newUser();
    for (const changes of [[removed(stranger)], [givenRole(stranger, 'ADMIN')]]) {
      const decision = { by: owner, changes, update: { name: 'Crew' } };
      await expect(decideAs(world, channelId, decision)).rejects.toThrow();
    }
    expect(await channelOf(world, owner, channelId)).toMatchObject({ name: groupName });
    expect(await world.memberships.pending(channelId, far)).toEqual([]);
  });
}
