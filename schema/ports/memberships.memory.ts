import { type ChannelId, channelIdOf, type MemberId, memberIdOf, type UserId, userIdOf } from '../ids.ts';
import { checkDecision, countAfter, maxPending, updateIn } from './memberships.arguments.ts';
import {
  apply,
  type Channel,
  fill,
  isActive,
  joinedVersionOf,
  move,
  newProgress,
  type Row,
  type User,
  update,
  userOf,
} from './memberships.memory-rows.ts';
import type {
  Channel as ChannelFacts,
  FeedMoved,
  Membership,
  Memberships,
  MembershipsChanged,
  Roster,
} from './memberships.ts';
import { positionsOf } from './positions.memory.ts';

/** The reference: each call does its work in one go, which is as good as any lock. */
export function openMemoryMemberships(options: { readonly epoch?: number } = {}) {
  const users = new Map<UserId, User>();
  const channels = new Map<ChannelId, Channel>();
  let lastId = 0n;
  const nextId = () => {
    lastId += 1n;
    return lastId;
  };
  const context = { users, channels, nextMemberId: () => memberIdOf(nextId()) };
  return {
    memberships: membershipsOf(context, options.epoch ?? 1),
    positions: positionsOf(context, options.epoch ?? 1),
    /** A person, as signing up makes one. */
    addUser(userId: UserId = userIdOf(nextId())): UserId {
      users.set(userId, { feedVersion: 0, viewerVersion: 0, isShared: true, rows: [] });
      return userId;
    },
    /** A channel without members. */
    addChannel(kind: 'DIRECT' | 'GROUP' = 'GROUP', id: ChannelId = channelIdOf(nextId())): ChannelId {
      const facts = { ...newGroup, kind, id };
      channels.set(id, { id, facts, version: 0, rows: new Map(), pending: [], progress: newProgress() });
      return id;
    },
    /** Something of the person's own changed, as a changed profile does it. */
    touchViewer(userId: UserId): FeedMoved {
      const user = users.get(userId);
      if (!user) throw new Error('There is no such user.');
      user.feedVersion += 1;
      user.viewerVersion = user.feedVersion;
      return { userId, version: user.feedVersion };
    },
  };
}

/** A group without members, as it begins. */
export const newGroup: Omit<ChannelFacts, 'id'> = {
  kind: 'GROUP',
  name: 'A group',
  topic: null,
  createdAt: 0,
  historyVisibility: 'FROM_JOINING',
  hasEnded: false,
  memberCount: 0,
  pair: null,
};

type Context = {
  readonly users: ReadonlyMap<UserId, User>;
  readonly channels: ReadonlyMap<ChannelId, Channel>;
  readonly nextMemberId: () => MemberId;
};

function membershipsOf({ users, channels, nextMemberId }: Context, epoch: number): Memberships {
  const membershipOf = (row: Row): Membership => {
    const found = channels.get(row.channelId);
    if (!found) throw new Error('A member of a channel that does not exist.');
    const {
      facts: channel,
      progress: { at: _at, ...progress },
    } = found;
    const { counters, positionsVersion: _, ...rest } = row;
    return {
      ...rest,
      intervals: row.intervals.map((interval) => ({ ...interval })),
      channel,
      progress: { ...progress, counters, isShared: userOf(users, row).isShared },
    };
  };
  return {
    ...outboxOf(channels),
    async change(channelId, { by, candidates, now }, decide) {
      const channel = channels.get(channelId);
      if (!channel) return undefined;
      const roster = rosterOf(channel, candidates, users);
      const decision = decide(roster);
      const { changes, endsChannel, result } = decision;
      checkDecision(roster, changes);
      const applied = changes.map((change) => apply({ channel, users, nextMemberId }, change, { by, now }));
      const memberCount = countAfter(roster, changes);
      channel.facts = {
        ...channel.facts,
        memberCount,
        hasEnded: channel.facts.hasEnded || endsChannel === true,
      };
      update(channel, updateIn(decision), { by, now });
      const changed: MembershipsChanged<typeof result> = { result, version: channel.version, moved: applied };
      return changed;
    },
    async changeOwn(userId, channelId, own) {
      const row = channels.get(channelId)?.rows.get(userId);
      if (row?.state !== 'ACTIVE') return undefined;
      const given = Object.entries(own).filter(([, value]) => value !== undefined);
      row.own = { ...row.own, ...Object.fromEntries(given) };
      return move(users, row);
    },
    async settle(channelId, placed) {
      const channel = channels.get(channelId);
      const moved = new Set(placed.flatMap((place) => (channel ? fill(channel, place) : [])));
      return [...moved].map((row) => move(users, row));
    },
    async feedOf(userId, after) {
      const user = users.get(userId);
      const changed = user?.rows.filter(({ feedVersion }) => feedVersion > after) ?? [];
      changed.sort((a, b) => a.feedVersion - b.feedVersion);
      const versions = { version: user?.feedVersion ?? 0, viewerVersion: user?.viewerVersion ?? 0 };
      return { epoch, ...versions, minVersion: 0, memberships: changed.map(membershipOf) };
    },
    async feedVersions(userIds) {
      return { epoch, versions: new Map(userIds.map((id) => [id, users.get(id)?.feedVersion ?? 0])) };
    },
    async of(userId, channelIds) {
      const asked = new Set(channelIds);
      const rows = users.get(userId)?.rows.filter(({ channelId }) => asked.has(channelId)) ?? [];
      return rows.map(membershipOf);
    },
  };
}

function outboxOf(channels: Context['channels']): Pick<Memberships, 'pending' | 'unsettled'> {
  return {
    async pending(channelId, upTo) {
      const rows = channels.get(channelId)?.pending.filter(({ version }) => version <= upTo) ?? [];
      return rows.slice(0, maxPending).map(({ createdAt: _, ...change }) => change);
    },
    async unsettled(olderThan, limit) {
      const since = (channel: Channel) => Math.min(...channel.pending.map(({ createdAt }) => createdAt));
      const behind = [...channels.values()].filter(({ pending }) => pending.length > 0);
      const late = behind.filter((channel) => since(channel) <= olderThan);
      return late
        .sort((a, b) => since(a) - since(b))
        .slice(0, limit)
        .map(({ id }) => id);
    },
  };
}

function rosterOf(channel: Channel, candidates: readonly UserId[], users: ReadonlyMap<UserId, User>): Roster {
  const members = [...channel.rows.values()].filter(isActive);
  members.sort((a, b) => joinedVersionOf(a) - joinedVersionOf(b));
  const known = candidates.flatMap((userId) => {
    const user = users.get(userId);
    return user ? [[userId, { channelCount: user.rows.filter(isActive).length }] as const] : [];
  });
  return {
    channel: channel.facts,
    members: members.map(({ userId, role }) => ({ userId, role })),
    candidates: new Map(known),
  };
}
