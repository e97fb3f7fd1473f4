import type { Member as MemberRow } from '../../prisma/generated/client/client.ts';
import { type PersonRow, personIn, type User, userOf } from '../account/users.ts';
import { batched } from '../batched.ts';
import { isViewerIn, seesChannel, viewerMembershipIn } from '../channel/channel.ts';
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
  /** Who this is, where that was read along. */
  readonly user?: User;
};

type Row = Pick<MemberRow, 'id' | 'channelId' | 'userId' | 'role' | 'joinedAt'>;
const memberOf = ({ id, channelId, userId, role, joinedAt }: Row): Member => ({
  id: memberIdOf(id),
  channelId: channelIdOf(channelId),
  userId: userIdOf(userId),
  role,
  joinedAt,
});

/** A present member whoever asks: for those who know already that the viewer may see the channel. */
export const memberById = batched<MemberId, Member>(async ({ prisma }, ids) => {
  const rows = await prisma.member.findMany({
    where: { id: { in: ids.map(rowIdOf.member) }, state: 'ACTIVE' },
  });
  return new Map(rows.map((row) => [memberIdOf(row.id), memberOf(row)]));
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

type MemberAndUser = { readonly memberId: bigint } & Omit<Row, 'id'> & PersonRow;

/** Everybody in a channel, with who they are, in no order. At most as many as a group can have. One statement: Prisma would need two. */
const membersIn = batched<ChannelId, readonly Member[]>(async (scope, ids) => {
  const { columns, joins } = personIn(scope);
  const rows = await scope.prisma.$queryRaw<MemberAndUser[]>`
    SELECT m.id AS "memberId", m.channel_id AS "channelId", m.role::text, m.joined_at AS "joinedAt", ${columns}
    FROM member m JOIN user_account u ON u.id = m.user_id ${joins}
    WHERE m.channel_id = ANY (${ids.map(rowIdOf.channel)}) AND m.state = 'ACTIVE'`;
  const members = new Map<ChannelId, Member[]>(ids.map((id) => [id, []]));
  for (const { memberId: id, channelId, role, joinedAt, ...person } of rows) {
    const member = memberOf({ id, channelId, userId: person.userId, role, joinedAt });
    members.get(member.channelId)?.push({ ...member, user: userOf(scope, person) });
  }
  return members;
});

const rank: Record<Role, number> = { OWNER: 0, ADMIN: 1, MEMBER: 2 };
const keyForm = /^[012]\.[0-9a-v]{11}\.[0-9a-v]{12}$/;
const keyOf = ({ role, joinedAt, id }: Member) =>
  `${rank[role]}.${joinedAt.getTime().toString(32).padStart(11, '0')}.${id.slice(3).padStart(12, '0')}`;

/** A page of the members of a channel; of one that the viewer is not in any more, nobody. */
export async function membersOf(scope: Scope, channelId: ChannelId, args: PageArgs): Promise<Page<Member>> {
  const members = (await seesChannel(scope, channelId)) ? await membersIn(scope, channelId) : [];
  return pageOfList(members ?? [], args, { keyOf, keyForm });
}

/** The same, but only in channels that the viewer is in by the rows: who guesses an id cannot tell by the work whether it is one. */
const memberNearViewer = batched<MemberId, Member>(async ({ prisma, viewer }, ids) => {
  if (viewer === undefined) return new Map();
  const channel = { members: { some: { userId: rowIdOf.user(viewer.id), state: 'ACTIVE' } } } as const;
  const rows = await prisma.member.findMany({
    where: { id: { in: ids.map(rowIdOf.member) }, state: 'ACTIVE', channel },
  });
  return new Map(rows.map((row) => [memberIdOf(row.id), memberOf(row)]));
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
    const { memberId, userId, role, joinedAt } = membership;
    return { id: memberId, channelId, userId, role, joinedAt: new Date(joinedAt) };
  });
}
