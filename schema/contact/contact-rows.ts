import type { Prisma } from '../../prisma/generated/client/client.ts';
import { type ChannelId, channelIdOf, userIdOf } from '../ids.ts';
import type { FeedMoved } from '../ports/memberships.ts';
import { areBlocked, type Link, type Side, type Sides } from './contact.policy.ts';

/** Two people, by the numbers of their rows. */
export type Pair = { readonly me: bigint; readonly them: bigint };

type SidesRow = {
  readonly myState: Link | null;
  readonly isBlockedByMe: boolean | null;
  readonly theirState: Link | null;
  readonly isBlockedByThem: boolean | null;
};

const sideOf = (state: Link | null, isBlocked: boolean | null): Side => ({
  state: state ?? 'NONE',
  isBlocked: isBlocked ?? false,
});

/** What two people have towards each other; undefined when the other one does not exist. */
export async function readSides(
  db: Pick<Prisma.TransactionClient, '$queryRaw'>,
  { me, them }: Pair,
): Promise<Sides | undefined> {
  const [row] = await db.$queryRaw<SidesRow[]>`
    SELECT mine.state::text AS "myState", mine.is_blocked AS "isBlockedByMe",
      theirs.state::text AS "theirState", theirs.is_blocked AS "isBlockedByThem"
    FROM user_account u
    LEFT JOIN contact mine ON mine.user_id = ${me} AND mine.other_id = u.id
    LEFT JOIN contact theirs ON theirs.user_id = u.id AND theirs.other_id = ${me}
    WHERE u.id = ${them}`;
  if (row === undefined) return undefined;
  return {
    mine: sideOf(row.myState, row.isBlockedByMe),
    theirs: sideOf(row.theirState, row.isBlockedByThem),
  };
}

/** Ids ascending, as everywhere, so that no two transactions wait for each other. */
export async function lockPair(tx: Prisma.TransactionClient, { me, them }: Pair): Promise<void> {
  await tx.$queryRaw`
    SELECT id FROM user_account WHERE id IN (${me}, ${them}) ORDER BY id FOR NO KEY UPDATE`;
}

const isSame = (a: Side, b: Side) => a.state === b.state && a.isBlocked === b.isBlocked;
export const isUnchanged = (before: Sides, after: Sides): boolean =>
  isSame(before.mine, after.mine) && isSame(before.theirs, after.theirs);

/** `now` in milliseconds since 1970. */
type Change = { readonly before: Sides; readonly after: Sides; readonly now: number };
/** Whose feeds moved, and the direct channel of the two, when what both may do there changed. */
export type ContactsWritten = { readonly moved: readonly FeedMoved[]; readonly channelId?: ChannelId };

/** Writes what changed of two people who are locked: a version of the feed for each row, so that each is told by itself. */
export async function writeSides(
  tx: Prisma.TransactionClient,
  pair: Pair,
  { before, after, now }: Change,
): Promise<ContactsWritten> {
  const sides = [
    { userId: pair.me, otherId: pair.them, before: before.mine, after: after.mine },
    { userId: pair.them, otherId: pair.me, before: before.theirs, after: after.theirs },
  ].filter((side) => !isSame(side.before, side.after));
  const rows = await tx.$queryRaw<MovedRow[]>`
    WITH change AS (
      SELECT * FROM unnest(
        ${sides.map(({ userId }) => userId)}::bigint[], ${sides.map(({ otherId }) => otherId)}::bigint[],
        ${sides.map((side) => side.after.state)}::text[], ${sides.map((side) => side.after.isBlocked)}::boolean[]
      ) AS c (user_id, other_id, state, is_blocked)
    ), moved AS (
      UPDATE user_account u SET feed_version = u.feed_version + 1, contacts_version = u.feed_version + 1
      FROM change c WHERE u.id = c.user_id RETURNING u.id, u.feed_version
    )
    INSERT INTO contact AS k
      (user_id, other_id, other_handle_key, state, is_blocked, since, requested_at, blocked_at, feed_version)
    SELECT c.user_id, c.other_id, o.handle_key, c.state::contact_state, c.is_blocked,
      CASE WHEN c.state = 'CONTACT' THEN n.now END,
      CASE WHEN c.state IN ('REQUESTED_BY_ME', 'REQUESTED_BY_THEM') THEN n.now END,
      CASE WHEN c.is_blocked THEN n.now END, m.feed_version
    FROM change c JOIN moved m ON m.id = c.user_id JOIN user_account o ON o.id = c.other_id,
      (SELECT to_timestamp(${now}::double precision / 1000) AS now) n
    ON CONFLICT (user_id, other_id) DO UPDATE SET
      state = EXCLUDED.state, is_blocked = EXCLUDED.is_blocked, since = EXCLUDED.since,
      requested_at = EXCLUDED.requested_at, blocked_at = EXCLUDED.blocked_at, feed_version = EXCLUDED.feed_version
    RETURNING user_id, feed_version`;
  const moved = rows.map(movedOf);
  if (areBlocked(before) === areBlocked(after)) return { moved };
  const members = await moveDirectMembers(tx, pair);
  const [member] = members;
  const channelId = member && { channelId: channelIdOf(member.channel_id) };
  // Behind those of the contacts: the newest version of a feed is what is told of it.
  return { moved: [...moved, ...members.map(movedOf)], ...channelId };
}

type MovedRow = { readonly user_id: bigint; readonly feed_version: bigint };
const movedOf = ({ user_id, feed_version }: MovedRow): FeedMoved => ({
  userId: userIdOf(user_id),
  version: Number(feed_version),
});

/** What the members of the direct channel of two people may do there changed: they are told. */
const moveDirectMembers = (tx: Prisma.TransactionClient, { me, them }: Pair) =>
  tx.$queryRaw<(MovedRow & { readonly channel_id: bigint })[]>`
    WITH direct AS (
      SELECT m.id, m.user_id FROM channel c JOIN member m ON m.channel_id = c.id AND m.state = 'ACTIVE'
      WHERE c.direct_low_id = least(${me}::bigint, ${them}::bigint) AND c.direct_high_id = greatest(${me}::bigint, ${them}::bigint)
    ), moved AS (
      UPDATE user_account u SET feed_version = u.feed_version + 1 FROM direct d WHERE u.id = d.user_id
      RETURNING u.id, u.feed_version
    )
    UPDATE member m SET feed_version = v.feed_version FROM direct d JOIN moved v ON v.id = d.user_id
    WHERE m.id = d.id RETURNING m.user_id, m.feed_version, m.channel_id`;
