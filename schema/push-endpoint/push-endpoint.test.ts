import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { incomingId, rowIdOf } from '../ids.ts';
import { systemClock } from '../ports/clock.ts';
import { openRecordPush } from '../ports/push.record.ts';
import { appleAddress, webAddress } from '../test/push-address.ts';
import { openWorld, type Person, password, type World } from '../test/world.ts';
import { denied } from '../verdict.ts';
import { forgetGone, targetOf } from './push-endpoints.ts';
import { registerPushEndpoint } from './register-push-endpoint.ts';

const day = 24 * 60 * 60 * 1_000;
let world: World;
/** Time that has passed without anybody waiting for it. */
let passedMs = 0;
const clock = { ...systemClock, now: () => Date.parse('2026-01-01T00:00:00.000Z') + passedMs };
beforeAll(async () => {
  world = await openWorld({ clock });
});
afterAll(() => world.close());

type Endpoint = {
  readonly id: string;
  readonly host: string;
  readonly service: string;
  readonly createdAt: string;
  readonly device: { readonly id: string };
};
type Listed = { readonly viewer: { readonly pushEndpoints: readonly Endpoint[] } };
type Done = Listed & { readonly pushEndpoint: Endpoint; readonly pushEndpointId: string };
type Result = Partial<Done> & { readonly code?: string; readonly field?: readonly string[] };

const fields = 'id host service createdAt device { id }';
const list = `viewer { pushEndpoints { ${fields} } }`;
const refused = '... on UserError { code explanation } ... on InvalidInput { field }';
const registering = `mutation ($input: RegisterPushEndpointInput!) { result: registerPushEndpoint(input: $input) {
  ... on RegisterPushEndpointPayload { pushEndpoint { ${fields} } ${list} } ${refused} } }`;
const removing = `mutation ($input: RemovePushEndpointInput!) { result: removePushEndpoint(input: $input) {
  ... on RemovePushEndpointPayload { pushEndpointId ${list} } ${refused} } }`;

async function mutate(person: Person, document: string, input: object): Promise<Result> {
  const { data, errors } = await person.execute<{ result: Result }>(document, { input });
  expect(errors).toBeUndefined();
  return data.result;
}
const register = (person: Person, address: object) => mutate(person, registering, { address });
const remove = (person: Person, input: object = {}) => mutate(person, removing, input);
async function registered(person: Person, name: string): Promise<Endpoint> {
  const { pushEndpoint } = await register(person, webAddress(name));
  if (pushEndpoint === undefined) throw new Error('It was refused.');
  return pushEndpoint;
}
const endpointsOf = async (person: Person) =>
  (await person.execute<Listed>(`{ ${list} }`)).data.viewer.pushEndpoints;
const devicesIn = (endpoints: readonly Endpoint[] = []) => endpoints.map(({ device }) => device.id);
const deviceOf = ({ session }: Person) => session.device.id;
/** What is told of this person's own things is told by this number: while it stands, there is nothing to tell. */
const versionOf = async ({ userId }: Person) =>
  (await world.product.prisma.user.findUniqueOrThrow({ where: { id: rowIdOf.user(userId) } })).viewerVersion;
const rows = () => world.product.prisma.pushEndpoint.findMany();
const rowAt = (name: string) =>
  world.product.prisma.pushEndpoint.findUnique({ where: { address: webAddress(name).web.url } });

describe('registering where a device is woken', () => {
  it('binds it to the device of the session, and shows the host and nothing else of it', async () => {
    const ada = await world.signUp();
    const answer = await register(ada, webAddress('first'));
    const pushEndpoint = {
      ...{ id: expect.stringMatching(/^pep/), host: 'fcm.googleapis.com', service: 'WEB' },
      ...{ createdAt: new Date(clock.now()).toISOString(), device: { id: deviceOf(ada) } },
    };
    expect(answer).toEqual({ pushEndpoint, viewer: { pushEndpoints: [pushEndpoint] } });
    const { url, ...keys } = webAddress('first').web;
    for (const secret of [url, 'fcm/send', keys.p256dh, keys.auth])
      expect(JSON.stringify(answer)).not.toContain(secret);
    const row = await rowAt('first');
    expect(row && targetOf(row)).toEqual({ service: 'WEB', url, ...keys });
    const inDevice = await ada.execute(
      `{ node(id: "${deviceOf(ada)}") { ... on Device { pushEndpoint { ${fields} } } } }`,
    );
    expect(inDevice.data).toEqual({ node: { pushEndpoint } });
  });

  it('takes the token of an app, with where it is good', async () => {
    const ada = await world.signUp();
    const { apns } = appleAddress('phone');
    expect(await register(ada, { apns })).toMatchObject({
      pushEndpoint: { service: 'APNS', host: 'api.push.apple.com' },
    });
    expect(await register(ada, { apns: { ...apns, isSandbox: true } })).toMatchObject({
      pushEndpoint: { service: 'APNS', host: 'api.sandbox.push.apple.com' },
      viewer: { pushEndpoints: [{}] },
    });
  });

  it('changes nothing when it is repeated at the next start, and tells nobody', async () => {
    const ada = await world.signUp();
    const endpoint = await registered(ada, 'again');
    const version = await versionOf(ada);
    passedMs += 1_000;
    expect(await registered(ada, 'again')).toEqual(endpoint);
    expect(await versionOf(ada)).toBe(version);
  });

  it('replaces what the device had before; how long it has been woken stays', async () => {
    const ada = await world.signUp();
    const endpoint = await registered(ada, 'old');
    passedMs += 1_000;
    expect(await registered(ada, 'new')).toEqual(endpoint);
    expect(await rowAt('old')).toBeNull();
    expect(await endpointsOf(ada)).toEqual([endpoint]);
  });

  it('says what is wrong with an address, and where', async () => {
    const ada = await world.signUp();
    const { web } = webAddress('a');
    const { apns } = appleAddress('a');
    for (const [address, field] of [
      [{ web: { ...web, url: 'https://evil.example/hush' } }, 'url'],
      [{ web: { ...web, p256dh: 'hush' } }, 'p256dh'],
      [{ web: { ...web, auth: 'hush' } }, 'auth'],
      [{ apns: { ...apns, token: 'hush' } }, 'token'],
      [{ apns: { ...apns, topic: 'hush' } }, 'topic'],
    ] as const) {
      const answer = await register(ada, address);
      expect(answer).toMatchObject({ code: 'MALFORMED', field: ['address', Object.keys(address)[0], field] });
      expect(JSON.stringify(answer)).not.toContain('hush');
    }
    expect(await endpointsOf(ada)).toEqual([]);
  });

  it('is refused where the service is not offered, and the server says which are', async () => {
    const ada = await world.signUp();
    const { web } = webAddress('nowhere');
    const push = { ...openRecordPush(), services: new Set(['APNS'] as const) };
    const scope = { ...ada.scope, push };
    const address = { web: { ...web, url: new URL(web.url) } };
    expect(await registerPushEndpoint(scope, { address })).toEqual(denied('NOT_OFFERED'));
    expect(await registerPushEndpoint(scope, { address: appleAddress('somewhere') })).toHaveProperty(
      'viewer',
    );
    expect((await world.anonymous.execute('{ server { vapidPublicKey pushServices } }')).data).toEqual({
      server: { vapidPublicKey: openRecordPush().vapidPublicKey, pushServices: ['WEB', 'APNS'] },
    });
  });

  it('is for who is signed in', async () => {
    const address = webAddress('nobody');
    for (const document of [registering, removing])
      expect(
        await world.anonymous.execute(document, { input: document === registering ? { address } : {} }),
      ).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });
});

describe('an address', () => {
  it('belongs to whoever registered it last: on another device of the same person, what it was woken for stays', async () => {
    const ada = await world.signUp();
    const { createdAt } = await registered(ada, 'moving');
    passedMs += 1_000;
    const again = await world.signIn(ada.handle);
    expect(await registered(again, 'moving')).toMatchObject({ createdAt, device: { id: deviceOf(again) } });
    expect(devicesIn(await endpointsOf(ada))).toEqual([deviceOf(again)]);
  });

  it('of somebody else begins anew, and whoever had it is told', async () => {
    const [ada, bob] = [await world.signUp(), await world.signUp()];
    const before = await registered(ada, 'shared');
    const version = await versionOf(ada);
    passedMs += 1_000;
    const after = await registered(bob, 'shared');
    expect(after.createdAt).toBe(new Date(clock.now()).toISOString());
    expect(after.id).not.toBe(before.id);
    expect(await endpointsOf(ada)).toEqual([]);
    expect(await versionOf(ada)).toBeGreaterThan(version);
  });

  it('has one row, whoever registers it at once', async () => {
    const people = await Promise.all(Array.from({ length: 8 }, () => world.signUp()));
    for (let round = 0; round < 5; round += 1) {
      const answers = await Promise.all(
        people.map((person) => register(person, webAddress(`at once ${round}`))),
      );
      expect(answers.filter(({ pushEndpoint }) => pushEndpoint)).toHaveLength(people.length);
      const lists = await Promise.all(people.map(endpointsOf));
      expect(lists.flat()).toHaveLength(1);
    }
  });

  it('can be exchanged with somebody else’s, both at once: nobody waits for the other for ever', async () => {
    const [ada, bob] = [await world.signUp(), await world.signUp()];
    for (let round = 0; round < 10; round += 1) {
      const names = [`left ${round}`, `right ${round}`] as const;
      await Promise.all([registered(ada, names[0]), registered(bob, names[1])]);
      await Promise.all([registered(ada, names[1]), registered(bob, names[0])]);
      const held = await Promise.all(names.map(rowAt));
      expect(held.flatMap((row) => row ?? []).length).toBeGreaterThanOrEqual(1);
      const lists = await Promise.all([ada, bob].map(endpointsOf));
      expect(lists.flat()).toHaveLength(held.filter((row) => row !== null).length);
    }
  });
});

describe('a device', () => {
  it('has one endpoint, however many it registers at once', async () => {
    const ada = await world.signUp();
    await Promise.all(Array.from({ length: 10 }, (_, index) => registered(ada, `many ${index % 5}`)));
    expect(devicesIn(await endpointsOf(ada))).toEqual([deviceOf(ada)]);
    expect(
      (await rows()).filter(({ deviceId }) => deviceId === rowIdOf.device(incomingId(deviceOf(ada)))),
    ).toHaveLength(1);
  });

  it('has none any more when it asks for that, or another device does, and all of them are told', async () => {
    const ada = await world.signUp();
    const phone = await world.signIn(ada.handle);
    const [browser, app] = [await registered(ada, 'browser'), await registered(phone, 'app')];
    const version = await versionOf(ada);
    expect(await remove(ada)).toEqual({ pushEndpointId: browser.id, viewer: { pushEndpoints: [app] } });
    expect(await versionOf(ada)).toBeGreaterThan(version);
    expect(await remove(ada, { pushEndpointId: app.id })).toMatchObject({ pushEndpointId: app.id });
    for (const input of [
      {},
      { pushEndpointId: null },
      { pushEndpointId: app.id },
      { pushEndpointId: 'nonsense' },
    ])
      expect(await remove(ada, input)).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is forgotten when its service says that the address is no more, unless it has another one by then', async () => {
    const ada = await world.signUp();
    const { prisma } = world.product;
    const gone = (name: string) => {
      const target = { service: 'WEB', ...webAddress(name).web } as const;
      return prisma.$transaction((tx) => forgetGone(tx, { deviceId: ada.viewer.deviceId, target }));
    };
    await registered(ada, 'gone');
    await registered(ada, 'fresh');
    expect(await gone('gone')).toBeUndefined();
    expect(await endpointsOf(ada)).toHaveLength(1);
    expect(await gone('fresh')).toMatchObject({ userId: ada.userId });
    expect(await endpointsOf(ada)).toEqual([]);
  });
});

describe('a person', () => {
  it('has at most 20, also when 21 devices register at once: the device unused for longest makes room', async () => {
    const ada = await world.signUp();
    const people = [ada];
    for (let count = 0; count < 20; count += 1) {
      passedMs += 1_000;
      people.push(await world.signIn(ada.handle));
    }
    await Promise.all(people.map((person, index) => registered(person, `one of many ${index}`)));
    const left = devicesIn(await endpointsOf(ada));
    expect(left).toHaveLength(20);
    // The oldest one makes room, unless it was the last to come: then it has its own, and the next one made room.
    const newest = people.slice(2).map(deviceOf);
    expect(left).toEqual(expect.arrayContaining(newest));
    const [oldest] = people;
    if (oldest) expect(devicesIn([await registered(oldest, 'one of many 0')])).toEqual([deviceOf(oldest)]);
    expect(await endpointsOf(ada)).toHaveLength(20);
  });
});

describe('a session that ends takes the endpoint of its device with it', () => {
  const ways: readonly (readonly [string, (ada: Person, phone: Person) => Promise<unknown>])[] = [
    ['signing out', (_, phone) => phone.execute('mutation { signOut(input: {}) { __typename } }')],
    [
      'by its refresh token',
      (_, { session: { refreshToken } }) =>
        world.anonymous.execute(
          'mutation ($refreshToken: String) { signOut(input: { refreshToken: $refreshToken }) { __typename } }',
          { refreshToken },
        ),
    ],
    [
      'revoked by another device',
      (ada, phone) =>
        ada.execute('mutation ($id: ID!) { revokeSession(input: { deviceId: $id }) { __typename } }', {
          id: deviceOf(phone),
        }),
    ],
    [
      'a new password',
      (ada) =>
        ada.execute(
          'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename } }',
          { input: { currentPassword: password, newPassword: password } },
        ),
    ],
    ['a new sign-in on the device', (ada, phone) => world.signIn(ada.handle, { id: deviceOf(phone) })],
    [
      'a copy of its token',
      async (_, { session: { refreshToken } }) => {
        const refresh = `mutation ($refreshToken: String!) { refreshSession(input: { refreshToken: $refreshToken }) {
          ... on RefreshSessionPayload { session { refreshToken } } } }`;
        type Refreshed = { readonly refreshSession: { readonly session: { readonly refreshToken: string } } };
        const { data } = await world.anonymous.execute<Refreshed>(refresh, { refreshToken });
        await world.anonymous.execute(refresh, { refreshToken: data.refreshSession.session.refreshToken });
        return world.anonymous.execute(refresh, { refreshToken });
      },
    ],
  ];
  it.for(ways)('%s', async ([, end]) => {
    const ada = await world.signUp();
    const phone = await world.signIn(ada.handle);
    const [own, lost] = [`own ${ada.handle}`, `lost ${ada.handle}`];
    await Promise.all([registered(ada, own), registered(phone, lost)]);
    await end(ada, phone);
    expect(await rowAt(lost)).toBeNull();
    expect(devicesIn(await endpointsOf(ada))).toEqual([deviceOf(ada)]);
  });

  it('crowded out by the 50 that were used later', async () => {
    const ada = await world.signUp();
    await registered(ada, 'crowded out');
    for (let count = 0; count < 50; count += 1) {
      passedMs += 1_000;
      await world.signIn(ada.handle);
    }
    expect(await rowAt('crowded out')).toBeNull();
  });

  it('and a registration that is on its way does not bring it back', async () => {
    for (let round = 0; round < 10; round += 1) {
      const ada = await world.signUp();
      const name = `late ${round}`;
      const [answer] = await Promise.all([
        register(ada, webAddress(name)),
        ada.execute('mutation { signOut(input: {}) { __typename } }'),
      ]);
      expect(['SESSION_REVOKED', undefined]).toContain(answer.code);
      expect(await rowAt(name)).toBeNull();
      expect(await register(ada, webAddress(name))).toMatchObject({ code: 'SESSION_REVOKED' });
    }
  });

  it('run out, it is nowhere any more, though nobody has taken it away', async () => {
    const ada = await world.signUp();
    const { id } = await registered(ada, 'run out');
    passedMs += 31 * day;
    const phone = await world.signIn(ada.handle);
    expect(await rowAt('run out')).not.toBeNull();
    expect(await endpointsOf(phone)).toEqual([]);
    const asked = `{ endpoint: node(id: "${id}") { id } device: node(id: "${deviceOf(ada)}") { ... on Device { pushEndpoint { id } } } }`;
    expect((await phone.execute(asked)).data).toEqual({ endpoint: null, device: { pushEndpoint: null } });
  });
});
