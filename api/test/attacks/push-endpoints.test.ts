import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { webAddress } from '../../../schema/test/push-address.ts';
import type { Person } from '../../../schema/test/world.ts';
import { createLog } from '../../log.ts';
import { openWorld, type World } from '../world.ts';

// Where a device is woken is an address that a client names and that the server sends to. It is at a push service, it is of whoever
// is signed in, and there are few of them.

const changesPerMinute = 60;
const written: string[] = [];
let world: World;
beforeAll(async () => {
  const logger = createLog('trace', { write: (text) => written.push(text) });
  world = await openWorld({ logger, rateLimits: { changesPerMinute } });
});
afterAll(() => world.close());

type Result = {
  readonly code?: string;
  readonly field?: readonly string[];
  readonly pushEndpoint?: { readonly id: string };
};
const register = `mutation ($input: RegisterPushEndpointInput!) { result: registerPushEndpoint(input: $input) {
  ... on RegisterPushEndpointPayload { pushEndpoint { id } }
  ... on UserError { code explanation } ... on InvalidInput { field } } }`;
const remove = `mutation ($id: ID) { result: removePushEndpoint(input: { pushEndpointId: $id }) {
  __typename ... on UserError { code } } }`;

const tryAddress = (asker: Pick<Person, 'execute'>, address: object) =>
  asker.execute<{ result: Result }>(register, { input: { address } });
async function idAt(person: Person, name: string): Promise<string> {
  const { data } = await tryAddress(person, webAddress(name));
  return data.result.pushEndpoint?.id ?? '';
}
const idsOf = async (person: Person): Promise<readonly string[]> => {
  type Listed = { readonly viewer: { readonly pushEndpoints: readonly { readonly id: string }[] } };
  const { data } = await person.execute<Listed>('{ viewer { pushEndpoints { id } } }');
  return data.viewer.pushEndpoints.map(({ id }) => id);
};
const rowCount = () => world.product.prisma.pushEndpoint.count();
const at = (url: string) => ({ web: { ...webAddress('').web, url } });

describe('P1: an address that is at no push service', () => {
  it.for([
    'https://evil.example/hush',
    'http://fcm.googleapis.com/hush',
    'https://fcm.googleapis.com:8443/hush',
    'https://fcm.googleapis.com@evil.example/hush',
    'https://hush:hush@fcm.googleapis.com/hush',
    'https://f\u0441m.googleapis.com/hush',
    'https://fcm.googleapis.com./hush',
    'https://fcm.googleapis.com.evil.example/hush',
    'https://evil-push.apple.com/hush',
    'https://push.services.mozilla.com.evil.example/hush',
    'https://evil.example\\.push.apple.com/hush',
    'https://evil.example/\t.push.apple.com/hush',
    'https://evil.example?.push.apple.com/hush',
    'https://127.0.0.1/hush',
    'https://0x7f000001/hush',
    'https://[::ffff:169.254.169.254]/hush',
    'https://localhost/hush',
    'https://fcm.googleapis.com/#hush',
    'ftp://fcm.googleapis.com/hush',
    'file:///hush',
    'javascript:hush',
    `https://fcm.googleapis.com/${'hush'.repeat(750)}`,
  ])('is refused, and neither repeated nor logged: %s', async (url) => {
    const person = await world.signUp();
    const before = await rowCount();
    written.splice(0);
    const answer = await tryAddress(person, at(url));
    expect(answer.data.result).toMatchObject({
      code: expect.stringMatching(/^(MALFORMED|TOO_LONG)$/),
      field: ['address', 'web', 'url'],
    });
    expect(JSON.stringify(answer)).not.toContain('hush');
    expect(written.join('')).not.toContain('hush');
    expect(await rowCount()).toBe(before);
  });

  it.for([
    '',
    'hush',
    '//fcm.googleapis.com/hush',
    'https://',
    'https://fcm.googleapis.com:99999/',
    'https://[/',
  ])('is no input when it is no URL at all: %j', async (url) => {
    const person = await world.signUp();
    written.splice(0);
    const { errors } = await tryAddress(person, at(url));
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(written).toEqual([]);
  });

  it('is not that of a browser: those are taken, each at its own service', async () => {
    const person = await world.signUp();
    for (const url of [
      'https://fcm.googleapis.com/fcm/send/d1:APA91b',
      'https://updates.push.services.mozilla.com/wpush/v2/gAAAA',
      'https://db5p.notify.windows.com/w/?token=a%2bb',
      'https://web.push.apple.com/QGw',
    ])
      expect((await tryAddress(person, at(url))).data.result).toHaveProperty('pushEndpoint');
  });
});

describe('P4: where somebody is woken', () => {
  it.for(['userId', 'deviceId', 'sessionId', 'viewerId'])(
    'is said by who is signed in, and not by %s',
    async (name) => {
      const [ada, mallory] = [await world.signUp(), await world.signUp()];
      const value = name === 'deviceId' ? ada.session.device.id : ada.userId;
      for (const input of [
        { address: webAddress('for ada'), [name]: value },
        { address: { ...webAddress('for ada'), [name]: value } },
      ])
        expect((await mallory.execute(register, { input })).errors).toHaveLength(1);
      expect(await idsOf(ada)).toEqual([]);
    },
  );

  it('is not both: a browser and an app, and not neither', async () => {
    const ada = await world.signUp();
    const { web } = webAddress('both');
    const apns = { token: 'a'.repeat(64), topic: 'com.example.chat' };
    for (const address of [{ web, apns }, {}, { web: null }, { web, apns: null }])
      expect((await tryAddress(ada, address)).errors?.length).toBeGreaterThan(0);
    expect(await idsOf(ada)).toEqual([]);
  });

  it('is of its newest owner alone, and the one before hears that it is gone', async () => {
    const [ada, bob] = [await world.signUp(), await world.signUp()];
    const before = await idAt(ada, 'a browser of two');
    const events = await ada.subscribe<{ events: { __typename: string; viewer?: unknown } }>(
      'subscription { events { __typename ... on ViewerChanged { viewer { pushEndpoints { id } devices { pushEndpoint { id } } } } } }',
    );
    await events.next();
    const after = await idAt(bob, 'a browser of two');
    expect((await events.next()).value?.data.events).toEqual({
      __typename: 'ViewerChanged',
      viewer: { pushEndpoints: [], devices: [{ pushEndpoint: null }] },
    });
    await events.return?.();
    expect([await idsOf(ada), await idsOf(bob)]).toEqual([[], [after]]);
    for (const person of [ada, bob])
      expect((await person.execute(`{ node(id: "${before}") { id } }`)).data).toEqual({ node: null });
    expect((await ada.execute(remove, { id: after })).data).toMatchObject({ result: { code: 'NOT_FOUND' } });
    expect(await idsOf(bob)).toEqual([after]);
  });

  it('is of one of those who register it at the same moment', async () => {
    const people = await Promise.all(Array.from({ length: 10 }, () => world.signUp()));
    await Promise.all(people.map((person) => tryAddress(person, webAddress('fought over'))));
    expect((await Promise.all(people.map(idsOf))).flat()).toHaveLength(1);
    const { url } = webAddress('fought over').web;
    expect(await world.product.prisma.pushEndpoint.count({ where: { address: url } })).toBe(1);
  });

  it('is seen by nobody else: neither it, nor that it is there', async () => {
    const [ada, mallory] = [await world.signUp(), await world.signUp()];
    const id = await idAt(ada, 'private');
    const asked = `{ node(id: "${id}") { __typename } nodes(ids: ["${id}", "pep9999"]) { __typename }
      device: node(id: "${ada.session.device.id}") { ... on Device { pushEndpoint { id } } } }`;
    const nothing = { node: null, nodes: [null, null], device: null };
    expect((await mallory.execute(asked)).data).toEqual(nothing);
    const ids = [id, 'pep9999'];
    const answers = await Promise.all(ids.map((one) => mallory.execute(remove, { id: one })));
    expect(answers[0]).toEqual(answers[1]);
    expect(await idsOf(ada)).toEqual([id]);
  });

  it('is gone when its session ends, and does not come back with its access token', async () => {
    const ada = await world.signUp();
    await idAt(ada, 'signed out');
    await ada.execute('mutation { signOut(input: {}) { __typename } }');
    expect((await tryAddress(ada, webAddress('signed out'))).data.result).toMatchObject({
      code: 'SESSION_REVOKED',
    });
    const { url } = webAddress('signed out').web;
    expect(await world.product.prisma.pushEndpoint.count({ where: { address: url } })).toBe(0);
  });
});

describe('P5: thousands of places to be woken at', () => {
  it('are one for one device, and few tries a minute', async () => {
    const ada = await world.signUp();
    const limited = world.viewerAt('192.0.2.1', ada.viewer);
    const answers: Result[] = [];
    for (let count = 0; count < changesPerMinute + 20; count += 1)
      answers.push((await tryAddress(limited, webAddress(`place ${count}`))).data.result);
    expect(answers.filter(({ code }) => code === 'RATE_LIMITED')).toHaveLength(20);
    expect(await idsOf(ada)).toHaveLength(1);
  });

  it('are 20 for one person, however many devices say them at once', async () => {
    const ada = await world.signUp();
    const devices = [ada];
    for (let count = 0; count < 40; count += 1) devices.push(await world.signIn(ada.handle));
    const before = await rowCount();
    await Promise.all(devices.map((device, index) => tryAddress(device, webAddress(`device ${index}`))));
    expect(await idsOf(ada)).toHaveLength(20);
    expect(await rowCount()).toBe(before + 20);
  });
});
