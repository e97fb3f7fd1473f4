import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowIdOf } from '../../../schema/ids.ts';
import type { Person } from '../../../schema/test/world.ts';
import { openWorld, type World } from '../world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

type Settings = {
  readonly id?: string;
  readonly isInvisible: boolean;
  readonly lastSeenVisibleTo: string;
  readonly sharesReadPosition: boolean;
};
const fields = 'isInvisible lastSeenVisibleTo sharesReadPosition';
const begin: Settings = { isInvisible: false, lastSeenVisibleTo: 'CO_MEMBERS', sharesReadPosition: true };
const mutation = `mutation ($input: UpdateSettingsInput!) { result: updateSettings(input: $input) {
  __typename ... on UserError { code } ... on UpdateSettingsPayload { viewer { id settings { ${fields} } } } } }`;

async function update(person: Person, input: object): Promise<unknown> {
  type Answer = { result: { viewer: { settings: Settings } } };
  const { data, errors } = await person.execute<Answer>(mutation, { input });
  expect(errors).toBeUndefined();
  return data.result.viewer.settings;
}
const settingsOf = async (person: Person) =>
  (await person.execute<{ viewer: { settings: Settings } }>(`{ viewer { settings { ${fields} } } }`)).data
    .viewer.settings;
/** What is told of this person's own things is told by this number: while it stands, there is nothing to tell. */
const versionOf = async ({ userId }: Person) =>
  (await world.product.prisma.user.findUniqueOrThrow({ where: { id: rowIdOf.user(userId) } })).viewerVersion;

describe('settings', () => {
  it('are at first those that hide least, and have an id of their own', async () => {
    const ada = await world.signUp();
    const { data } = await ada.execute(`{ viewer { id settings { id ${fields} } } }`);
    const id = ada.userId.replace('usr', 'set');
    expect(data).toEqual({ viewer: { id: ada.userId.replace('usr', 'viw'), settings: { id, ...begin } } });
  });

  it('are changed one by one, and together, for the viewer alone', async () => {
    const [ada, bob] = [await world.signUp(), await world.signUp()];
    expect(await update(ada, { isInvisible: true })).toEqual({ ...begin, isInvisible: true });
    for (const lastSeenVisibleTo of ['NOBODY', 'CONTACTS', 'CO_MEMBERS'])
      expect(await update(ada, { lastSeenVisibleTo })).toMatchObject({
        isInvisible: true,
        lastSeenVisibleTo,
      });
    const all = { isInvisible: false, lastSeenVisibleTo: 'NOBODY', sharesReadPosition: false };
    expect(await update(ada, all)).toEqual(all);
    expect(await settingsOf(ada)).toEqual(all);
    expect(await settingsOf(bob)).toEqual(begin);
  });

  it.for([
    {},
    { isInvisible: null },
    { isInvisible: null, lastSeenVisibleTo: null, sharesReadPosition: null },
    { isInvisible: true },
    { isInvisible: true, lastSeenVisibleTo: 'CONTACTS', sharesReadPosition: false },
  ])('stay as they are with %j, and nobody hears of it', async (input) => {
    const ada = await world.signUp();
    const wanted = { isInvisible: true, lastSeenVisibleTo: 'CONTACTS', sharesReadPosition: false };
    await update(ada, wanted);
    const before = await versionOf(ada);
    expect(await update(ada, input)).toEqual(wanted);
    expect(await settingsOf(ada)).toEqual(wanted);
    expect(await versionOf(ada)).toBe(before);
  });

  it('are the business of who is signed in', async () => {
    const { errors } = await world.anonymous.execute(mutation, { input: { isInvisible: true } });
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  it('are told to all devices as they are then, once for each change, and to who comes back', async () => {
    const ada = await world.signUp();
    const phone = await world.signIn(ada.handle);
    const document = `subscription ($after: [Cursor!]) { event: events(after: $after) {
      __typename cursor ... on ViewerChanged { viewer { settings { ${fields} } } } } }`;
    type Event = { readonly __typename: string; readonly cursor: string };
    const follow = async (after?: readonly string[]) => {
      const stream = await phone.subscribe<{ event: Event }>(document, { after });
      const next = async () => (await stream.next()).value?.data.event;
      return { next, stop: stream.return };
    };
    const live = await follow();
    const caughtUp = await live.next();
    expect(caughtUp?.__typename).toBe('CaughtUp');
    await update(ada, { isInvisible: true });
    await update(ada, { isInvisible: true });
    const invisible = { viewer: { settings: { ...begin, isInvisible: true } } };
    expect(await live.next()).toMatchObject({ __typename: 'ViewerChanged', ...invisible });
    await update(ada, { sharesReadPosition: false });
    const then = { viewer: { settings: { ...begin, isInvisible: true, sharesReadPosition: false } } };
    expect(await live.next()).toMatchObject({ __typename: 'ViewerChanged', ...then });
    await live.stop?.();
    const back = await follow([caughtUp?.cursor ?? '']);
    expect(await back.next()).toMatchObject({ __typename: 'ViewerChanged', ...then });
    expect(await back.next()).toMatchObject({ __typename: 'CaughtUp' });
    await back.stop?.();
  });
});
