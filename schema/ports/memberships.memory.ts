import { type ChannelId, channelIdOf, type MemberId, memberIdOf, type UserId, userIdOf } from '../ids.ts';
import type { Role } from '../stream/event.ts';
import { checkDecision, maxPending } from './memberships.arguments.ts';
import type {
  FeedMoved,
  Interval,
  MemberState,
  MembershipChange,
  Memberships,
  MembershipsChanged,
  PendingChange,
  Roster,
} from './memberships.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Row = {
  readonly memberId: MemberId;
  readonly channelId: ChannelId;
  readonly userId: UserId;
  role: Role;
  state: MemberState;
  joinedAt: number;
  version: number;
  feedVersion: number;
  readonly intervals: Writable<Interval>[];
};
type Pending = PendingChange & { readonly createdAt: number };
type Channel = {
  readonly id: ChannelId;
  readonly kind: 'DIRECT' | 'GROUP';
  hasEnded: boolean;
  version: number;
  readonly rows: Map<UserId, Row>;
  pending: Pending[];
};
/** A person's feed version, and the rows it counts the changes of. */
type User = { feedVersion: number; readonly rows: Row[] };
type Placed = Parameters<Memberships['settle']>[1][number];

const membershipOf = (row: Row) => ({
  ...row,
  intervals: row.intervals.map((interval) => ({ ...interval })),
});
const openIntervalOf = (row: Row) => row.intervals.find(({ leftVersion }) => leftVersion === null);
const joinedVersionOf = (row: Row) => openIntervalOf(row)?.joinedVersion ?? 0;
const isActive = ({ state }: Row) => state === 'ACTIVE';

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
    /** A person, as signing up makes one. */
    addUser(userId: UserId = userIdOf(nextId())): UserId {
      users.set(userId, { feedVersion: 0, rows: [] });
      return userId;
    },
    /** A channel without members. */
    addChannel(kind: 'DIRECT' | 'GROUP' = 'GROUP', id: ChannelId = channelIdOf(nextId())): ChannelId {
      channels.set(id, { id, kind, hasEnded: false, version: 0, rows: new Map(), pending: [] });
      return id;
    },
  };
}

type Context = {
  readonly users: ReadonlyMap<UserId, User>;
  readonly channels: ReadonlyMap<ChannelId, Channel>;
  readonly nextMemberId: () => MemberId;
};

function membershipsOf({ users, channels, nextMemberId }: Context, epoch: number): Memberships {
  return {
    ...outboxOf(channels),
    async change(channelId, { by, candidates, now }, decide) {
      const channel = channels.get(channelId);
      if (!channel) return undefined;
      const roster = rosterOf(channel, candidates, users);
      const { changes, endsChannel, result } = decide(roster);
      checkDecision(roster, changes);
      const applied = changes.map((change) => apply({ channel, users, nextMemberId }, change, { by, now }));
      if (endsChannel) channel.hasEnded = true;
      const changed: MembershipsChanged<typeof result> = { result, version: channel.version, moved: applied };
      return changed;
    },
    async settle(channelId, placed) {
      const channel = channels.get(channelId);
      const moved = new Set(placed.flatMap((place) => (channel ? fill(channel, place) : [])));
      return [...moved].map((row) => move(users, row));
    },
    async feedOf(userId, after) {
      const { feedVersion: version, rows } = users.get(userId) ?? { feedVersion: 0, rows: [] };
      const changed = rows.filter(({ feedVersion }) => feedVersion > after);
      changed.sort((a, b) => a.feedVersion - b.feedVersion);
      return { epoch, version, minVersion: 0, memberships: changed.map(membershipOf) };
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
  const { id, kind, hasEnded } = channel;
  return {
    channel: { id, kind, hasEnded },
    members: members.map(({ userId, role }) => ({ userId, role })),
    candidates: new Map(known),
  };
}

type Place = Pick<Context, 'users' | 'nextMemberId'> & { readonly channel: Channel };

function apply(place: Place, change: MembershipChange, { by, now }: { by: UserId; now: number }): FeedMoved {
  const { channel, users } = place;
  channel.version += 1;
  const { kind, userId } = change;
  const row = kind === 'ADDED' ? add(place, change, now) : remove(channel, change);
  row.version = channel.version;
  channel.pending.push({ version: row.version, kind, userId, by, role: row.role, createdAt: now });
  return move(users, row);
}

function add(
  { channel, users, nextMemberId }: Place,
  { userId, role }: { userId: UserId; role: Role },
  now: number,
): Row {
  let row = channel.rows.get(userId);
  if (!row) {
    const place = { memberId: nextMemberId(), channelId: channel.id, userId };
    row = { ...place, role, state: 'ACTIVE', joinedAt: now, version: 0, feedVersion: 0, intervals: [] };
    channel.rows.set(userId, row);
    users.get(userId)?.rows.push(row);
  }
  Object.assign(row, { role, state: 'ACTIVE', joinedAt: now });
  row.intervals.push({
    joinedVersion: channel.version,
    leftVersion: null,
    joinedSeq: null,
    joinedNumber: null,
    leftSeq: null,
    leftNumber: null,
  });
  return row;
}

function remove(channel: Channel, { userId, state }: { userId: UserId; state: 'LEFT' | 'REMOVED' }): Row {
  const row = channel.rows.get(userId);
  const interval = row && openIntervalOf(row);
  if (!interval) throw new Error('A member has no open interval.');
  interval.leftVersion = channel.version;
  row.state = state;
  return row;
}

/** The row that a place belongs to, filled and not pending any more; none when it was before. */
function fill(channel: Channel, { version, seq, number }: Placed): Row[] {
  const change = channel.pending.find((pending) => pending.version === version);
  const row = change && channel.rows.get(change.userId);
  if (!row) return [];
  channel.pending = channel.pending.filter((pending) => pending !== change);
  for (const interval of row.intervals) {
    if (interval.joinedVersion === version) Object.assign(interval, { joinedSeq: seq, joinedNumber: number });
    if (interval.leftVersion === version) Object.assign(interval, { leftSeq: seq, leftNumber: number });
  }
  return [row];
}

function move(users: ReadonlyMap<UserId, User>, row: Row): FeedMoved {
  const user = users.get(row.userId);
  if (!user) throw new Error('A member has no user.');
  user.feedVersion += 1;
  row.feedVersion = user.feedVersion;
  return { userId: row.userId, version: user.feedVersion };
}
