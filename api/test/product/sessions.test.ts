import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deviceIdOf, rowIdOf } from '../../../schema/ids.ts';
import { createManualClock, type ManualClock } from '../../../schema/ports/clock.manual.ts';
import type { Person, Subscription } from '../../../schema/test/world.ts';
import { openWorld, type World } from '../world.ts';

const day = 24 * 60 * 60 * 1_000;
let world: World;
let clock: ManualClock;
/** Time that has passed without anybody waiting for it. */
let passedMs: number;
let ada: Person;
beforeEach(async () => {
  clock = createManualClock(Date.now());
  passedMs = 0;
  world = await openWorld({ clock: { ...clock, now: () => clock.now() + passedMs } });
  ada = await world.signUp('ada');
});
afterEach(() => world.close());

type Refused = { readonly __typename?: string; readonly code?: string };
type Listed = { readonly id: string; readonly label: string; readonly isCurrent: boolean };
const devices = 'devices { id label isCurrent }';
async function devicesOf(person: Person): Promise<readonly Listed[]> {
  const { data } = await person.execute<{ viewer: { devices: Listed[] } }>(`{ viewer { ${devices} } }`);
  return data.viewer.devices;
}
const idsOf = async (person: Person) => (await devicesOf(person)).map(({ id }) => id);
const idOf = ({ session }: Person) => session.device.id;

const revokeDocument = `mutation ($deviceId: ID!) {
  revokeSession(input: { deviceId: $deviceId }) {
    ... on RevokeSessionPayload { deviceId viewer { ${devices} } }
    ... on UserError { __typename code }
  }
}`;
type Revoked = {
  readonly deviceId: string;
  readonly viewer: { readonly devices: readonly Listed[] };
} & Refused;
async function revoke(person: Person, deviceId: string): Promise<Revoked> {
  const answer = await person.execute<{ revokeSession: Revoked }>(revokeDocument, { deviceId });
  expect(answer.errors).toBeUndefined();
  return answer.data.revokeSession;
}
const refreshDocument = `mutation ($refreshToken: String!) {
  refreshSession(input: { refreshToken: $refreshToken }) { ... on UserError { code } }
}`;
async function standing({ session: { refreshToken } }: Person): Promise<string> {
  const { data } = await world.anonymous.execute<{ refreshSession: Refused }>(refreshDocument, {
    refreshToken,
  });
  return data.refreshSession.code ?? 'stands';
}

describe('the devices of a person', () => {
  it('are those that are signed in, the one used last first', async () => {
    await clock.advance(1_000);
    const phone = await world.signIn('ada', { label: 'The phone' });
    await clock.advance(1_000);
    const tablet = await world.signIn('ada', { label: 'The tablet' });
    expect(await devicesOf(phone)).toEqual([
      { id: idOf(tablet), label: 'The tablet', isCurrent: false },
      { id: idOf(phone), label: 'The phone', isCurrent: true },
      { id: idOf(ada), label: 'A browser', isCurrent: false },
    ]);
    await clock.advance(1_000);
    await standing(ada);
    expect(await idsOf(phone)).toEqual([ada, tablet, phone].map(idOf));
    await tablet.execute('mutation { signOut(input: {}) { __typename } }');
    expect(await idsOf(phone)).toEqual([ada, phone].map(idOf));
  });

  it('are listed once, however often they were signed in, and not any more when their session has run out', async () => {
    await world.signIn('ada', { id: idOf(ada), label: 'Again' });
    expect(await devicesOf(ada)).toEqual([{ id: idOf(ada), label: 'Again', isCurrent: true }]);
    passedMs = 29 * day;
    const phone = await world.signIn('ada');
    expect(await idsOf(phone)).toEqual([phone, ada].map(idOf));
    passedMs = 31 * day;
    expect(await idsOf(phone)).toEqual([idOf(phone)]);
  });

  it('are nobody else’s business', async () => {
    const bob = await world.signUp('bob');
    expect(await idsOf(bob)).toEqual([idOf(bob)]);
  });

  it('are read with one statement', async () => {
    const phone = await world.signIn('ada');
    const { asked, end } = countStatements();
    await devicesOf(phone);
    end();
    expect(asked()).toBe(1);
  });
});

function countStatements() {
  const { pool } = world.database;
  const { query } = pool;
  let count = 0;
  Object.assign(pool, {
    query: (...args: unknown[]) => {
      count += 1;
      return Reflect.apply(query, pool, args);
    },
  });
  return { asked: () => count, end: () => Object.assign(pool, { query }) };
}

describe('revoking a session', () => {
  it('signs that device out, on every server, and no other one', async () => {
    const [phone, tablet] = [await world.signIn('ada'), await world.signIn('ada')];
    const { deviceId, viewer } = await revoke(tablet, idOf(phone));
    expect(deviceId).toBe(idOf(phone));
    expect(viewer.devices.map(({ id }) => id)).toEqual([tablet, ada].map(idOf));
    expect(world.announced).toEqual([phone.viewer.sessionId]);
    expect(await Promise.all([ada, phone, tablet].map(standing))).toEqual([
      'stands',
      'SESSION_REVOKED',
      'stands',
    ]);
  });

  it('may be for the device that asks, and may be repeated', async () => {
    const phone = await world.signIn('ada');
    for (let repeat = 0; repeat < 2; repeat += 1)
      expect(await revoke(phone, idOf(phone))).toMatchObject({ deviceId: idOf(phone) });
    expect(world.announced).toEqual([phone.viewer.sessionId]);
    expect(await standing(phone)).toBe('SESSION_REVOKED');
  });

  it('finds the viewer’s own devices only', async () => {
    const bob = await world.signUp('bob');
    for (const id of [idOf(ada), deviceIdOf(999n), bob.userId, 'nonsense', '', '\u0000'])
      expect(await revoke(bob, id)).toEqual({ __typename: 'Denied', code: 'NOT_FOUND' });
    expect(world.announced).toEqual([]);
    expect(await standing(ada)).toBe('stands');
  });

  it('is for people who are signed in', async () => {
    const { errors } = await world.anonymous.execute(revokeDocument, { deviceId: idOf(ada) });
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  it('waits for no lock that a sign-in, a refresh or another one holds the other way round', async () => {
    const phone = await world.signIn('ada');
    const both = { id: idOf(phone) };
    const work = Array.from({ length: 6 }, () => [
      world.signIn('ada', both),
      revoke(ada, idOf(phone)),
      standing(phone),
      ada.execute('mutation { signOut(input: { refreshToken: "nonsense" }) { __typename } }'),
    ]);
    await expect(Promise.all(work.flat())).resolves.toHaveLength(24);
  });
});

const eventsDocument = `subscription ($after: [Cursor!]) {
  events(after: $after) { __typename cursor ... on ViewerChanged { viewer { user { displayName } ${devices} } } }
}`;
type Event = {
  readonly __typename: string;
  readonly cursor: string;
  readonly viewer?: { readonly user: { readonly displayName: string }; readonly devices: readonly Listed[] };
};
type Events = Subscription<{ events: Event }>;

async function next(events: Events): Promise<Event> {
  const { value } = await events.next();
  if (value === undefined) throw new Error('The events ended.');
  return value.data.events;
}
/** What was missed, and then what happens. */
async function follow(person: Person, after?: readonly string[]) {
  const events: Events = await person.subscribe(eventsDocument, { after });
  const missed: Event[] = [];
  for (;;) {
    const event = await next(events);
    missed.push(event);
    if (event.__typename === 'CaughtUp') return { events, missed, cursor: event.cursor };
  }
}
const changed = (...listed: readonly Person[]) => ({
  __typename: 'ViewerChanged',
  viewer: { devices: listed.map((person) => ({ id: idOf(person) })) },
});

/** What is told of this person's own things is told by this number: while it stands, there is nothing to tell. */
async function versionOf({ userId }: Person): Promise<bigint> {
  const where = { id: rowIdOf.user(userId) };
  return (await world.product.prisma.user.findUniqueOrThrow({ where })).viewerVersion;
}

describe('the other devices of a person hear at once', () => {
  it('that one signed in, was given another name, signed out, or was revoked', async () => {
    const { events } = await follow(ada);
    await clock.advance(1_000);
    const phone = await world.signIn('ada');
    expect(await next(events)).toMatchObject(changed(phone, ada));
    await clock.advance(1_000);
    const renamed = await world.signIn('ada', { id: idOf(phone), label: 'The new phone' });
    expect(await next(events)).toMatchObject({ viewer: { devices: [{ label: 'The new phone' }, {}] } });
    await renamed.execute('mutation { signOut(input: {}) { __typename } }');
    expect(await next(events)).toMatchObject(changed(ada));
    const tablet = await world.signIn('ada');
    expect(await next(events)).toMatchObject(changed(tablet, ada));
    await revoke(ada, idOf(tablet));
    expect(await next(events)).toMatchObject(changed(ada));
    await events.return?.();
  });

  it('that one was signed out because somebody used a copy of its token', async () => {
    const phone = await world.signIn('ada');
    const { events } = await follow(ada);
    const renew = `mutation ($refreshToken: String!) {
      refreshSession(input: { refreshToken: $refreshToken }) {
        ... on RefreshSessionPayload { session { refreshToken } }
      }
    }`;
    type Renewed = { readonly refreshSession: { readonly session: { readonly refreshToken: string } } };
    const first = await world.anonymous.execute<Renewed>(renew, { refreshToken: phone.session.refreshToken });
    await world.anonymous.execute(renew, { refreshToken: first.data.refreshSession.session.refreshToken });
    expect(await standing(phone)).toBe('SESSION_REVOKED');
    expect(await next(events)).toMatchObject(changed(ada));
    await events.return?.();
  });

  it('nothing of a refresh, of what was repeated, or of somebody else', async () => {
    const phone = await world.signIn('ada');
    await revoke(ada, idOf(phone));
    const { events } = await follow(ada);
    const before = await versionOf(ada);
    await standing(ada);
    await revoke(ada, idOf(phone));
    await phone.execute('mutation { signOut(input: {}) { __typename } }');
    await world.signUp('bob');
    expect(await versionOf(ada)).toBe(before);
    await clock.advance(1_000);
    const last = await world.signIn('ada');
    expect(await next(events)).toMatchObject(changed(last, ada));
    await events.return?.();
  });
});

describe('a device that was away hears later', () => {
  it('that devices changed, once, as they are then', async () => {
    const { events, cursor } = await follow(ada);
    await events.return?.();
    await clock.advance(1_000);
    const [phone, tablet] = [await world.signIn('ada'), await world.signIn('ada')];
    await revoke(ada, idOf(tablet));
    const back = await follow(ada, [cursor]);
    expect(back.missed).toMatchObject([changed(phone, ada), { __typename: 'CaughtUp' }]);
    await back.events.return?.();
  });

  it('within 30 s, when the server died between the commit and the hint', async () => {
    const phone = await world.signIn('ada');
    const { events } = await follow(ada);
    const { prisma, stream } = world.product;
    const lost: unknown[] = [];
    Object.assign(stream, { announceFeed: (moved: unknown) => lost.push(moved) });
    await revoke(ada, idOf(phone));
    expect(lost).toHaveLength(1);
    const heard = next(events);
    await clock.advance(30_000);
    expect(await heard).toMatchObject(changed(ada));
    const row = await prisma.user.findUniqueOrThrow({ where: { id: rowIdOf.user(ada.userId) } });
    expect(row.viewerVersion).toBe(row.feedVersion);
    await events.return?.();
  });
});
