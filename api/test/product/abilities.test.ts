import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { incomingId, rowIdOf } from '../../../schema/ids.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { type Role, roles } from '../../../schema/stream/event.ts';
import { giveRole, openWorld, type World } from '../world.ts';
import { abilities, people, type Talker, talkerOf } from './talker.ts';

const membersPerGroup = 6;
let world: World;
/** The same for every standing: each has a channel of its own. */
let cast: Omit<Place, 'id'>;
let crowd: readonly Talker[];
beforeAll(async () => {
  world = await openWorld({ limits: { membersPerGroup } });
  cast = await people(world, 'viewer', 'member', 'fresh');
  crowd = await Promise.all(upTo(membersPerGroup).map(async () => talkerOf(await world.signUp())));
});
afterAll(() => world.close());

/** Who is in a channel, besides the viewer, and what is the matter with it. */
type Standing = {
  readonly kind: 'GROUP' | 'DIRECT';
  readonly role: Role;
  /** Others: owners besides the viewer, and members without a role. */
  readonly owners: 0 | 1;
  readonly members: 0 | 1;
  readonly isFull: boolean;
  readonly hasEnded: boolean;
};
type Ability = (typeof abilities)[number];
type Done = { readonly code?: string };
type Place = {
  readonly id: string;
  readonly viewer: Talker;
  readonly member: Talker;
  readonly fresh: Talker;
};

/** The mutation that each verdict is about, the last one last. `fresh` is not in it; `member`, if there is one, has no role. */
const mutations: { readonly [A in Ability]: (place: Place) => Promise<Done> } = {
  send: ({ viewer, id }) => viewer.send(id, 'Hello'),
  update: ({ viewer, id }) => viewer.updateGroup(id, { topic: 'Ports' }),
  setRoles: ({ viewer, id, member }) => viewer.setRole(id, member.userId, 'MEMBER'),
  removeMembers: ({ viewer, id, member }) => viewer.remove(id, member.userId),
  addMembers: ({ viewer, id, fresh }) => viewer.add(id, fresh.userId),
  leave: ({ viewer, id }) => viewer.leave(id),
};
/** These are about somebody else in it. */
const needsMember: ReadonlySet<Ability> = new Set(['removeMembers', 'setRoles']);

/** A channel where the viewer stands like this. */
async function placeOf(standing: Standing): Promise<Place> {
  const { viewer, member } = cast;
  if (standing.kind === 'DIRECT') return { ...cast, id: (await member.openDirect(viewer.userId)).channel.id };
  const [owner, ...others] = crowd;
  const inIt = [...(standing.owners && owner ? [owner] : []), ...(standing.members ? [member] : [])];
  const filling = standing.isFull ? others.slice(0, membersPerGroup - 1 - inIt.length) : [];
  const { channel } = await viewer.createGroup([...inIt, ...filling].map(({ userId }) => userId));
  if (standing.owners && owner) await viewer.setRole(channel.id, owner.userId, 'OWNER');
  await giveRole(world, { channelId: channel.id, userId: viewer.userId }, standing.role);
  if (standing.hasEnded)
    await world.product.prisma.channel.update({
      where: { id: rowIdOf.channel(incomingId(channel.id)) },
      data: { endedAt: new Date() },
    });
  return { ...cast, id: channel.id };
}

const bits = [0, 1] as const;
const groups: readonly Standing[] = roles.flatMap((role) =>
  bits.flatMap((owners) =>
    bits.flatMap((members) =>
      [false, true].flatMap((isFull) =>
        [false, true].map(
          (hasEnded) => ({ kind: 'GROUP', role, owners, members, isFull, hasEnded }) as const,
        ),
      ),
    ),
  ),
);
const two: Standing = {
  kind: 'DIRECT',
  role: 'MEMBER',
  owners: 0,
  members: 1,
  isFull: false,
  hasEnded: false,
};

describe('what viewerCan promises is what the mutation answers', () => {
  const walks: readonly (readonly [Standing, readonly Ability[]])[] = [two, ...groups].map((standing) => [
    standing,
    (Object.keys(mutations) as Ability[]).filter((ability) => standing.members || !needsMember.has(ability)),
  ]);

  it.for(walks)('%j', async ([standing, wanted]) => {
    const place = await placeOf(standing);
    for (const ability of wanted) {
      // Anew each time: what was done before may have changed it.
      const promised = (await place.viewer.can(place.id))?.[ability];
      const { code = null } = await mutations[ability](place);
      expect({ ability, code: promised?.code }).toEqual({ ability, code });
      expect(promised).toMatchObject({ isAllowed: code === null, until: null });
      expect(promised?.explanation === null).toBe(code === null);
    }
  });

  it('promises yes and each of the refusals somewhere', async () => {
    const codes = new Set<string | null | undefined>();
    for (const standing of [two, ...groups]) {
      const place = await placeOf(standing);
      const can = await place.viewer.can(place.id);
      for (const ability of abilities) codes.add(can?.[ability].code);
    }
    const refused = ['CHANNEL_ENDED', 'CHANNEL_FULL', 'LAST_OWNER', 'NOT_A_GROUP', 'ROLE_TOO_LOW'];
    expect([...codes].sort()).toEqual([...refused, null].sort());
  });
});
