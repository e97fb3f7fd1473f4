import type { Audience } from '../../prisma/generated/client/client.ts';
import { batched } from '../batched.ts';
import { rowIdOf, type UserId, userIdOf } from '../ids.ts';
import type { Scope, Viewer } from '../scope.ts';
import type { Soon } from '../soon.ts';
import { whenThere } from '../soon.ts';

/** What somebody set for themselves. */
export type Settings = {
  readonly userId: UserId;
  readonly isInvisible: boolean;
  readonly lastSeenVisibleTo: Audience;
  readonly sharesReadPosition: boolean;
};

const select = { id: true, isInvisible: true, lastSeenVisibleTo: true, sharesReadPosition: true } as const;

const settingsOf = batched<UserId, Settings>(async ({ prisma }, ids) => {
  const rows = await prisma.user.findMany({ where: { id: { in: ids.map(rowIdOf.user) } }, select });
  return new Map(rows.map(({ id, ...settings }) => [userIdOf(id), { userId: userIdOf(id), ...settings }]));
});

/** What the viewer set, as of now. */
export const viewerSettings = (scope: Scope, { id }: Viewer): Soon<Settings> =>
  whenThere(settingsOf(scope, id), (settings) => {
    if (settings === undefined) throw new Error('A viewer who does not exist.');
    return settings;
  });
