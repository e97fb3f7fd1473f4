import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../../bench/server-process.ts';
import { read } from '../client/ask.ts';
import { type SignedIn, signUp } from '../client/people.ts';
import { openTcpProxy } from '../client/tcp-proxy.ts';
import { closeAtEnd, type Running, runServer } from '../e2e/running.ts';
import { bannerOf, channelLink, logOf, messageWith, openChannel, send, signIn, textsIn } from './screen.ts';
import { openDirectChannel } from './seed.ts';
import { stageOfAll } from './stage.ts';
import { networkIsGone } from './watch.ts';

const stage = stageOfAll();
/** A server that is killed repairs its database when it starts again. */
const enoughMs = 120_000;
/** As long as a train is in a tunnel; longer than a server waits for a sign of life. */
const awayMs = 30_000;
const counted = /^(ada|bob) \d+$/;

/** So high that forty messages are on the screen at once: what is not there is not drawn. */
const viewport = { width: 900, height: 3_500 };

/** Ada and Bob in a browser each, with their channel open, on a server of their own that may be killed. Ada's network may go deaf. */
async function world() {
  const proxyPort = await freePort();
  const origin = `http://127.0.0.1:${proxyPort}`;
  const running = await runServer({ LOG_LEVEL: 'error', PUBLIC_URL: origin });
  const { httpUrl, port } = running.server();
  const proxy = closeAtEnd(await openTcpProxy({ targetPort: port, port: proxyPort }));
  const [ada, bob] = [await signUp(httpUrl, 'ada'), await signUp(httpUrl, 'bob')];
  const channelId = await openDirectChannel(httpUrl, ada, bob);
  const openAs = async (person: SignedIn, other: SignedIn) => {
    const browser = await stage.openBrowser({ origin, allows: networkIsGone, viewport });
    const page = await browser.openTab();
    await signIn(page, person.handle);
    await openChannel(page, other.handle);
    return { ...browser, page };
  };
  const adas = await openAs(ada, bob);
  const adasLinks = proxy.links();
  return { running, ada, channelId, adas, adasLinks, bobs: await openAs(bob, ada) };
}

async function writeAll(page: Page, name: string, numbers: readonly number[]): Promise<void> {
  for (const number of numbers) await send(page, `${name} ${number}`);
}
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const textsBy = (name: string, numbers: readonly number[]) => numbers.map((number) => `${name} ${number}`);

/** What the server has, in its order. */
async function kept({ server }: Running, { session }: SignedIn, id: string): Promise<readonly string[]> {
  const query = 'query ($id: ID!) { channel(id: $id) { messages(last: 100) { edges { node { text } } } } }';
  const { channel } = await read<{ channel: { messages: { edges: { node: { text: string } }[] } } }>(
    server().httpUrl,
    { query, variables: { id }, token: session.accessToken },
  );
  return channel.messages.edges.map(({ node }) => node.text);
}

const isBy = (name: string) => (text: string) => text.startsWith(`${name} `);

describe('two people whose server is killed while both write', () => {
  it('lose nothing, and see everything once and in one order', { timeout: enoughMs }, async () => {
    const { running, ada, channelId, adas, bobs } = await world();
    const writing = Promise.all([
      writeAll(adas.page, 'ada', upTo(1, 12)),
      writeAll(bobs.page, 'bob', upTo(1, 12)),
    ]);
    await logOf(bobs.page).getByText('ada 5', { exact: true }).waitFor();
    await running.server().kill();
    await bannerOf(adas.page).waitFor();
    await bannerOf(bobs.page).waitFor();
    await writing;
    await Promise.all([writeAll(adas.page, 'ada', upTo(13, 16)), writeAll(bobs.page, 'bob', upTo(13, 16))]);
    // Everybody sees at least what they have written themselves.
    await expect
      .poll(() => textsIn(adas.page, counted).then((all) => all.filter(isBy('ada'))))
      .toEqual(textsBy('ada', upTo(1, 16)));

    await running.startAgain();
    await writeAll(adas.page, 'ada', upTo(17, 20));
    const isAll = { timeout: 60_000 };
    await expect.poll(() => textsIn(adas.page, counted), isAll).toHaveLength(36);
    await expect.poll(() => textsIn(bobs.page, counted), isAll).toHaveLength(36);
    const truth = await kept(running, ada, channelId);
    expect(truth.filter(isBy('ada'))).toEqual(textsBy('ada', upTo(1, 20)));
    expect(truth.filter(isBy('bob'))).toEqual(textsBy('bob', upTo(1, 16)));
    await expect.poll(() => textsIn(adas.page, counted)).toEqual(truth);
    await expect.poll(() => textsIn(bobs.page, counted)).toEqual(truth);
    await bannerOf(adas.page).waitFor({ state: 'hidden' });
    await bannerOf(bobs.page).waitFor({ state: 'hidden' });
  });
});

describe('a browser without network', () => {
  it('keeps what is written, and sends it once and in order when the network is back', {
    timeout: enoughMs,
  }, async () => {
    const { running, ada, channelId, adas, adasLinks, bobs } = await world();
    await send(adas.page, 'ada 1');
    await logOf(bobs.page).getByText('ada 1', { exact: true }).waitFor();
    const since = performance.now();
    await adas.context.setOffline(true);
    // Nobody tells the server: what it sends gets lost on its way.
    for (const link of adasLinks) link.deafen();
    await bannerOf(adas.page).waitFor();
    await writeAll(adas.page, 'ada', upTo(2, 6));
    await expect.poll(() => textsIn(adas.page, counted)).toEqual(textsBy('ada', upTo(1, 6)));
    await send(bobs.page, 'bob 1');
    // Bob sees that the server has given her up.
    await bobs.page.getByText(/^last seen /).waitFor({ timeout: 60_000 });
    await expect.poll(() => performance.now() - since, { timeout: 40_000 }).toBeGreaterThan(awayMs);
    expect(await textsIn(bobs.page, counted)).toEqual(['ada 1', 'bob 1']);

    await adas.context.setOffline(false);
    await logOf(bobs.page).getByText('ada 6', { exact: true }).waitFor();
    const truth = ['ada 1', 'bob 1', ...textsBy('ada', upTo(2, 6))];
    expect(await kept(running, ada, channelId)).toEqual(truth);
    await expect.poll(() => textsIn(bobs.page, counted)).toEqual(truth);
    await expect.poll(() => textsIn(adas.page, counted)).toEqual(truth);
    await bannerOf(adas.page).waitFor({ state: 'hidden' });
  });
});

describe('a page that is left while it sends', () => {
  it('sends the rest after a reload', { timeout: enoughMs }, async () => {
    const { running, ada, channelId, adas, bobs } = await world();
    await writeAll(adas.page, 'ada', upTo(1, 15));
    await logOf(adas.page).getByText('ada 15', { exact: true }).waitFor();
    await adas.page.reload();
    const truth = textsBy('ada', upTo(1, 15));
    await expect.poll(() => textsIn(bobs.page, counted)).toEqual(truth);
    await expect.poll(() => textsIn(adas.page, counted)).toEqual(truth);
    expect(await kept(running, ada, channelId)).toEqual(truth);
  });

  it('sends what waited for its server when it is opened again, in a new tab', {
    timeout: enoughMs,
  }, async () => {
    const { running, ada, channelId, adas, bobs } = await world();
    await running.server().kill();
    await bannerOf(adas.page).waitFor();
    await writeAll(adas.page, 'ada', upTo(1, 5));
    await expect.poll(() => textsIn(adas.page, counted)).toHaveLength(5);
    await adas.page.close();
    await running.startAgain();
    const page = await adas.openTab();
    const truth = textsBy('ada', upTo(1, 5));
    await expect.poll(() => textsIn(bobs.page, counted), { timeout: 60_000 }).toEqual(truth);
    await openChannel(page, 'bob');
    await expect.poll(() => textsIn(page, counted)).toEqual(truth);
    expect(await kept(running, ada, channelId)).toEqual(truth);
  });
});

describe('a second visit while the server is down', () => {
  it('shows what was there last, says so, and goes on when the server is back', {
    timeout: enoughMs,
  }, async () => {
    const { running, adas, bobs } = await world();
    await adas.page.goto('/#/');
    await send(bobs.page, 'bob 1');
    await channelLink(adas.page, 'bob').getByText('bob 1').waitFor();
    // Delivered is what is stored.
    await messageWith(bobs.page, 'bob 1').getByText('Delivered', { exact: true }).waitFor();
    await adas.page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    await adas.page.close();
    await running.server().kill();
    const page = await adas.openTab();
    await channelLink(page, 'bob').getByText('bob 1').waitFor();
    await bannerOf(page).waitFor();
    await openChannel(page, 'bob');
    await logOf(page).getByText('bob 1', { exact: true }).waitFor();

    await running.startAgain();
    await bannerOf(page).waitFor({ state: 'hidden', timeout: 60_000 });
    await send(page, 'ada 1');
    await expect.poll(() => textsIn(bobs.page, counted)).toEqual(['bob 1', 'ada 1']);
  });
});
