import { describe, expect, it } from 'vitest';
import { ask, read } from '../client/ask.ts';
import { password, type SignedIn, signIn, signUp } from '../client/people.ts';
import { serverOfAll } from '../e2e/running.ts';
import { openSse, type SseClient } from '../serving/sse-client.ts';
import { openAcknowledged, subscribeFrame, type WireClient } from '../serving/wire-client.ts';

// A7: when a session has ended, nothing that was opened with it goes on: no socket, no stream, no request.

const server = serverOfAll();
const events = 'subscription { events { __typename } }';
let people = 0;
const someone = () => {
  people += 1;
  return signUp(server().httpUrl, `person.${people}`);
};

/** Two sockets that follow events, one that does nothing, and a stream over SSE. */
async function openAll({ session: { accessToken } }: SignedIn) {
  const { httpUrl, socketUrl } = server();
  const sockets = await Promise.all([1, 2, 3].map(() => openAcknowledged(socketUrl, accessToken)));
  for (const socket of sockets.slice(0, 2)) {
    socket.send(subscribeFrame('events', events));
    await socket.until(({ id }) => id === 'events');
  }
  const sse = await openSse(httpUrl, { query: events, token: accessToken });
  await sse.next();
  return { sockets, sse };
}

type Open = { readonly sockets: readonly WireClient[]; readonly sse: SseClient };
const problem = (result: unknown) => ({ errors: [{ extensions: { code: result } }] });

async function expectClosed({ sockets, sse }: Open): Promise<void> {
  for (const { closed } of sockets) expect(await closed).toMatchObject({ code: 4401 });
  let last = await sse.next();
  while (JSON.stringify(last).includes('ViewerChanged')) last = await sse.next(); // what came before the end
  expect(last).toMatchObject({ event: 'next', data: problem('UNAUTHENTICATED') });
  expect(await sse.next()).toMatchObject({ event: 'complete' });
}

async function expectGone(person: SignedIn, open: Open): Promise<void> {
  const { httpUrl, socketUrl } = server();
  const token = person.session.accessToken;
  expect(await ask(httpUrl, { query: '{ viewer { id } }', token })).toMatchObject(problem('UNAUTHENTICATED'));
  await expectClosed(open);
  const again = await openAcknowledged(socketUrl, token).catch((closed) => String(closed));
  expect(again).toContain('4401');
  const refresh = `mutation ($refreshToken: String!) {
    refreshSession(input: { refreshToken: $refreshToken }) { ... on UserError { code } }
  }`;
  expect(await read(httpUrl, { query: refresh, variables: person.session })).toEqual({
    refreshSession: { code: 'SESSION_REVOKED' },
  });
}

async function expectGoingOn(person: SignedIn, { sockets, sse }: Open): Promise<void> {
  const token = person.session.accessToken;
  expect(await read(server().httpUrl, { query: '{ viewer { __typename } }', token })).toEqual({
    viewer: { __typename: 'Viewer' },
  });
  for (const socket of sockets) {
    socket.send(subscribeFrame('ask', '{ viewer { __typename } }'));
    await socket.until(({ id, type }) => id === 'ask' && type === 'next');
    await socket.close();
  }
  expect(sse.text()).not.toContain('complete');
  sse.leave();
}

const own = (person: SignedIn, query: string, variables?: object) =>
  read(server().httpUrl, { query, token: person.session.accessToken, variables: { ...variables } });
const changePassword = `mutation ($currentPassword: String!) {
  changePassword(input: { currentPassword: $currentPassword, newPassword: "another good password" }) {
    ... on ChangePasswordPayload { viewer { devices { id } } }
    ... on UserError { code }
  }
}`;

describe('A7: a session ends everywhere', { timeout: 60_000 }, () => {
  it('when it signs out', async () => {
    const ada = await someone();
    const phone = await signIn(server().httpUrl, ada.handle);
    const [open, other] = [await openAll(ada), await openAll(phone)];
    await own(ada, 'mutation { signOut(input: {}) { __typename } }');
    await expectGone(ada, open);
    await expectGoingOn(phone, other);
  });

  it('when another device revokes it', async () => {
    const ada = await someone();
    const phone = await signIn(server().httpUrl, ada.handle);
    const [open, other] = [await openAll(phone), await openAll(ada)];
    const revoke = 'mutation ($id: ID!) { revokeSession(input: { deviceId: $id }) { __typename } }';
    await own(ada, revoke, { id: phone.session.device.id });
    await expectGone(phone, open);
    await expectGoingOn(ada, other);
  });

  it('when the password is changed elsewhere, over HTTP or over a socket', async () => {
    const ada = await someone();
    const phone = await signIn(server().httpUrl, ada.handle);
    const [first, second] = [await openAll(ada), await openAll(phone)];
    const [socket] = second.sockets;
    socket?.send(subscribeFrame('change', changePassword, { currentPassword: password }));
    expect(await socket?.until(({ id }) => id === 'change')).toMatchObject({
      payload: { data: { changePassword: { viewer: { devices: [{ id: phone.session.device.id }] } } } },
    });
    await expectGone(ada, first);
    expect(await own(phone, changePassword, { currentPassword: 'another good password' })).toMatchObject({
      changePassword: { viewer: {} },
    });
    await expectGoingOn(phone, second);
  });

  it('when 50 other devices have been used since', async () => {
    const ada = await someone();
    const phone = await signIn(server().httpUrl, ada.handle);
    const [open, other] = [await openAll(ada), await openAll(phone)];
    let last = phone;
    for (let count = 0; count < 49; count += 1) last = await signIn(server().httpUrl, ada.handle);
    await expectGone(ada, open);
    await expectGoingOn(phone, other);
    expect(await own(last, '{ viewer { devices { id } } }')).toMatchObject({
      viewer: { devices: Array.from({ length: 50 }, () => ({ id: expect.any(String) })) },
    });
  });

  it.for([
    ['signOut', 'mutation { signOut(input: {}) { ... on SignOutPayload { deviceId } } }'],
    [
      'revokeSession',
      'mutation ($id: ID!) { revokeSession(input: { deviceId: $id }) { ... on RevokeSessionPayload { deviceId } } }',
    ],
  ] as const)(
    'when it asks for that itself over its own socket, and hears the answer first (%s)',
    async ([name, query]) => {
      const ada = await someone();
      const open = await openAll(ada);
      const { id } = ada.session.device;
      const [socket] = open.sockets;
      socket?.send(subscribeFrame('end', query, name === 'signOut' ? {} : { id }));
      expect(await socket?.until((frame) => frame.id === 'end')).toMatchObject({
        type: 'next',
        payload: { data: { [name]: { deviceId: id } } },
      });
      await expectGone(ada, open);
    },
  );
});

describe('A7: a refresh token signs out', { timeout: 60_000 }, () => {
  const signOut = `mutation ($refreshToken: String) {
    signOut(input: { refreshToken: $refreshToken }) { ... on SignOutPayload { deviceId } ... on UserError { code } }
  }`;

  it.for(['HTTP', 'a socket'])(
    'when the access token is worth nothing any more, over %s',
    async (transport) => {
      const ada = await someone();
      const open = await openAll(ada);
      const { refreshToken, device } = ada.session;
      const data = { signOut: { deviceId: device.id } };
      const worthless = 'eyJhbGciOiJFZERTQSJ9.e30.AAAA';
      if (transport === 'HTTP')
        expect(
          await read(server().httpUrl, { query: signOut, variables: { refreshToken }, token: worthless }),
        ).toEqual(data);
      else {
        const client = await openAcknowledged(server().socketUrl);
        const headers = { authorization: `Bearer ${worthless}` };
        const payload = { query: signOut, variables: { refreshToken }, extensions: { headers } };
        client.send({ id: 'out', type: 'subscribe', payload });
        expect(await client.next()).toMatchObject({ id: 'out', payload: { data } });
        await client.close();
      }
      await expectGone(ada, open);
    },
  );
});
