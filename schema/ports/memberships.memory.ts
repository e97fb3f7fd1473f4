import { type ChannelId, channelIdOf, type MemberId, memberIdOf, type UserId, userIdOf } from '../ids.ts';
import { areBlocked, type Block, block, contactsOf, touchContact } from './contacts.memory.ts';
import { checkDecision, countAfter, maxPending, ownersAfter, updateIn } from './memberships.arguments.ts';
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
  const addChannel = (facts: Omit<ChannelFacts, 'id'>, id: ChannelId = channelIdOf(nextId())): ChannelId => {
    channels.set(id, {
      id,
      facts: { ...facts, id },
      version: 0,
      rows: new Map(),
      pending: [],
      progress: newProgress(),
    });
    return id;
  };
  return {
    memberships: membershipsOf(context, options.epoch ?? 1),
    positions: positionsOf(context, options.epoch ?? 1),
    contacts: contactsOf(users),
    /** A person, as signing up makes one. */
    addUser(userId: UserId = userIdOf(nextId())): UserId {
      users.set(userId, newUser());
      return userId;
    },
    /** A group without members. */
    addGroup: (id?: ChannelId) => addChannel(newGroup, id),
    /** The channel of two people, who are no members yet. */
    addDirect: (pair: readonly [UserId, UserId]) =>
      addChannel({ ...newGroup, kind: 'DIRECT', name: null, historyVisibility: 'ALL', pair }),
    /** What somebody has towards somebody else changes, as a request for contact does it. */
    touchContact: (userId: UserId, otherId: UserId): FeedMoved => touchContact(users, userId, otherId),
    /** Somebody blocks somebody else, or does so no more. */
    block: (wanted: Block) => block({ users, channels: channels.values() }, wanted),
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

const newUser = (): User => ({
  ...{ feedVersion: 0, viewerVersion: 0, contactsVersion: 0 },
  isShared: true,
  ...{ rows: [], contacts: new Map(), blocked: new Set() },
});

/** A group without members, as it begins. */
export const newGroup: Omit<ChannelFacts, 'id'> = {
  kind: 'GROUP',
  name: 'A group',
  topic: null,
  createdAt: 0,
  historyVisibility: 'FROM_JOINING',
  hasEnded: false,
  memberCount: 0,
  ownerCount: 0,
  pair: null,
  isBlocked: false,
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
    const { at: _at, ...progress } = found.progress;
    const { counters, positionsVersion: _, ...rest } = row;
    return {
      ...rest,
      intervals: row.intervals.map((interval) => ({ ...interval })),
      channel: channelOf(found, users),
      progress: { ...progress, counters, isShared: userOf(users, row).isShared },
    };
  };
  return {
    ...outboxOf(channels),
    async change(channelId, { by, candidates, now }, decide) {
      const channel = channels.get(channelId);
      if (!channel) return undefined;
      const roster = rosterOf(channel, { by, candidates }, users);
      const decision = decide(roster);
      const { changes, endsChannel, result } = decision;
      checkDecision(roster, changes);
      const applied = changes.map((change) => apply({ channel, users, nextMemberId }, change, { by, now }));
      channel.facts = {
        ...channel.facts,
        memberCount: countAfter(roster, changes),
        ownerCount: ownersAfter(roster, changes),
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
      const { feedVersion: version, viewerVersion, contactsVersion } = user ?? newUser();
      const versions = { version, minVersion: 0, viewerVersion, contactsVersion };
      return { epoch, ...versions, memberships: changed.map(membershipOf) };
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

/** As it is now: a block is a matter of the two people, wherever they meet. */
const channelOf = ({ facts }: Channel, users: Context['users']): ChannelFacts => ({
  ...facts,
  isBlocked: facts.pair !== null && areBlocked(users, ...facts.pair),
});

type Who = { readonly by: UserId; readonly candidates: readonly UserId[] };

function rosterOf(channel: Channel, { by, candidates }: Who, users: Context['users']): Roster {
  const members = [...channel.rows.values()].filter(isActive);
  members.sort((a, b) => joinedVersionOf(a) - joinedVersionOf(b));
  const known = candidates.flatMap((userId) => {
    const user = users.get(userId);
    if (!user) return [];
    const channelCount = user.rows.filter(isActive).length;
    return [[userId, { channelCount, isBlocked: areBlocked(users, by, userId) }] as const];
  });
  return {
    channel: channelOf(channel, users),
    members: members.map(({ userId, role }) => ({ userId, role })),
    candidates: new Map(known),
  };
}
