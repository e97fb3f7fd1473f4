import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openMemoryBus } from '../../schema/ports/bus.memory.ts';
import { readConfig } from '../config.ts';
import { keepDemo } from '../demo-door.ts';
import { type Example, examplesFor } from '../http/graphiql-examples.ts';
import { openRevocations, type Revocations } from '../revocations.ts';
import { openServer, type Server } from '../server.ts';
import { createGroup, signUp } from './client/people.ts';
import { openSse } from './serving/sse-client.ts';
import { openWorld, type World } from './world.ts';

// What a newcomer pastes or clicks, run as it stands against a real server with a demo.

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
const [signIn = '', start = '', events = '', send = ''] = [
  ...readme.matchAll(/```graphql\n([\s\S]*?)```/g),
].map(([, document]) => document);

let world: World;
let revocations: Revocations;
let server: Server;
let demo: Awaited<ReturnType<typeof keepDemo>>;
beforeAll(async () => {
  world = await openWorld();
  const { product } = world;
  demo = await keepDemo(product, true);
  revocations = await openRevocations({ ...product, bus: openMemoryBus() });
  server = await openServer({ product, revocations, demo }, readConfig({ PORT: '0' }));
});
afterAll(async () => {
  await server.close();
  await revocations.close();
  await world.close();
});

type Asked = { readonly query: string; readonly variables?: object; readonly token?: string };

/** The data of an answer without errors: a newcomer should see none. */
async function run({ token, ...body }: Asked): Promise<Record<string, unknown>> {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  return dataOf(JSON.parse(await response.text()));
}

function dataOf({ data, errors }: { data?: Record<string, unknown> | null; errors?: unknown }) {
  expect(errors).toBeUndefined();
  if (!data) throw new Error('No data.');
  return data;
}

/** Over a WebSocket, with the token among the headers of the operation, as GraphiQL sends it. */
function follow({ query, variables, token }: Asked) {
  const client = createClient({ url: server.socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
  const extensions = { headers: { authorization: `Bearer ${token}` } };
  const results = client.iterate({ query, variables: { ...variables }, extensions });
  return {
    next: async () => dataOf((await results.next()).value ?? {}),
    close: () => client.dispose(),
  };
}

/** The first value under this name, however deep. */
function find(name: string, within: unknown): string {
  const found = new RegExp(`"${name}":"([^"]+)"`).exec(JSON.stringify(within))?.[1];
  if (found === undefined) throw new Error(`No ${name} in ${JSON.stringify(within)}`);
  return found;
}

describe('the README', () => {
  it('has a first query that works as it stands', async () => {
    const token = find('accessToken', await run({ query: signIn }));
    const data = await run({ query: start, token });
    expect(data).toMatchObject({ viewer: { user: { displayName: 'Alice' } } });
    expect(JSON.stringify(data)).toContain('Hello Bob, this is the first message.');
  });

  it('has a first subscription that works as it stands, and a mutation that is safe to repeat', async () => {
    const token = find('accessToken', await run({ query: signIn }));
    const data = await run({ query: start, token });
    const feed = follow({ query: events, variables: { after: [find('syncCursor', data)] }, token });
    expect(await feed.next()).toMatchObject({ events: { __typename: 'CaughtUp' } });
    const sending = { query: send, variables: { channelId: find('id', data) }, token };
    expect(await run(sending)).toMatchObject({
      sendMessage: { deduplicated: false, message: { text: 'Hello' } },
    });
    expect(await feed.next()).toMatchObject({
      events: { __typename: 'MessageSent', message: { text: 'Hello' } },
    });
    expect(await run(sending)).toMatchObject({ sendMessage: { deduplicated: true } });
    await feed.close();
  });

  it('has a command for where sockets are blocked, with all that it needs', async () => {
    const [command = ''] = /^curl -N [^`]+/m.exec(readme) ?? [];
    const headers = [...command.matchAll(/-H ["']([\w-]+): ([^"']+)["']/g)].map(([, name, value]) => [
      name,
      value,
    ]);
    expect(Object.fromEntries(headers)).toEqual({
      authorization: 'Bearer $TOKEN',
      'content-type': 'application/json',
      accept: 'text/event-stream',
    });
    const { query } = JSON.parse(/-d '([^']+)'/.exec(command)?.[1] ?? '');
    const token = find('accessToken', await run({ query: signIn }));
    const stream = await openSse(server.url, { query, token });
    expect(await stream.next()).toMatchObject({ data: { data: { events: { __typename: 'CaughtUp' } } } });
    stream.leave();
  });
});

/** What the words above an example tell the reader to put in. */
type Filled = Readonly<Record<string, string>>;

/** Runs an example as GraphiQL does, with only that filled in which its own words ask for. */
async function runExample({ query, variables = '{}' }: Example, filled: Filled): Promise<string> {
  const isTold = query.includes('into the variables.');
  const text = isTold ? variables.replaceAll(/("(\w+)": \[?\s*)""/g, `$1"$2 filled in"`) : variables;
  const values = JSON.parse(
    text.replaceAll(/"(\w+) filled in"/g, (_, name: string) => JSON.stringify(filled[name])),
  );
  const asked = { query, variables: values, token: filled.token };
  if (!/^subscription/m.test(query)) return JSON.stringify(await run(asked));
  const feed = follow(asked);
  const first = await feed.next();
  await feed.close();
  return JSON.stringify(first);
}

async function runAll(examples: readonly Example[], given: Filled): Promise<string[]> {
  const answers: string[] = [];
  for (const example of examples) {
    // Tab 1 signs in on all tabs, and tab 2 gives what the others ask for.
    const [signedIn, screen] = answers;
    const filled = {
      ...given,
      ...(signedIn && { token: find('accessToken', JSON.parse(signedIn)) }),
      ...(screen && { after: find('syncCursor', JSON.parse(screen)) }),
    };
    answers.push(await runExample(example, filled));
  }
  return answers;
}

/** What would tell a newcomer that something is wrong. */
const problem = /"code":|"channel":null/;

describe('the examples of GraphiQL', () => {
  it('all work as they stand for a demo person, twice', async () => {
    const [person] = demo?.people ?? [];
    if (!person || !demo?.ids) throw new Error('No demo.');
    const examples = examplesFor({ person, ids: demo.ids });
    const answers = await runAll(examples, {});
    expect(answers).toHaveLength(examples.length);
    for (const answer of answers) expect(answer).not.toMatch(problem);
    // Without those that stream or wait: nothing new happens any more, as each nonce is known.
    const again = await runAll(
      examples.filter(({ query }) => !/^subscription|waitSeconds/m.test(query)),
      {},
    );
    for (const answer of again) expect(answer).not.toMatch(problem);
    const repeated = (all: readonly string[]) =>
      all.filter((answer) => answer.includes('"deduplicated":true'));
    expect([repeated(answers).length, repeated(again).length]).toEqual([0, 3]);
  });

  it('all work for anybody else who fills in what they say', async () => {
    const cy = await signUp(server.url, 'cyrus');
    const channelId = await createGroup(server.url, cy, { name: 'Mine', members: [] });
    const { sendMessage } = await run({
      query: send,
      variables: { channelId },
      token: cy.session.accessToken,
    });
    const messageId = find('id', sendMessage);
    const [first, ...others] = examplesFor({});
    if (!first) throw new Error('No examples.');
    expect(first.query).toContain('Put in a handle and a password.');
    const query = first.query
      .replace('handle: ""', 'handle: "cyrus"')
      .replace('password: ""', 'password: "correct horse battery staple"');
    const { userId } = await signUp(server.url, 'bobby');
    const answers = await runAll([{ query }, ...others], { channelId, messageId, userId });
    for (const answer of answers) expect(answer).not.toMatch(problem);
  });
});
