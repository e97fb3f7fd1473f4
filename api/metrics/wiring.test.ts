import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../prisma/open-database.ts';
import { openTestDatabase } from '../../prisma/test/test-database.ts';
import { readConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { openPlatform } from '../platform.ts';
import { openServer } from '../server.ts';
import { openAcknowledged, subscribeFrame } from '../test/serving/wire-client.ts';
import { createMetrics } from './metrics.ts';

const closers: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

let database: Database;
beforeAll(async () => {
  const testDatabase = await openTestDatabase();
  closers.push(testDatabase.close);
  database = await openDatabase(testDatabase.url, { poolSize: 5 });
  closers.push(database.close);
});

const device = '{ label: "A browser", platform: WEB }';
const signUp = `mutation { signUp(input: { handle: "ada", displayName: "Ada", password: "correct horse", device: ${device} }) {
  ... on SignUpPayload { session { accessToken } } } }`;
const createGroup = `mutation { createGroup(input: { name: "Friends", memberIds: [], nonce: "a" }) {
  ... on CreateGroupPayload { channel { id } } } }`;

it('a server that is measured as it is put together for a start tells of its log, its limits and its stream', async () => {
  const metrics = createMetrics();
  const config = readConfig({ PORT: '0', SEARCHES_PER_MINUTE: '1' });
  const settings = { ...config, metrics, passwordCost: { memoryKib: 8, passes: 1 } };
  const opened = await openPlatform(settings, database, createLog('silent'));
  closers.push(opened.close);
  const server = await openServer({ ...opened, metrics }, config);
  closers.push(server.close);

  const ask = async (query: string, token?: string): Promise<string> => {
    const headers = new Headers({ 'content-type': 'application/json' });
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    return (await fetch(server.url, { method: 'POST', headers, body: JSON.stringify({ query }) })).text();
  };
  const token = /"accessToken":"([^"]+)"/.exec(await ask(signUp))?.[1] ?? '';
  const channelId = /"id":"([^"]+)"/.exec(await ask(createGroup, token))?.[1] ?? '';
  const socket = await openAcknowledged(server.socketUrl, token);
  socket.send(subscribeFrame('a', 'subscription { events { __typename } }'));
  await socket.until(({ payload }) => JSON.stringify(payload).includes('CaughtUp'));
  await ask(
    `mutation { sendMessage(input: { channelId: "${channelId}", text: "x", nonce: "n" }) { __typename } }`,
    token,
  );
  await socket.until(({ payload }) => JSON.stringify(payload).includes('MessageSent'));
  const search = '{ searchUsers(text: "a", first: 1) { edges { cursor } } }';
  for (const _ of [1, 2]) await ask(search, token);
  const cursor = JSON.parse(await ask('{ syncCursor }', token)).data.syncCursor;
  await database.prisma.installation.update({ where: { id: 1 }, data: { epoch: { increment: 1 } } });
  socket.send(
    subscribeFrame('b', 'subscription ($after: [Cursor!]) { events(after: $after) { __typename } }', {
      after: [cursor],
    }),
  );
  await socket.until(({ id, payload }) => id === 'b' && JSON.stringify(payload).includes('SyncReset'));
  await socket.close();

  const text = await metrics.text();
  const valueOfLine = (line: string) =>
    Number(
      text
        .split('\n')
        .find((one) => one.startsWith(`${line} `))
        ?.slice(line.length + 1) ?? Number.NaN,
    );
  expect(valueOfLine('parley_append_rounds_total{outcome="committed"}')).toBeGreaterThanOrEqual(2);
  expect(valueOfLine('parley_log_reads_total{what="heads"}')).toBeGreaterThan(0);
  expect(valueOfLine('parley_refusals_total{by="search"}')).toBe(1);
  expect(valueOfLine('parley_stream_lag_seconds_count')).toBe(1);
  expect(valueOfLine('parley_leases_orphaned_total')).toBe(0);
  expect(valueOfLine('parley_resets_total{reason="LOG_RESTORED"}')).toBeGreaterThan(0);
  expect(valueOfLine('parley_operations_total{type="query",name="other",outcome="RATE_LIMITED"}')).toBe(1);
});
