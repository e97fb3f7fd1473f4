import type { ChannelId, UserId } from '../../ids.ts';
import { roles } from '../event.ts';
import type { Mark } from '../positions/round.ts';
import type { World } from './world.ts';
import { anyWritable, isWriting } from './writing.ts';

const mayChangeMembers = (world: World) => isWriting(world) && world.clock.now() >= world.quiet.membersUntil;

/** Adds and removes people, sometimes back at once and through another server. */
export async function changeMembers(world: World): Promise<never> {
  const { chance, clock, people } = world;
  for (;;) {
    await clock.sleep(chance.between(200, 4_000));
    if (!mayChangeMembers(world)) continue;
    const [channelId, userId] = [chance.pick(people.channelIds), chance.pick(people.userIds)];
    const turns = chance.pick([1, 1, 2, 2, 3]);
    for (let turn = 0; turn < turns; turn += 1) {
      void turnMembership(world, channelId, userId);
      await clock.sleep(chance.pick([0, 30, 200, 2_000]));
    }
  }
}

async function turnMembership(world: World, channelId: ChannelId, userId: UserId): Promise<void> {
  const { stream } = await anyWritable(world);
  const who = { by: userId, candidates: [userId] };
  const turned = stream.changeMembership(channelId, who, ({ members }) => {
    const isIn = members.some((member) => member.userId === userId);
    const change = isIn
      ? ({ kind: 'REMOVED', userId, state: 'REMOVED' } as const)
      : ({ kind: 'ADDED', userId, role: 'MEMBER' } as const);
    return { changes: [change], result: undefined };
  });
  await turned.catch(() => undefined); // the rows may have changed or not, and the outbox does the rest
}

/** Gives roles and names, and changes what concerns people alone. Whoever asks may never learn what became of it. */
export async function changeThings(world: World): Promise<never> {
  const { chance, clock, people } = world;
  for (;;) {
    await clock.sleep(chance.between(200, 3_000));
    if (!isWriting(world)) continue;
    const [channelId, userId] = [chance.pick(people.channelIds), chance.pick(people.userIds)];
    const change = chance.pick([...ofChannels, ...ofOnePerson]);
    if (ofOnePerson.includes(change) || mayChangeMembers(world))
      void change(world, channelId, userId).catch(() => undefined);
  }
}

async function changeRole(world: World, channelId: ChannelId, userId: UserId): Promise<void> {
  const { stream } = await anyWritable(world);
  const role = world.chance.pick(roles);
  await stream.changeMembership(channelId, { by: userId, candidates: [] }, ({ members }) => {
    const isIn = members.some((member) => member.userId === userId);
    return { changes: isIn ? [{ kind: 'ROLE_CHANGED', userId, role }] : [], result: undefined };
  });
}

async function changeName(world: World, channelId: ChannelId, userId: UserId): Promise<void> {
  const { stream } = await anyWritable(world);
  const update = { name: `named at ${world.clock.now()}` };
  const decision = { changes: [], update, result: undefined };
  await stream.changeMembership(channelId, { by: userId, candidates: [] }, () => decision);
}

async function changeOwn(world: World, channelId: ChannelId, userId: UserId): Promise<void> {
  const { stream } = await anyWritable(world);
  const own = world.chance.pick([{ isArchived: true }, { isArchived: false }, { isMuted: true }]);
  await stream.changeOwn(userId, channelId, own);
}

/** Says how far somebody has read or received, which may be further than there is anything. */
async function mark(world: World, channelId: ChannelId, userId: UserId): Promise<void> {
  const { chance, store, history } = world;
  const { stream } = await anyWritable(world);
  const heads = await store.log.heads([channelId]);
  const last = heads.heads.get(channelId)?.messageCount ?? 0;
  const number = chance.happens(0.4) ? last + chance.between(0, 2) : chance.between(0, last);
  const { generation } = store;
  const [membership] = await store.memberships.of(userId, [channelId]);
  const joined = membership?.intervals.at(-1)?.joinedVersion;
  const marked: Mark = chance.happens(0.7) ? { read: number } : { delivered: number };
  await stream.mark(channelId, userId, marked);
  // What lies beyond the newest message meant that one.
  const [read, delivered] = [marked.read, marked.delivered].map((n) => n && Math.min(n, last));
  history.marks.push({ generation, channelId, userId, joined, read, delivered });
}

async function share(world: World, _: ChannelId, userId: UserId): Promise<void> {
  const { stream } = await anyWritable(world);
  await stream.sharePositions(userId, world.chance.happens(0.6));
}

/** A transaction of an operation, and what it announces if its process lives on. */
async function touchViewer(world: World, _: ChannelId, userId: UserId): Promise<void> {
  const { stream, gate } = await anyWritable(world);
  const moved = await gate.call(() => world.store.touchViewer(userId));
  stream.announceFeed(moved);
}

/** Mostly of both people, in one transaction; likewise. */
async function changeContact(world: World, _: ChannelId, userId: UserId): Promise<void> {
  const { chance, store, people } = world;
  const otherId = chance.pick(people.userIds.filter((id) => id !== userId));
  const isMutual = chance.happens(0.7);
  const { stream, gate } = await anyWritable(world);
  const moved = await gate.call(async () => [
    await store.touchContact(userId, otherId),
    ...(isMutual ? [await store.touchContact(otherId, userId)] : []),
  ]);
  for (const one of moved) stream.announceFeed(one);
}

type Change = (world: World, channelId: ChannelId, userId: UserId) => Promise<void>;
const ofChannels: readonly Change[] = [changeRole, changeName];
const ofOnePerson: readonly Change[] = [
  ...[changeOwn, changeOwn, touchViewer, changeContact, changeContact],
  ...[mark, mark, mark, share],
];
