import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rowIdOf } from '../../../schema/ids.ts';
import { createManualClock, type ManualClock } from '../../../schema/ports/clock.manual.ts';
import type { Person, Subscription } from '../../../schema/test/world.ts';
import { openWorld, type World } from '../world.ts';

let world: World;
let clock: ManualClock;
let ada: Person;
beforeEach(async () => {
  clock = createManualClock(Date.now());
  world = await openWorld({ clock });
  ada = await world.signUp('ada');
});
afterEach(() => world.close());

type User = { readonly displayName: string; readonly colour: string };
type Result = {
  readonly viewer?: { readonly user: User };
  readonly code?: string;
  readonly explanation?: string;
};
const document = `mutation ($input: UpdateProfileInput!) {
  result: updateProfile(input: $input) {
    ... on UpdateProfilePayload { viewer { user { displayName colour } } }
    ... on UserError { code explanation }
    ... on InvalidInput { field }
  }
}`;
async function update(person: Person, input: object): Promise<Result> {
  const { data, errors } = await person.execute<{ result: Result }>(document, { input });
  expect(errors).toBeUndefined();
  return data.result;
}
const userOf = async (person: Person, handle: string) => {
  const query = 'query ($handle: String!) { user(handle: $handle) { displayName colour } }';
  return (await person.execute<{ user: User }>(query, { handle })).data.user;
};

describe('a profile', () => {
  it('is changed for everybody, each part by itself', async () => {
    const bob = await world.signUp('bob');
    const { colour } = await userOf(bob, 'ada');
    const renamed = { displayName: 'Ada Lovelace', colour };
    expect(await update(ada, { displayName: '  Ada Lovelace ' })).toEqual({ viewer: { user: renamed } });
    expect(await userOf(bob, 'ada')).toEqual(renamed);
    const coloured = { displayName: 'Ada Lovelace', colour: '#8e44ad' };
    expect(await update(ada, { colour: '#8E44AD' })).toEqual({ viewer: { user: coloured } });
    expect(await userOf(bob, 'ada')).toEqual(coloured);
    const both = { displayName: 'Ada', colour: '#c0392b' };
    expect(await update(ada, both)).toEqual({ viewer: { user: both } });
    expect(await userOf(bob, 'bob')).toMatchObject({ displayName: 'bob' });
  });

  it.for([{}, { displayName: null }, { displayName: null, colour: null }])(
    'stays as it is with %j',
    async (input) => {
      const before = await userOf(ada, 'ada');
      expect(await update(ada, input)).toEqual({ viewer: { user: before } });
      expect(await userOf(ada, 'ada')).toEqual(before);
    },
  );

  it.for([
    [{ displayName: '' }, 'EMPTY', 'displayName'],
    [{ displayName: ' ' }, 'EMPTY', 'displayName'],
    [{ displayName: 'x'.repeat(65) }, 'TOO_LONG', 'displayName'],
    [{ displayName: 'two\nlines' }, 'MALFORMED', 'displayName'],
    [{ colour: '' }, 'EMPTY', 'colour'],
    [{ colour: 'red' }, 'MALFORMED', 'colour'],
    [{ colour: '#fff' }, 'MALFORMED', 'colour'],
    [{ colour: '#ffffff' }, 'MALFORMED', 'colour'],
    [{ colour: '#000000' }, 'MALFORMED', 'colour'],
    [{ displayName: 'Ada', colour: '#12345g' }, 'MALFORMED', 'colour'],
    [{ displayName: '', colour: '#8e44ad' }, 'EMPTY', 'displayName'],
  ] as const)('is not changed at all by %j', async ([input, code, field]) => {
    const before = await userOf(ada, 'ada');
    expect(await update(ada, input)).toEqual({
      code,
      field: [field],
      explanation: expect.stringMatching(/\.$/),
    });
    expect(await userOf(ada, 'ada')).toEqual(before);
  });

  it('says in which direction a colour is wrong', async () => {
    expect((await update(ada, { colour: '#ffff00' })).explanation).toContain('too light');
    expect((await update(ada, { colour: '#000080' })).explanation).toContain('too dark');
  });

  it('is changed by its owner, who is signed in', async () => {
    const { errors } = await world.anonymous.execute(document, { input: { displayName: 'Eve' } });
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });
});

const eventsDocument = `subscription ($after: [Cursor!]) {
  events(after: $after) { __typename cursor ... on ViewerChanged { viewer { user { displayName } } } }
}`;
type Event = { readonly __typename: string; readonly cursor: string };
type Events = Subscription<{ events: Event }>;
const renamed = (displayName: string) => ({ __typename: 'ViewerChanged', viewer: { user: { displayName } } });

async function next(events: Events): Promise<Event> {
  const { value } = await events.next();
  if (value === undefined) throw new Error('The events ended.');
  return value.data.events;
}
async function follow(person: Person, after?: readonly string[]) {
  const events: Events = await person.subscribe(eventsDocument, { after });
  const missed: Event[] = [];
  for (;;) {
    const event = await next(events);
    missed.push(event);
    if (event.__typename === 'CaughtUp') return { events, missed, cursor: event.cursor };
  }
}

/** What is told of this person's own things is told by this number: while it stands, there is nothing to tell. */
async function versionOf({ userId }: Person): Promise<bigint> {
  const where = { id: rowIdOf.user(userId) };
  return (await world.product.prisma.user.findUniqueOrThrow({ where })).viewerVersion;
}

describe('the other devices of its owner', () => {
  it('hear at once, and only of what changed', async () => {
    const phone = await world.signIn('ada');
    const { events } = await follow(phone);
    await update(ada, { displayName: 'Ada L.' });
    expect(await next(events)).toMatchObject(renamed('Ada L.'));
    const before = await versionOf(ada);
    await update(ada, {});
    await update(ada, { displayName: 'Ada L. ' });
    await update(ada, { displayName: '' });
    await update(await world.signUp('bob'), { displayName: 'Bob' });
    expect(await versionOf(ada)).toBe(before);
    await update(ada, { displayName: 'Ada again' });
    expect(await next(events)).toMatchObject(renamed('Ada again'));
    await events.return?.();
  });

  it('hear later when they were away, once', async () => {
    const phone = await world.signIn('ada');
    const { events, cursor } = await follow(phone);
    await events.return?.();
    for (const displayName of ['One', 'Two', 'Three']) await update(ada, { displayName });
    const back = await follow(phone, [cursor]);
    expect(back.missed).toMatchObject([renamed('Three'), { __typename: 'CaughtUp' }]);
    await back.events.return?.();
  });

  it('hear within 30 s when the hint was lost', async () => {
    const phone = await world.signIn('ada');
    const { events } = await follow(phone);
    Object.assign(world.product.stream, { announceFeed: () => undefined });
    await update(ada, { displayName: 'Unheard of' });
    const heard = next(events);
    await clock.advance(30_000);
    expect(await heard).toMatchObject(renamed('Unheard of'));
    await events.return?.();
  });
});
