import { expect, it } from 'vitest';
import { channelIdOf, type UserId, userIdOf } from '../ids.ts';
import type { MembershipChange, MembershipDecision, Roster } from './memberships.ts';
import {
  added,
  changeAll,
  type GetWorld,
  givenRole,
  membershipOf,
  newUsers,
  pick,
  removed,
  start,
} from './memberships-world.contract.ts';

export function decidingContract(getWorld: GetWorld): void {
  writing(getWorld);
  showing(getWorld);
}

/** What the log has no place for yet. */
const unplaced = { leftVersion: null, joinedSeq: null, joinedNumber: null, leftSeq: null, leftNumber: null };

function writing(getWorld: GetWorld): void {
  it('writes what was decided, in its order, with a version each', async () => {
    const world = getWorld();
    const [channelId, [owner, guest]] = [await world.newChannel(), await newUsers(world, 2)];
    if (!owner || !guest) throw new Error('Nobody was made.');
    const changed = await world.memberships.change(
      channelId,
      { by: owner, candidates: [guest, owner], now: start },
      () => ({ changes: [added(owner, 'OWNER'), added(guest)], result: 'done' }),
    );
    expect(changed).toMatchObject({ result: 'done', version: 2 });
    expect(new Map(changed?.moved.map(({ userId, version }) => [userId, version]))).toEqual(
      new Map([
        [owner, 1],
        [guest, 1],
      ]),
    );
    expect(await membershipOf(world, guest, channelId)).toEqual({
      memberId: expect.stringMatching(/^mbr[0-9a-v]+$/),
      channelId,
      userId: guest,
      role: 'MEMBER',
      state: 'ACTIVE',
      joinedAt: start,
      version: 2,
      feedVersion: 1,
      intervals: [{ ...unplaced, joinedVersion: 2 }],
      own: {
        ...{ isMuted: false, mutedUntil: null },
        ...{ isArchived: false, isMarkedUnread: false, notificationLevel: null },
      },
      progress: expect.objectContaining({ version: 0, appliedSeq: 0, isShared: true }),
      channel: expect.objectContaining({ id: channelId, kind: 'GROUP', memberCount: 2 }),
    });
    expect(await world.memberships.pending(channelId, 9)).toEqual([
      { version: 1, kind: 'ADDED', userId: owner, by: owner, role: 'OWNER' },
      { version: 2, kind: 'ADDED', userId: guest, by: owner, role: 'MEMBER' },
    ]);
  });

  it('writes nothing when nothing was decided', async () => {
    const world = getWorld();
    const [channelId, userId] = [await world.newChannel(), await world.newUser()];
    await changeAll(world, channelId, [added(userId)]);
    const changed = await world.memberships.change(
      channelId,
      { by: userId, candidates: [userId], now: start },
      () => ({ changes: [], result: ['denied'] }),
    );
    expect(changed).toEqual({ result: ['denied'], version: 1, moved: [] });
    expect(await world.memberships.pending(channelId, 9)).toHaveLength(1);
    expect(await membershipOf(world, userId, channelId)).toMatchObject({ version: 1, feedVersion: 1 });
  });

  it('has nothing to decide in a channel that does not exist', async () => {
    const world = getWorld();
    const userId = await world.newUser();
    const decide = () => {
      throw new Error('This must not be asked.');
    };
    for (const channelId of [channelIdOf(987_654_321n), channelIdOf(0n)]) {
      const who = { by: userId, candidates: [userId], now: start };
      expect(await world.memberships.change(channelId, who, decide)).toBeUndefined();
    }
  });

  it('archives a channel for good', async () => {
    const world = getWorld();
    const [channelId, userId] = [await world.newChannel(), await world.newUser()];
    await changeAll(world, channelId, [added(userId, 'OWNER')]);
    const decideTo =
      (endsChannel: boolean) =>
      ({ channel, members }: Roster): MembershipDecision<boolean> => ({
        changes: members.map((member) => removed(member.userId, 'LEFT')),
        endsChannel,
        result: channel.hasEnded,
      });
    const seen: (boolean | undefined)[] = [];
    for (const endsChannel of [true, true, false]) {
      const who = { by: userId, candidates: [], now: start };
      seen.push((await world.memberships.change(channelId, who, decideTo(endsChannel)))?.result);
    }
    expect(seen).toEqual([false, true, true]);
  });
}

function showing(getWorld: GetWorld): void {
  it('shows who is a member, by joining, and the candidates who exist', async () => {
    const world = getWorld();
    const [channelId, elsewhere] = [await world.newChannel(), await world.newChannel()];
    const people = await newUsers(world, 4);
    const [a, b, c, stranger] = [pick(people, 0), pick(people, 1), pick(people, 2), pick(people, 3)];
    await changeAll(world, channelId, [added(c, 'OWNER'), added(a), added(b, 'ADMIN')]);
    await changeAll(world, elsewhere, [added(a), added(b)]);
    await changeAll(world, elsewhere, [removed(b)]);
    await changeAll(world, channelId, [removed(a)]);
    await changeAll(world, channelId, [added(a)]);
    const nobody = userIdOf(987_654_321n);
    const who = { by: c, candidates: [stranger, nobody, b, a, stranger, b], now: start };
    const changed = await world.memberships.change(channelId, who, (roster) => ({
      changes: [],
      result: roster,
    }));
    expect(changed?.result).toEqual({
      channel: expect.objectContaining({ id: channelId, kind: 'GROUP', hasEnded: false, memberCount: 3 }),
      members: [
        { userId: c, role: 'OWNER' },
        { userId: b, role: 'ADMIN' },
        { userId: a, role: 'MEMBER' },
      ],
      candidates: new Map([
        [stranger, { channelCount: 0, isBlocked: false }],
        [b, { channelCount: 1, isBlocked: false }],
        [a, { channelCount: 2, isBlocked: false }],
      ]),
    } satisfies Roster);
  });
}

export function refusingContract(getWorld: GetWorld): void {
  impossible(getWorld);
  failing(getWorld);
}

function impossible(getWorld: GetWorld): void {
  type People = { readonly member: UserId; readonly candidate: UserId; readonly stranger: UserId };
  it.for<[string, (people: People) => MembershipChange[]]>([
    ['to add who is no candidate', ({ candidate, stranger }) => [added(candidate), added(stranger)]],
    ['to add who is a member', ({ candidate, member }) => [added(candidate), added(member)]],
    ['to remove who is no member', ({ member, stranger }) => [removed(member), removed(stranger)]],
    ['to change a membership twice', ({ member }) => [removed(member), removed(member)]],
    ['to give a role to who leaves', ({ member }) => [removed(member), givenRole(member, 'ADMIN')]],
    [
      'to give a role to who is no member',
      ({ member, candidate }) => [givenRole(member, 'ADMIN'), givenRole(candidate, 'ADMIN')],
    ],
    ['to add somebody twice', ({ candidate }) => [added(candidate), added(candidate)]],
  ])('refuses %s, and writes nothing', async ([, changesOf]) => {
    const world = getWorld();
    const [channelId, people] = [await world.newChannel(), await newUsers(world, 3)];
    const [member, candidate, stranger] = [pick(people, 0), pick(people, 1), pick(people, 2)];
    await changeAll(world, channelId, [added(member)]);
    const changes = changesOf({ member, candidate, stranger });
    const who = { by: member, candidates: [candidate, member], now: start };
    await expect(
      world.memberships.change(channelId, who, () => ({ changes, result: null })),
    ).rejects.toThrow();
    expect(await world.memberships.pending(channelId, 9)).toHaveLength(1);
    expect((await changeAll(world, channelId, [added(candidate)])).version).toBe(2);
  });
}

function failing(getWorld: GetWorld): void {
  it('writes nothing and holds nothing when deciding fails', async () => {
    const world = getWorld();
    const [channelId, userId] = [await world.newChannel(), await world.newUser()];
    const failing = world.memberships.change(
      channelId,
      { by: userId, candidates: [userId], now: start },
      () => {
        throw new Error('Deciding failed.');
      },
    );
    await expect(failing).rejects.toThrow('Deciding failed.');
    expect(await world.memberships.of(userId, [channelId])).toEqual([]);
    expect((await changeAll(world, channelId, [added(userId)])).version).toBe(1);
  });
}
