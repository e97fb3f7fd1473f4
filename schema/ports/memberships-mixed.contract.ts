import { expect, it } from 'vitest';
import type { ChannelId, UserId } from '../ids.ts';
import { roles } from '../stream/event.ts';
import type { FeedMoved, MembershipChange, Roster } from './memberships.ts';
import {
  added,
  type GetWorld,
  givenRole,
  type MembershipsWorld,
  newUsers,
  pick,
  removed,
  settleAll,
  start,
} from './memberships-world.contract.ts';
import { createRandom, upTo } from './random.contract.ts';

const far = Number.MAX_SAFE_INTEGER;

type Scene = {
  readonly world: MembershipsWorld;
  readonly channels: readonly ChannelId[];
  readonly people: readonly UserId[];
  readonly random: () => number;
};

const oneOf = <T>(list: readonly T[], random: () => number): T =>
  pick(list, Math.floor(random() * list.length));

/** For each of these people something that can be, whatever the roster. */
function changesFor(chosen: readonly UserId[], { members, candidates }: Roster, random: () => number) {
  const present = new Set(members.map(({ userId }) => userId));
  return chosen.flatMap((userId): readonly MembershipChange[] => {
    if (!present.has(userId)) return candidates.has(userId) ? [added(userId)] : [];
    return [random() < 0.4 ? removed(userId) : givenRole(userId, oneOf(roles, random))];
  });
}

/** A decision with changes of every kind, in an order of its own; now and then about people whose rows are not locked beforehand. */
async function decide({ world, channels, people, random }: Scene): Promise<readonly FeedMoved[]> {
  const chosen = people
    .filter(() => random() < 0.4)
    .map((userId) => ({ userId, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ userId }) => userId);
  const candidates = chosen.filter(() => random() < 0.7);
  const who = { by: pick(people, 0), candidates, now: start };
  const update = random() < 0.4 ? { name: `Name ${random()}` } : {};
  const changed = await world.memberships.change(oneOf(channels, random), who, (roster) => ({
    changes: changesFor(chosen, roster, random),
    update,
    result: null,
  }));
  return changed?.moved ?? [];
}

async function changeOwn({ world, channels, people, random }: Scene): Promise<readonly FeedMoved[]> {
  const own = oneOf(
    [
      { isArchived: random() < 0.5 },
      { isMarkedUnread: random() < 0.5 },
      { notificationLevel: oneOf(['ALL', 'NOTHING', null] as const, random) },
    ],
    random,
  );
  const moved = await world.memberships.changeOwn(oneOf(people, random), oneOf(channels, random), own);
  return moved === undefined ? [] : [moved];
}

/** One of everything that anybody does to these rows. */
async function doSomething(scene: Scene): Promise<readonly FeedMoved[]> {
  const chance = scene.random();
  if (chance < 0.45) return decide(scene);
  if (chance < 0.65) return changeOwn(scene);
  if (chance < 0.8) return settleAll(scene.world, oneOf(scene.channels, scene.random));
  const [userId, otherId] = [oneOf(scene.people, scene.random), oneOf(scene.people, scene.random)];
  const isContact = chance < 0.9 && userId !== otherId;
  return [await (isContact ? scene.world.touchContact(userId, otherId) : scene.world.touchViewer(userId))];
}

export function mixedContract(getWorld: GetWorld): void {
  const seed = Math.floor(Math.random() * 1e9);
  it(`never lock themselves up, and lose or repeat no version (seed ${seed})`, async () => {
    const world = getWorld();
    const channels = await Promise.all(upTo(3).map(() => world.newChannel()));
    const people = await newUsers(world, 8);
    const scene = { world, channels, people, random: createRandom(seed) };
    const moved = (await Promise.all(upTo(150).map(() => doSomething(scene)))).flat();
    for (const channelId of channels) moved.push(...(await settleAll(world, channelId)));
    for (const userId of people) {
      const versions = moved.filter((move) => move.userId === userId).map(({ version }) => version);
      expect(versions.toSorted((a, b) => a - b)).toEqual(upTo(versions.length));
      const page = await world.memberships.feedOf(userId, 0);
      expect(page.version).toBe(versions.length);
      // Each row and the own things say when they changed last: never twice the same.
      const range = { after: 0, upTo: page.version };
      const rows = [...page.memberships, ...((await world.contacts.movedIn(userId, range)) ?? [])];
      const newest = [...rows.map(({ feedVersion }) => feedVersion), page.viewerVersion];
      const told = newest.filter((version) => version > 0);
      expect(new Set(told).size).toBe(told.length);
    }
    for (const channelId of channels) await checkChannel(world, channelId, people);
  });
}

/** Everything is in the log, at a place by its version, and the counts are right. */
async function checkChannel(world: MembershipsWorld, channelId: ChannelId, people: readonly UserId[]) {
  expect(await world.memberships.pending(channelId, far)).toEqual([]);
  const rows = (await Promise.all(people.map((userId) => world.memberships.of(userId, [channelId])))).flat();
  for (const { intervals, channel } of rows) {
    const present = rows.filter(({ state }) => state === 'ACTIVE');
    expect(channel.memberCount).toBe(present.length);
    expect(channel.ownerCount).toBe(present.filter(({ role }) => role === 'OWNER').length);
    for (const { joinedVersion, joinedSeq, leftVersion, leftSeq } of intervals)
      expect([joinedSeq, leftSeq]).toEqual([
        joinedVersion * 10,
        leftVersion === null ? null : leftVersion * 10,
      ]);
  }
}
