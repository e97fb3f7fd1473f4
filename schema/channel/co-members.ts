import { batched } from '../batched.ts';
import { rowIdOf, type UserId, userIdOf } from '../ids.ts';

/**
 * Whether the viewer and this person are in any channel together, by the rows. Each look ends with the first such channel. Who lists
 * people of the viewer's channels tells so (`prime`), and nothing is read for them.
 */
export const isCoMember = batched<UserId, boolean>(async ({ prisma, viewer }, ids) => {
  if (viewer === undefined) return new Map();
  const rows = await prisma.$queryRaw<{ id: bigint }[]>`
    SELECT u.id FROM unnest(${ids.map(rowIdOf.user)}::bigint[]) AS u (id)
    WHERE EXISTS (
      SELECT FROM member o
      JOIN member m ON m.channel_id = o.channel_id AND m.user_id = ${rowIdOf.user(viewer.id)} AND m.state = 'ACTIVE'
      WHERE o.user_id = u.id AND o.state = 'ACTIVE'
    )`;
  return new Map(rows.map(({ id }) => [userIdOf(id), true]));
});
