import { Prisma } from '../../prisma/generated/client/client.ts';
import { type PersonRow, personIn, type User, userOf } from '../account/users.ts';
import { batched } from '../batched.ts';
import { isViewerIn, seesChannel, viewerMembershipIn } from '../channel/channel.ts';
import { isCoMember } from '../channel/co-members.ts';
import type { StoredCounters } from '../channel/progress.ts';
import {
  type ChannelId,
  channelIdOf,
  type MemberId,
  memberIdOf,
  rowIdOf,
  type UserId,
  userIdOf,
} from '../ids.ts';
import { type Page, type PageArgs, pageOfList } from '../page.ts';
import type { Scope } from '../scope.ts';
import { type Soon, whenThere } from '../soon.ts';
import type { Role } from '../stream/event.ts';

/** A user in a channel, now. */
export type Member = {
  readonly id: MemberId;
  readonly channelId: ChannelId;
  readonly userId: UserId;
  readonly role: Role;
  readonly joinedAt: Date;
  readonly position: MemberPosition;
  /** Who this is, where that was read along. */
  readonly user?: User;
};

/** How far a member is, as it is stored. */
export type MemberPosition = Omit<StoredCounters, 'channelId'> & {
  /** Do others see it? */
  readonly isShared: boolean;
};

type Row = PersonRow & {
  readonly memberId: bigint;
  readonly channelId: bigint;
  readonly role: Role;
  readonly joinedAt: Date;
  readonly isShared: boolean;
  readonly isPresent: boolean;
  readonly readNumber: bigint;
  readonly deliveredNumber: bigint;
  readonly ownAbove: bigint;
  readonly deletedAbove: bigint;
  readonly appliedSeq: bigint;
};

/** What a statement that reads members `m` selects, and joins for that: who they are and how far they are comes along. */
function memberIn(scope: Scope): { readonly columns: Prisma.Sql; readonly joins: Prisma.Sql } {
  const { columns, joins } = personIn(scope);
  return {
    columns: Prisma.sql`m.id AS "memberId", m.channel_id AS "channelId", m.role::text, m.joined_at AS "joinedAt",
      u.shares_read_position AS "isShared", m.is_present AS "isPresent", m.read_number AS "readNumber",
      m.delivered_number AS "deliveredNumber", m.own_above AS "ownAbove", m.deleted_above AS "deletedAbove",
      coalesce(p.applied_seq, 0) AS "appliedSeq", ${columns}`,
    joins: Prisma.sql`JOIN user_account u ON u.id = m.user_id
      LEFT JOIN channel_position p ON p.channel_id = m.channel_id ${joins}`,
  };
}

const positionOf = (row: Row): MemberPosition => ({
  isShared: row.isShared,
  appliedSeq: Number(row.appliedSeq),
  counters: {
    isPresent: row.isPresent,
    readNumber: Number(row.readNumber),
    deliveredNumber: Number(row.deliveredNumber),
    ownAbove: Number(row.ownAbove),
    deletedAbove: Number(row.deletedAbove),
  },
});

const memberOf = (scope: Scope, row: Row): Member => ({
  id: memberIdOf(row.memberId),
  channelId: channelIdOf(row.channelId),
  userId: userIdOf(row.userId),
  role: row.role,
  joinedAt: row.joinedAt,
  position: positionOf(row),
  user: userOf(scope, row),
});

const byId = (members: readonly Member[]) => new Map(members.map((member) => [member.id, member]));

/** A present member whoever asks: for those who know already that the viewer may see the channel. */
export const memberById = batched<MemberId, Member>(async (scope, ids) => {
  const { columns, joins } = memberIn(scope);
  const rows = await scope.prisma.$queryRaw<Row[]>`SELECT ${columns} FROM member m ${joins}
    WHERE m.id = ANY (${ids.map(rowIdOf.member)}) AND m.state = 'ACTIVE'`;
  return byId(rows.map((row) => memberOf(scope, row)));
});

/** The member rows of one user in one channel, past ones too: their ids never change. Keys are `channelId|userId`. */
export const memberIdFor = batched<`${ChannelId}|${UserId}`, MemberId>(async ({ prisma }, keys) => {
  const pairs = keys.map((key) => key.split('|') as [ChannelId, UserId]);
  const rows = await prisma.member.findMany({
    where: {
      OR: pairs.map(([channelId, userId]) => ({
        channelId: rowIdOf.channel(channelId),
        userId: rowIdOf.user(userId),
      })),
    },
  });
  return new Map(
    rows.map((row) => [`${channelIdOf(row.channelId)}|${userIdOf(row.userId)}`, memberIdOf(row.id)]),
  );
});

/** Everybody in a channel, in no order. At most as many as a group can have. */
const membersIn = batched<ChannelId, readonly Member[]>(async (scope, ids) => {
  const { columns, joins } = memberIn(scope);
  const rows = await scope.prisma.$queryRaw<Row[]>`SELECT ${columns} FROM member m ${joins}
    WHERE m.channel_id = ANY (${ids.map(rowIdOf.channel)}) AND m.state = 'ACTIVE'`;
  const members = new Map<ChannelId, Member[]>(ids.map((id) => [id, []]));
  for (const row of rows) members.get(channelIdOf(row.channelId))?.push(memberOf(scope, row));
  return members;
});

const rank: Record<Role, number> = { OWNER: 0, ADMIN: 1, MEMBER: 2 };
const keyForm = /^[012]\.[0-9a-v]{11}\.[0-9a-v]{12}$/;
const keyOf = ({ role, joinedAt, id }: Member) =>
  `${rank[role]}.${joinedAt.getTime().toString(32).padStart(11, '0')}.${id.slice(3).padStart(12, '0')}`;

/** A page of the members of a channel; of one that the viewer is not in any more, nobody. */
export async function membersOf(scope: Scope, channelId: ChannelId, args: PageArgs): Promise<Page<Member>> {
  const members = (await seesChannel(scope, channelId)) ? await membersIn(scope, channelId) : [];
  if (scope.sharedView === undefined)
    for (const { userId } of members ?? []) isCoMember.prime(scope, userId, true);
  return pageOfList(members ?? [], args, { keyOf, keyForm });
}

/** The same, but only in channels that the viewer is in by the rows: who guesses an id cannot tell by the work whether it is one. */
const memberNearViewer = batched<MemberId, Member>(async (scope, ids) => {
  if (scope.viewer === undefined) return new Map();
  const { columns, joins } = memberIn(scope);
  const rows = await scope.prisma.$queryRaw<Row[]>`SELECT ${columns} FROM member m ${joins}
    WHERE m.id = ANY (${ids.map(rowIdOf.member)}) AND m.state = 'ACTIVE' AND EXISTS (
      SELECT FROM member near WHERE near.channel_id = m.channel_id
        AND near.user_id = ${rowIdOf.user(scope.viewer.id)} AND near.state = 'ACTIVE'
    )`;
  return byId(rows.map((row) => memberOf(scope, row)));
});

/** Those of these members whose channel the viewer is in now, in no order. */
export async function visibleMembers(scope: Scope, ids: readonly MemberId[]): Promise<Member[]> {
  const found = await Promise.all(
    ids.map(async (id) => {
      const member = await memberNearViewer(scope, id);
      return member && (await isViewerIn(scope, member.channelId)) ? member : undefined;
    }),
  );
  return found.filter((member) => member !== undefined);
}

/** The viewer as a member of a channel that they are in. */
export function viewerMember(scope: Scope, channelId: ChannelId): Soon<Member> {
  return whenThere(viewerMembershipIn(scope, channelId), (membership) => {
    if (membership === undefined) throw new Error('The viewer state of a channel that the viewer is not in.');
    const { memberId, userId, role, joinedAt, progress } = membership;
    return { id: memberId, channelId, userId, role, joinedAt: new Date(joinedAt), position: progress };
  });
}
