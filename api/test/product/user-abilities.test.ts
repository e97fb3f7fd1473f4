import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { relationTo, usersOf } from '../../../schema/account/users.ts';
import { incomingId } from '../../../schema/ids.ts';
import { createScopes } from '../../scopes.ts';
import { openWorld, type World } from '../world.ts';
import {
  become,
  type PairName,
  type Person,
  pairs,
  persons,
  type UserAbility,
  userAbilities,
} from './contacting.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** The mutation that each verdict is about: the code it answers, null when it does it. */
const mutations: { readonly [A in UserAbility]: (me: Person, they: Person) => Promise<string | null> } = {
  requestContact: async (me, { userId }) => (await me.to.request(userId)).code ?? null,
  openDirectChannel: async (me, { userId }) => (await me.openDirect(userId)).code ?? null,
  addToGroup: async (me, { userId }) => {
    const { channel } = await me.createGroup([]);
    const added = (await me.add(channel.id, userId)).notAdded[0]?.code ?? null;
    // To found a group with somebody is asked the same.
    if (userId !== me.userId) expect((await me.createGroup([userId])).notAdded[0]?.code ?? null).toBe(added);
    return added;
  },
};
const cases = (Object.keys(pairs) as PairName[]).flatMap((name) =>
  userAbilities.map((ability) => [name, ability] as const),
);

describe('what viewerCan promises of a person is what the mutation answers', () => {
  it.for(cases)('%s: %s', async ([name, ability]) => {
    const { me, they } = await persons(world, 'me', 'they');
    await become(name, me, they);
    for (const [viewer, other] of [
      [me, they],
      [they, me],
    ] as const) {
      const promised = (await viewer.to.see(other.handle)).viewerCan[ability];
      const code = await mutations[ability](viewer, other);
      expect(promised.code).toBe(code);
      expect(promised).toMatchObject({ isAllowed: code === null, until: null });
      expect(promised.explanation === null).toBe(code === null);
    }
  });

  it.for(userAbilities)('oneself: %s', async (ability) => {
    const { me } = await persons(world, 'me');
    const promised = (await me.to.see(me.handle)).viewerCan[ability];
    expect(promised).toMatchObject({ isAllowed: false, code: await mutations[ability](me, me) });
  });

  it('has an id of its own, which is one per person', async () => {
    const { me, they, other } = await persons(world, 'me', 'they', 'other');
    const idOf = async (viewer: Person, { handle }: Person) => (await viewer.to.see(handle)).viewerCan.id;
    const ids = [await idOf(me, they), await idOf(me, other), await idOf(they, other)];
    expect(ids).toEqual([they, other, other].map(({ userId }) => userId.replace('usr', 'uab')));
  });
});

it('a person who is read for several viewers at once comes without how anybody stands to them', async () => {
  const { me, they } = await persons(world, 'me', 'they');
  await become('contacts', me, they);
  const scope = createScopes(world.product).sharedScope({ authorId: undefined, isAuthor: false });
  const query = vi.spyOn(pg.Client.prototype, 'query');
  const [user] = await usersOf(scope, [incomingId(they.userId)]);
  const texts = query.mock.calls.map(([asked]: unknown[]) => JSON.stringify(asked));
  query.mockRestore();
  expect(user).toMatchObject({ id: they.userId, handle: they.handle });
  expect(user && (() => relationTo(user))).toThrow('nobody is there');
  expect(texts).toHaveLength(1);
  expect(texts.join()).not.toContain('contact');
});
