import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openMemoryBus } from '../../schema/ports/bus.memory.ts';
import { type Clock, systemClock } from '../../schema/ports/clock.ts';
import { readConfig } from '../config.ts';
import { keepDemo } from '../demo-door.ts';
import { openRevocations, type Revocations } from '../revocations.ts';
import { demoPassword } from '../seed.ts';
import { openServer, type Server } from '../server.ts';
import { openWorld, type World } from '../test/world.ts';
import {
  createSignIn,
  createTokens,
  type PageModel,
  type PageSession,
  placeholder,
  showInEditors,
  useTokens,
} from './graphiql-page.mjs';

// What the page of GraphiQL does beside GraphiQL, against a real server with a demo.

/** Tokens of one second are equal: a refresh that is to make another one comes a little later. */
let aheadMs = 0;
const clock: Clock = { now: () => systemClock.now() + aheadMs, sleep: systemClock.sleep };

let world: World;
let revocations: Revocations;
let server: Server;
beforeAll(async () => {
  world = await openWorld({ clock });
  const { product } = world;
  const demo = await keepDemo(product, true);
  revocations = await openRevocations({ ...product, bus: openMemoryBus() });
  server = await openServer({ product, revocations, demo }, readConfig({ PORT: '0' }));
});
afterAll(async () => {
  await server.close();
  await revocations.close();
  await world.close();
});

const alice = { handle: 'alice', password: demoPassword };
const inTab = { authorization: `Bearer ${placeholder}` };
const viewer = JSON.stringify({ query: '{ viewer { user { handle } } }' });
const answerWith = (data: object) => ({ data, extensions: { rateLimit: expect.anything() } });
const isAlice = answerWith({ viewer: { user: { handle: 'alice' } } });

/** A page in a browser of its own. */
function openPage() {
  const tokens = createTokens();
  const addresses: unknown[] = [];
  const stored = new Map<string, string>();
  const statuses: string[] = [];
  const devices = new Map<string, string>();
  const tasks: { readonly run: () => Promise<void>; readonly ms: number }[] = [];
  const page = {
    fetch: (to: string, init?: RequestInit) => fetch(to, init),
    WebSocket: class extends WebSocket {},
    Storage: class {
      setItem(name: string, text: string) {
        stored.set(name, text);
      }
    },
    history: { replaceState: (...given: unknown[]) => void addresses.push(given) },
  };
  const ask = async (operation: object) =>
    (
      await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(operation),
      })
    ).json();
  const signIn = createSignIn({
    ask,
    tokens,
    devices: { get: (handle) => devices.get(handle), set: (handle, id) => void devices.set(handle, id) },
    schedule(run, ms) {
      tasks.push({ run, ms });
      return () => void tasks.pop();
    },
    onStatus: (text) => statuses.push(text),
  });
  const sessions: PageSession[] = [];
  useTokens(page, tokens, (session) => {
    sessions.push(session);
    signIn.take(session);
  });
  /** As GraphiQL sends what is in a tab. */
  const run = async (body = viewer, headers: object = inTab) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
    return (await page.fetch(server.url, init)).json();
  };
  return { page, tokens, addresses, stored, statuses, tasks, signIn, sessions, run };
}
let here: ReturnType<typeof openPage>;
beforeEach(() => {
  here = openPage();
});

describe('a click on a demo person', () => {
  it('signs in on all tabs, without copying anything', async () => {
    expect(await here.run()).toEqual(answerWith({ viewer: null }));
    await here.signIn.as(alice);
    expect(here.statuses.at(-1)).toContain('You are alice on all tabs');
    expect(await here.run()).toEqual(isAlice);
  });

  it('makes no more devices than people, however often it happens', async () => {
    await here.signIn.as(alice);
    const before = await world.product.prisma.device.count();
    for (let click = 0; click < 3; click += 1) await here.signIn.as(alice);
    expect(await world.product.prisma.device.count()).toBe(before);
  });

  it('says why when it does not work', async () => {
    await here.signIn.as({ ...alice, password: 'something else' });
    expect(here.statuses.at(-1)).toBe('Could not sign in as alice: The handle or the password is wrong.');
    expect(await here.run()).toEqual(answerWith({ viewer: null }));
  });
});

describe('the token of the page', () => {
  it('is kept fresh, and an outdated one in the headers of a tab gives way to it', async () => {
    await here.signIn.as(alice);
    const first = here.tokens.sent(inTab.authorization);
    const [task] = here.tasks;
    expect(task?.ms).toBeGreaterThan(11 * 60_000);
    expect(task?.ms).toBeLessThan(13 * 60_000); // of fifteen
    aheadMs += 2_000;
    await task?.run();
    const second = here.tokens.sent(inTab.authorization);
    expect(second).not.toBe(first);
    expect(here.tokens.sent(first)).toBe(second);
    expect(await here.run(viewer, { authorization: first })).toEqual(isAlice);
    expect(here.tasks).toHaveLength(1);
  });

  it('is forgotten when its session has ended, and the page says so', async () => {
    await here.signIn.as(alice);
    await here.run(JSON.stringify({ query: 'mutation { signOut(input: {}) { __typename } }' }));
    await here.tasks[0]?.run();
    expect(here.statuses.at(-1)).toContain('Not signed in any more');
    expect(here.tokens.sent(inTab.authorization)).toBe('');
  });

  it('is that of whoever signs in by running a mutation in a tab', async () => {
    const device = '{ label: "x", platform: WEB }';
    const query = `mutation { signUp(input: { handle: "newcomer", displayName: "N", password: "a good password", device: ${device} }) {
      ... on SignUpPayload { session { accessToken accessTokenExpiresAt refreshToken } } } }`;
    await here.run(JSON.stringify({ query }));
    await expect.poll(() => here.sessions.length).toBe(1);
    expect(await here.run()).toEqual(answerWith({ viewer: { user: { handle: 'newcomer' } } }));
  });

  it('goes with subscriptions over the socket', async () => {
    await here.signIn.as(alice);
    const socket = new here.page.WebSocket(server.socketUrl, 'graphql-transport-ws');
    await new Promise((resolve) => socket.once('open', resolve));
    const frames: string[] = [];
    socket.on('message', (data) => frames.push(String(data)));
    socket.send(JSON.stringify({ type: 'connection_init' }));
    await expect.poll(() => frames.length).toBe(1);
    const payload = { query: 'subscription { events { __typename } }', extensions: { headers: inTab } };
    socket.send(JSON.stringify({ id: 'a', type: 'subscribe', payload }));
    await expect.poll(() => frames[1]).toContain('CaughtUp');
    socket.terminate();
  });

  it('gets neither into what the browser stores nor into the address', async () => {
    await here.signIn.as(alice);
    const token = here.tokens.sent(placeholder);
    new here.page.Storage().setItem('tabs', `{"headers":"Bearer ${token}"}`);
    expect(here.stored.get('tabs')).toBe(`{"headers":"Bearer ${placeholder}"}`);
    here.page.history.replaceState({}, '', `/graphql?query=${token}`);
    expect(here.addresses).toEqual([]);
  });

  it('is shown in the headers of the tab one looks at, of no other editor', async () => {
    const [headers, query] = ['/1-request-headers.json', '/1-operation.graphql'].map(createModel);
    if (!headers || !query) throw new Error('No models.');
    let onMade: (model: PageModel) => void = () => {};
    showInEditors(
      {
        editor: {
          getModels: () => [query],
          onDidCreateModel(listener) {
            onMade = listener;
          },
        },
      },
      here.tokens,
    );
    onMade(headers);
    await here.signIn.as(alice);
    expect(headers.getValue()).toBe(here.tokens.sent(placeholder));
    headers.setValue(`Bearer ${placeholder}`); // another tab
    expect(headers.getValue()).toBe(here.tokens.sent(inTab.authorization));
    expect(query.getValue()).toBe(placeholder);
  });
});

/** An editor of Monaco, as far as it matters here. */
function createModel(path: string): PageModel {
  let value = placeholder;
  const listeners = new Set<() => void>();
  return {
    uri: { path },
    getValue: () => value,
    setValue(text) {
      value = text;
      for (const listener of listeners) listener();
    },
    onDidChangeContent: (listener) => void listeners.add(listener),
  };
}
