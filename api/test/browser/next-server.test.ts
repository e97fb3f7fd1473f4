import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { freePort, type ServerProcess, startServerProcess } from '../../../bench/server-process.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { openTestDatabase } from '../../../prisma/test/test-database.ts';
import { read } from '../client/ask.ts';
import { type SignedIn, signUp } from '../client/people.ts';
import { missingHaproxy, startHaproxy } from '../cluster/haproxy.ts';
import { closeAtEnd } from '../e2e/running.ts';
import { missingRedis, startRedis } from '../engines/redis.ts';
import { requires } from '../requirements.ts';
import { bannerOf, logOf, openChannel, send, signIn, textsIn } from './screen.ts';
import { change, openDirectChannel } from './seed.ts';
import { stageOfAll } from './stage.ts';
import { networkIsGone } from './watch.ts';

const stage = stageOfAll();
requires('redis', missingRedis);
requires('haproxy', missingHaproxy);
/** Two servers start besides that of the file, and one of them is given up. */
const enoughMs = 180_000;
const counted = /^(ada|bob) \d+$/;
/** So high that all messages are on the screen at once: what is not there is not drawn. */
const viewport = { width: 900, height: 3_500 };

/** Two servers behind one address for pages, each with sockets at an address of its own. */
async function openServers() {
  const { url: databaseUrl } = closeAtEnd(await openTestDatabase());
  const redis = closeAtEnd(await startRedis());
  const folder = await makeTempFolder();
  closeAtEnd({ close: folder.remove });
  const [port, ...ports] = [await freePort(), await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${port}`;
  const start = async (own: number) => {
    const settings = {
      ...{
        DATABASE_URL: databaseUrl,
        REDIS_URL: redis.url,
        LOG_LEVEL: 'error',
        TRUSTED_PROXIES: '127.0.0.1',
      },
      ...{ PUBLIC_URL: origin, SOCKET_URL: `ws://127.0.0.1:${own}/graphql`, ZONE: 'here' },
    };
    const server = await startServerProcess({ from: 'source', folder: folder.path, port: own, settings });
    return closeAtEnd({ ...server, close: server.stop });
  };
  const servers = await Promise.all(ports.map(start));
  closeAtEnd(await startHaproxy({ folder: folder.path, servers: ports, port }));
  return { servers, origin };
}

/** Of a page of this server: where it may open sockets. */
async function allowedBy({ port }: ServerProcess): Promise<readonly string[]> {
  const { headers } = await fetch(`http://127.0.0.1:${port}/`);
  const [, sources = ''] = /connect-src ([^;]*)/.exec(headers.get('content-security-policy') ?? '') ?? [];
  return sources.split(' ');
}

/** The sockets that its pages have open now, by their addresses. */
function watchSockets(context: BrowserContext): () => readonly string[] {
  const open = new Set<{ url(): string }>();
  context.on('page', (page) =>
    page.on('websocket', (socket) => {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
    }),
  );
  return () => [...open].map((socket) => socket.url());
}

/** Ada in a browser that came by the common address, with her channel with Bob open; Bob is somewhere else. */
async function world() {
  const { servers, origin } = await openServers();
  const httpUrl = `${origin}/graphql`;
  const [ada, bob] = [await signUp(httpUrl, 'ada'), await signUp(httpUrl, 'bob')];
  const channelId = await openDirectChannel(httpUrl, ada, bob);
  const places = servers.map(({ port }) => port).join('|');
  const allows = new RegExp(`${networkIsGone.source}|asked another host: ws://127\\.0\\.0\\.1:(${places})/`);
  // Each has heard of the other.
  const sources = servers.map(({ socketUrl }) => new URL(socketUrl).origin);
  for (const server of servers)
    await expect.poll(() => allowedBy(server)).toEqual(expect.arrayContaining(sources));
  const browser = await stage.openBrowser({ origin, allows, viewport });
  const sockets = watchSockets(browser.context);
  const page = await browser.openTab();
  await signIn(page, ada.handle);
  await openChannel(page, bob.handle);
  await bannerOf(page).waitFor({ state: 'hidden' });
  return { servers, ada, bob, channelId, page, sockets };
}

async function writeAll(page: Page, from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number += 1) await send(page, `ada ${number}`);
}

/** What a server has, in its order. */
async function kept(
  { httpUrl }: ServerProcess,
  { session }: SignedIn,
  id: string,
): Promise<readonly string[]> {
  const query = 'query ($id: ID!) { channel(id: $id) { messages(last: 100) { edges { node { text } } } } }';
  const { channel } = await read<{ channel: { messages: { edges: { node: { text: string } }[] } } }>(
    httpUrl,
    {
      ...{ query, variables: { id }, token: session.accessToken },
    },
  );
  return channel.messages.edges.map(({ node }) => node.text);
}

describe('a page whose server is killed', () => {
  it('goes on with the next one by itself: it hears what is said then, and what was written is sent once', {
    timeout: enoughMs,
  }, async () => {
    const { servers, ada, bob, channelId, page, sockets } = await world();
    const usedNow = () => servers.find(({ socketUrl }) => sockets().includes(socketUrl));
    await expect.poll(usedNow).toBeDefined();
    const used = usedNow();
    const other = servers.find((server) => server !== used);
    if (used === undefined || other === undefined) throw new Error('There are not two servers.');
    expect(sockets()).toEqual([used.socketUrl]);

    await writeAll(page, 1, 4);
    await logOf(page).getByText('ada 4', { exact: true }).waitFor();
    const writing = writeAll(page, 5, 12);
    await used.kill();
    const say = (text: string) =>
      change(other.httpUrl, bob, { name: 'sendMessage', input: { channelId, text, nonce: text } });
    await say('bob 1');
    await writing;
    await expect.poll(sockets, { timeout: 60_000 }).toEqual([other.socketUrl]);
    await say('bob 2');
    await writeAll(page, 13, 14);

    const isAll = { timeout: 60_000 };
    await expect.poll(() => kept(other, ada, channelId), isAll).toHaveLength(16);
    const truth = await kept(other, ada, channelId);
    expect(truth.filter((text) => text.startsWith('ada '))).toEqual(
      Array.from({ length: 14 }, (_, index) => `ada ${index + 1}`),
    );
    await expect.poll(() => textsIn(page, counted), isAll).toEqual(truth);
    await bannerOf(page).waitFor({ state: 'hidden' });
    // Nothing was repeated meanwhile.
    expect(await kept(other, ada, channelId)).toEqual(truth);
    expect(sockets()).toEqual([other.socketUrl]);
  });
});
