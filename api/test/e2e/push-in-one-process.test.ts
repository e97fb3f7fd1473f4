import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, startServerProcess, startWorkerProcess } from '../../../bench/server-process.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { openPair, type Pair } from '../push/away-over-http.ts';
import { openWebPushService, type WebPushService } from '../push/web-push-service.ts';

// One process that does everything, with the database that it brings along: as `npm start` starts it.

const closers: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

let web: WebPushService;
let folder: string;
beforeAll(async () => {
  const temp = await makeTempFolder();
  web = await openWebPushService();
  closers.push(temp.remove, web.close);
  folder = temp.path;
});

/** As `npm start` does it; it believes the service that is here. */
async function start() {
  const believed = join(folder, 'believed.pem');
  await writeFile(believed, web.certificate);
  const settings = { NODE_EXTRA_CA_CERTS: believed, PUSH_HOSTS: `localhost:${web.port}` };
  const server = await startServerProcess({ from: 'source', folder, port: await freePort(), settings });
  closers.push(server.stop);
  return server;
}

/** What a browser shows, and how much is unread. */
const shown = ({ device }: Pair) => ({
  texts: device.visible().map(({ content }) => (content.preview === 'FULL' ? content.text : content.preview)),
  badge: device.badge(),
});
const receivedBy = ({ url }: Pair) => web.received.filter((push) => push.url === url);

describe('one process alone', () => {
  it('wakes a browser that is away, takes back what was read, and stops at once, whoever still waits', async () => {
    const server = await start();
    const [pair, late] = [
      await openPair(server.httpUrl, web, 'first'),
      await openPair(server.httpUrl, web, 'late'),
    ];
    const number = await pair.write('Are you there?');
    await expect.poll(() => shown(pair)).toEqual({ texts: ['Are you there?'], badge: 1 });
    await pair.read(number);
    await expect.poll(() => shown(pair)).toEqual({ texts: [], badge: 0 });
    expect(receivedBy(pair).map(({ note: { kind } }) => kind)).toEqual(['message', 'clear']);

    web.answerWith({ status: 'never' });
    await late.write('In between');
    await expect.poll(() => receivedBy(late).length).toBe(1);
    expect(await server.stop()).toBe(0);
    expect(web.problems).toEqual([]);
  });
});

describe('a worker of its own', () => {
  it('does not start where it would know nobody who is active, and says what it needs', async () => {
    const starting = startWorkerProcess({ from: 'source', folder, port: await freePort() });
    await expect(starting).rejects.toThrow(/needs the REDIS_URL and the DATABASE_URL/);
  });
});
