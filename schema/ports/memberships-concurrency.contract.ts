import { expect, it } from 'vitest';
import type { ChannelId, UserId } from '../ids.ts';
import type { Membership, MembershipDecision, Roster } from './memberships.ts';
import {
  added,
  changeAll,
  type GetWorld,
  type MembershipsWorld,
  newUsers,
  pick,
  removed,
  start,
} from './memberships-world.contract.ts';
import { createRandom, upTo } from './random.contract.ts';

const seed = 20_240_531;
const far = Number.MAX_SAFE_INTEGER;

export function concurrencyContract(getWorld: GetWorld): void {
  limits(getWorld);
  locks(getWorld);
  followers(getWorld);
  settlers(getWorld);
}

function limits(getWorld: GetWorld): void {
  it('keeps a limit on members when many are added at once', async () => {
    const world = getWorld();
    const [channelId, people] = [await world.newChannel(), await newUsers(world, 20)];
    const decide = ({ members, candidates }: Roster): MembershipDecision<boolean> => {
      const isAdmitted = members.length + candidates.size <= 10;
      return { changes: isAdmitted ? [...candidates.keys()].map((id) => added(id)) : [], result: isAdmitted };
    };
    const pairs = people.map((userId, n) => [userId, pick(people, (n + 1) % 20)] as const);
    const disjoint = pairs.filter((_, n) => n % 2 === 0);
    const changes = await Promise.all(
      disjoint.map((candidates) =>
        world.memberships.change(channelId, { by: candidates[0], candidates, now: start }, decide),
      ),
    );
    expect(changes.filter((changed) => changed?.result)).toHaveLength(5);
    const pending = await world.memberships.pending(channelId, far);
    expect(pending.map(({ version }) => version)).toEqual(upTo(10));
  });

  it('keeps a limit on channels when one person is added to many at once', async () => {
    const world = getWorld();
    const channels = await Promise.all(upTo(12).map(() => world.newChannel()));
    const userId = await world.newUser();
    const changes = await Promise.all(
      channels.map((channelId) =>
        world.memberships.change(
          channelId,
          { by: userId, candidates: [userId], now: start },
          ({ candidates }) => {
            const isAdmitted = (candidates.get(userId)?.channelCount ?? 0) < 5;
            return { changes: isAdmitted ? [added(userId)] : [], result: isAdmitted };
          },
        ),
      ),
    );
    expect(changes.filter((changed) => changed?.result)).toHaveLength(5);
    expect(await world.memberships.feedOf(userId, 0)).toMatchObject({ version: 5 });
  });
}

type Shuffle = { readonly people: readonly UserId[]; readonly random: () => number };

/** Removes who is there and adds who is not, among some of these people, in a random order. */
async function shuffle(world: MembershipsWorld, channelId: ChannelId, { people, random }: Shuffle) {
  const chosen = people.filter(() => random() < 0.4);
  if (random() < 0.5) chosen.reverse();
  const changed = await world.memberships.change(
    channelId,
    { by: pick(people, 0), candidates: chosen, now: start },
    ({ members, candidates }) => {
      const present = new Set(members.map(({ userId }) => userId));
      // People who are no candidates are removed too: their rows are not locked beforehand.
      const leaving = members
        .filter(({ userId }) => !candidates.has(userId))
        .map(({ userId }) => removed(userId));
      const joining = chosen.filter((userId) => !present.has(userId)).map((userId) => added(userId));
      return { changes: [...leaving, ...joining], result: null };
    },
  );
  if (!changed) throw new Error('There is no such channel.');
  return changed;
}

function locks(getWorld: GetWorld): void {
  it(`never locks itself up, and versions are dense (seed ${seed})`, async () => {
    const world = getWorld();
    const [channels, people] = [
      [await world.newChannel(), await world.newChannel(), await world.newChannel()],
      await newUsers(world, 8),
    ];
    const random = createRandom(seed);
    const tasks = upTo(90).map((n) => shuffle(world, pick(channels, n % 3), { people, random }));
    const changes = await Promise.all(tasks);
    for (const [n, channelId] of channels.entries()) {
      const ofThis = changes.filter((_, index) => (index + 1) % 3 === n);
      const newest = Math.max(...ofThis.map(({ version }) => version));
      const pending = await world.memberships.pending(channelId, far);
      expect(pending.map(({ version }) => version)).toEqual(upTo(Math.min(newest, 1_000)));
    }
    for (const userId of people) {
      const moved = changes.flatMap((changed) => changed.moved.filter((move) => move.userId === userId));
      const versions = moved.map(({ version }) => version).toSorted((a, b) => a - b);
      expect(versions).toEqual(upTo(versions.length));
      expect((await world.memberships.feedOf(userId, 0)).version).toBe(versions.length);
    }
  });
}

function followers(getWorld: GetWorld): void {
  it('lets who follows a feed miss no change, however many write', async () => {
    const world = getWorld();
    const [channels, userId] = [
      await Promise.all(upTo(6).map(() => world.newChannel())),
      await world.newUser(),
    ];
    let [writing, acknowledged] = [channels.length, 0];
    const write = async (channelId: ChannelId) => {
      for (const n of upTo(20)) {
        const change = n % 2 === 1 ? added(userId) : removed(userId);
        const { version, moved } = await changeAll(world, channelId, [change]);
        const settled =
          n % 4 === 0 ? await world.memberships.settle(channelId, [{ version, seq: n, number: 0 }]) : [];
        acknowledged = Math.max(acknowledged, ...[...moved, ...settled].map((move) => move.version));
      }
    };
    const done = () => {
      writing -= 1;
    };
    const writers = Promise.all(channels.map((channelId) => write(channelId).finally(done)));
    const rows = new Map<ChannelId, Membership>();
    let [isLast, version] = [false, 0];
    while (!isLast) {
      const [atLeast, after] = [acknowledged, version];
      isLast = writing === 0;
      const page = await world.memberships.feedOf(userId, after);
      expect(page.version).toBeGreaterThanOrEqual(atLeast);
      for (const row of page.memberships) {
        expect(row.feedVersion).toBeGreaterThan(after);
        expect(row.feedVersion).toBeLessThanOrEqual(page.version);
        rows.set(row.channelId, row);
      }
      version = page.version;
    }
    await writers;
    const all = await world.memberships.feedOf(userId, 0);
    expect(new Set(rows.values())).toEqual(new Set(all.memberships));
    expect(all.version).toBe(6 * 25);
  });

  it('makes versions visible in their order', async () => {
    const world = getWorld();
    const [channelId, people] = [await world.newChannel(), await newUsers(world, 40)];
    let isWriting = true;
    const writing = Promise.all(people.map((id) => changeAll(world, channelId, [added(id)]))).finally(() => {
      isWriting = false;
    });
    while (isWriting) {
      const versions = (await world.memberships.pending(channelId, far)).map(({ version }) => version);
      expect(versions).toEqual(upTo(versions.length));
    }
    await writing;
  });
}

function settlers(getWorld: GetWorld): void {
  it('fills a place once when several settle it at the same time', async () => {
    const world = getWorld();
    const [channelId, people] = [await world.newChannel(), await newUsers(world, 10)];
    await changeAll(
      world,
      channelId,
      people.map((userId) => added(userId)),
    );
    const placed = upTo(10).map((version) => ({ version, seq: version, number: 0 }));
    const attempts = [placed, placed.toReversed(), placed.slice(5), placed.slice(0, 5)];
    const moved = await Promise.all(attempts.map((attempt) => world.memberships.settle(channelId, attempt)));
    expect(new Set(moved.flat().map(({ userId }) => userId))).toEqual(new Set(people));
    expect(moved.flat()).toHaveLength(10);
    expect(await world.memberships.pending(channelId, far)).toEqual([]);
  });

  it('never locks itself up when people of several channels are settled in different orders', async () => {
    const world = getWorld();
    const [channels, people] = [
      await Promise.all(upTo(8).map(() => world.newChannel())),
      await newUsers(world, 100),
    ];
    const random = createRandom(seed);
    const settleAll = async (channelId: ChannelId) => {
      const placed = upTo(people.length).map((version) => ({ version, seq: version, number: 0 }));
      await world.memberships.settle(channelId, placed);
      expect(await world.memberships.pending(channelId, far)).toEqual([]);
    };
    for (const channelId of channels) {
      const shuffled = people.map((userId) => ({ userId, at: random() })).sort((a, b) => a.at - b.at);
      await changeAll(
        world,
        channelId,
        shuffled.map(({ userId }) => added(userId)),
      );
    }
    await Promise.all(channels.map(settleAll));
    for (const userId of people) expect((await world.memberships.feedOf(userId, 0)).version).toBe(16);
  });

  it('lets changes and settling go on beside each other', async () => {
    const world = getWorld();
    const [channelId, people] = [await world.newChannel(), await newUsers(world, 12)];
    const changeAndSettle = async (userId: UserId) => {
      for (const change of [added(userId), removed(userId), added(userId)]) {
        const { version } = await changeAll(world, channelId, [change]);
        const pending = await world.memberships.pending(channelId, version);
        await world.memberships.settle(
          channelId,
          pending.map((each) => ({ version: each.version, seq: each.version, number: 0 })),
        );
      }
    };
    await Promise.all(people.map(changeAndSettle));
    expect(await world.memberships.pending(channelId, far)).toEqual([]);
    for (const userId of people) {
      const [row] = await world.memberships.of(userId, [channelId]);
      for (const { joinedVersion, joinedSeq, leftVersion, leftSeq } of row?.intervals ?? [])
        expect([joinedSeq, leftSeq]).toEqual([joinedVersion, leftVersion]);
      expect(row?.intervals).toHaveLength(2);
    }
  });
}
