import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowIdOf } from '../../../schema/ids.ts';
import { defaultPreferences } from '../../../schema/notification/notification.policy.ts';
import { preferencesOf } from '../../../schema/notification/preferences.ts';
import { systemClock } from '../../../schema/ports/clock.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import type { Person } from '../../../schema/test/world.ts';
import { openWorld, type World } from '../world.ts';
import { many, statementsDuring } from './statements-of.ts';

/** Stands still until a test moves it. */
let now = Date.UTC(2030, 0, 1);
let world: World;
beforeAll(async () => {
  world = await openWorld({ clock: { ...systemClock, now: () => now } });
});
afterAll(() => world.close());

const fields = `level mutedReplies preview quietSeconds doNotDisturbUntil quietHours { from to days timeZone }`;
const begin = {
  ...{ level: 'ALL', mutedReplies: false, preview: 'FULL', quietSeconds: 0 },
  ...{ doNotDisturbUntil: null, quietHours: null },
};
const nights = { from: '22:30', to: '07:00', days: ['MONDAY', 'SUNDAY'], timeZone: 'Europe/Lisbon' };
const inAnHour = () => new Date(now + 3_600_000).toISOString();
const mutation = `mutation ($input: UpdateNotificationSettingsInput!) { result: updateNotificationSettings(input: $input) {
  __typename ... on UserError { code explanation } ... on InvalidInput { field }
  ... on UpdateNotificationSettingsPayload { viewer { settings { notifications { ${fields} } } } } } }`;

type Result = {
  readonly __typename: string;
  readonly viewer: { readonly settings: { readonly notifications: object } };
};
async function update(person: Person, input: object): Promise<Result> {
  const { data, errors } = await person.execute<{ result: Result }>(mutation, { input });
  expect(errors).toBeUndefined();
  return data.result;
}
const set = async (person: Person, input: object) =>
  (await update(person, input)).viewer?.settings.notifications;
async function settingsOf(person: Person): Promise<object> {
  const document = `{ viewer { settings { notifications { ${fields} } } } }`;
  return (await person.execute<{ viewer: Result['viewer'] }>(document)).data.viewer.settings.notifications;
}
/** What is told of this person's own things is told by this number: while it stands, there is nothing to tell. */
const versionOf = async ({ userId }: Person) =>
  (await world.product.prisma.user.findUniqueOrThrow({ where: { id: rowIdOf.user(userId) } })).viewerVersion;

describe('how somebody wants to be notified', () => {
  it('is at first of everything, at any time, and has an id of its own', async () => {
    const ada = await world.signUp();
    const { data } = await ada.execute(`{ viewer { settings { notifications { id ${fields} } } } }`);
    const notifications = { id: ada.userId.replace('usr', 'nst'), ...begin };
    expect(data).toEqual({ viewer: { settings: { notifications } } });
  });

  it('is changed one by one, and together, for the viewer alone', async () => {
    const [ada, bob] = [await world.signUp(), await world.signUp()];
    const steps = [
      ...['REPLIES', 'NOTHING', 'ALL', 'REPLIES'].map((level) => ({ level })),
      ...['SENDER', 'FULL', 'NOTHING'].map((preview) => ({ preview })),
      ...[3_600, 0, 45].map((quietSeconds) => ({ quietSeconds })),
      ...[true, false, true].map((mutedReplies) => ({ mutedReplies })),
      ...[inAnHour(), null, inAnHour()].map((doNotDisturbUntil) => ({ doNotDisturbUntil })),
      ...[nights, { ...nights, to: '22:30' }, null, nights].map((quietHours) => ({ quietHours })),
      begin,
      { level: 'NOTHING', quietSeconds: 1, quietHours: nights, doNotDisturbUntil: inAnHour() },
    ];
    let wanted: object = begin;
    for (const step of steps) {
      wanted = { ...wanted, ...step };
      expect(await set(ada, step)).toEqual(wanted);
      expect(await settingsOf(ada)).toEqual(wanted);
    }
    expect(await settingsOf(bob)).toEqual(begin);
  });

  it('keeps its days in the order of the week, whatever the order they come in', async () => {
    const ada = await world.signUp();
    const days = ['SUNDAY', 'WEDNESDAY', 'MONDAY'];
    expect(await set(ada, { quietHours: { ...nights, days } })).toMatchObject({
      quietHours: { ...nights, days: ['MONDAY', 'WEDNESDAY', 'SUNDAY'] },
    });
  });

  it('ends a time without being disturbed by itself', async () => {
    const ada = await world.signUp();
    const doNotDisturbUntil = inAnHour();
    await set(ada, { doNotDisturbUntil });
    now += 3_599_999;
    expect(await settingsOf(ada)).toEqual({ ...begin, doNotDisturbUntil });
    now += 1;
    expect(await settingsOf(ada)).toEqual(begin);
  });

  it.for([
    {},
    { level: null, mutedReplies: null, preview: null, quietSeconds: null },
    { doNotDisturbUntil: null },
    { level: 'REPLIES', mutedReplies: true, preview: 'SENDER', quietSeconds: 60 },
    { quietHours: nights },
    { quietHours: { ...nights, days: [...nights.days].reverse() } },
  ])('stays as it is with %j, and nobody hears of it', async (input) => {
    const ada = await world.signUp();
    const wanted = { level: 'REPLIES', mutedReplies: true, preview: 'SENDER', quietSeconds: 60 };
    await set(ada, { ...wanted, quietHours: nights });
    const before = await versionOf(ada);
    const same = { ...begin, ...wanted, quietHours: nights };
    expect(await set(ada, input)).toEqual(same);
    expect(await settingsOf(ada)).toEqual(same);
    expect(await versionOf(ada)).toBe(before);
  });

  it('is told by no event when somebody who has set nothing sets what holds anyway', async () => {
    const ada = await world.signUp();
    const before = await versionOf(ada);
    expect(await set(ada, begin)).toEqual(begin);
    expect(await versionOf(ada)).toBe(before);
  });

  const hours = (changed: object) => ({ quietHours: { ...nights, ...changed } });
  it.for([
    ['quietSeconds', 'MALFORMED', { quietSeconds: -1 }],
    ['quietSeconds', 'MALFORMED', { quietSeconds: 3_601 }],
    ['doNotDisturbUntil', 'MALFORMED', { doNotDisturbUntil: '2029-12-31T23:59:59.999Z' }],
    ['quietHours.from', 'MALFORMED', hours({ from: '24:00' })],
    ['quietHours.from', 'MALFORMED', hours({ from: '7:00' })],
    ['quietHours.to', 'MALFORMED', hours({ to: '24:00' })],
    ['quietHours.to', 'MALFORMED', hours({ to: '' })],
    ['quietHours.days', 'EMPTY', hours({ days: [] })],
    ['quietHours.days', 'MALFORMED', hours({ days: ['MONDAY', 'TUESDAY', 'MONDAY'] })],
    ['quietHours.timeZone', 'MALFORMED', hours({ timeZone: 'Europe/Atlantis' })],
    ['quietHours.timeZone', 'MALFORMED', hours({ timeZone: '+02:00' })],
    ['quietHours.timeZone', 'MALFORMED', hours({ timeZone: '' })],
  ] as const)(
    'refuses %s that cannot be used (%s: %j), says what to do, and changes nothing',
    async (row) => {
      const [field, code, input] = row;
      const ada = await world.signUp();
      expect(await update(ada, { level: 'NOTHING', ...input })).toEqual({
        ...{ __typename: 'InvalidInput', code, field: field.split('.') },
        explanation: expect.stringMatching(/^(Give|Name|That time has passed: give) .*\.$/),
      });
      expect(await settingsOf(ada)).toEqual(begin);
    },
  );

  it('cannot be without disturbance until now', async () => {
    const ada = await world.signUp();
    const until = (ms: number) => ({ doNotDisturbUntil: new Date(now + ms).toISOString() });
    expect(await update(ada, until(0))).toMatchObject({ code: 'MALFORMED' });
    expect(await set(ada, until(1))).toMatchObject(until(1));
  });

  it('holds all of what is set at the same moment, also for the first time', async () => {
    const ada = await world.signUp();
    const wanted = { level: 'REPLIES', mutedReplies: true, preview: 'SENDER', quietSeconds: 7 };
    const all = { ...wanted, doNotDisturbUntil: inAnHour(), quietHours: nights };
    const before = await versionOf(ada);
    await Promise.all(Object.entries(all).map(([field, value]) => update(ada, { [field]: value })));
    expect(await settingsOf(ada)).toEqual(all);
    expect(await versionOf(ada)).toBe(before + 6n);
  });

  it('is the business of who is signed in', async () => {
    const { errors } = await world.anonymous.execute(mutation, { input: { level: 'ALL' } });
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  it('is told to all devices as it is then, once for each change', async () => {
    const ada = await world.signUp();
    const phone = await world.signIn(ada.handle);
    const stream = await phone.subscribe<{ event: object }>(`subscription { event: events {
      __typename ... on ViewerChanged { viewer { settings { notifications { ${fields} } } } } } }`);
    const next = async () => (await stream.next()).value?.data.event;
    expect(await next()).toMatchObject({ __typename: 'CaughtUp' });
    for (const change of [{ level: 'NOTHING' }, { quietHours: nights }]) {
      await update(ada, change);
      await update(ada, change);
      const notifications = await settingsOf(ada);
      expect(notifications).toMatchObject(change);
      const told = { __typename: 'ViewerChanged', viewer: { settings: { notifications } } };
      expect(await next()).toEqual(told);
    }
    await stream.return?.();
  });
});

describe('the preferences of many', () => {
  it('are read with one statement, those of who has set nothing and of nobody with them', async () => {
    const people = await Promise.all(upTo(5).map(() => world.signUp()));
    const [ada, bob] = people;
    if (!ada || !bob) throw new Error('Nobody was made.');
    await set(ada, { level: 'REPLIES', quietHours: { ...nights, days: ['SUNDAY'] } });
    await set(bob, { doNotDisturbUntil: new Date(now + 1).toISOString() });
    const asked = [...people.map(({ userId }) => userId), ada.userId];
    const { result, statements } = await statementsDuring(() => preferencesOf(world.product, asked));
    expect(statements.length, many(statements)).toBe(1);
    const quietHours = { from: 22 * 60 + 30, to: 7 * 60, days: [6], timeZone: 'Europe/Lisbon' };
    expect([...result]).toEqual([
      [ada.userId, { ...defaultPreferences, level: 'REPLIES', quietHours }],
      [bob.userId, { ...defaultPreferences, doNotDisturbUntil: now + 1 }],
      ...people.slice(2).map(({ userId }) => [userId, defaultPreferences]),
    ]);
    expect(await preferencesOf(world.product, [])).toEqual(new Map());
  });
});
