import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { finishMs } from '../../../schema/ports/jobs.ts';
import { missingRedis } from '../engines/redis.ts';
import { openPair, type Pair } from '../push/away-over-http.ts';
import { openWebPushService, type WebPushService } from '../push/web-push-service.ts';
import { requires } from '../requirements.ts';
import { missingHaproxy } from './haproxy.ts';
import { type Cluster, openCluster } from './open-cluster.ts';

// What a worker promises to whoever runs it, with processes as they are deployed: one server that leaves the jobs to two workers.

const isThere = [requires('haproxy', missingHaproxy), requires('redis', missingRedis)].every(Boolean);
/** A device whose worker was killed is looked at again after 30 s, and whoever stands still is given up after 16. */
const patience = { timeout: 90_000 };

const closers: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** All that servers and workers wrote, with everything that they have to say. */
const written: string[] = [];
let cluster: Cluster;
let web: WebPushService;
beforeAll(async () => {
  if (!isThere) return;
  const folder = await makeTempFolder();
  web = await openWebPushService();
  closers.push(folder.remove, web.close);
  const believed = join(folder.path, 'believed.pem');
  await writeFile(believed, web.certificate);
  cluster = await openCluster({
    ...{ servers: 1, workers: 2, isRedis: true, from: 'source' },
    settings: {
      ...{ LOG_LEVEL: 'trace', NODE_EXTRA_CA_CERTS: believed },
      ...{ PUSH_HOSTS: `localhost:${web.port}`, VAPID_SUBJECT: 'mailto:operator@chat.example' },
    },
    onLog: (line) => written.push(line),
  });
  closers.push(cluster.close);
});

const pairs: Pair[] = [];
async function newPair(name: string): Promise<Pair> {
  const [server] = cluster.servers;
  const pair = await openPair(server?.httpUrl ?? '', web, name);
  pairs.push(pair);
  return pair;
}
/** What a browser shows, and how much is unread. */
const shown = ({ device }: Pair) => ({
  texts: device.visible().map(({ content }) => (content.preview === 'FULL' ? content.text : content.preview)),
  badge: device.badge(),
});
const receivedBy = ({ url }: Pair) => web.received.filter((push) => push.url === url);
const secretsOf = ({ names, subscription: { url, p256dh, auth } }: Pair) => [
  ...Object.values(names),
  ...[url, url.slice(url.lastIndexOf('/') + 1), p256dh, auth],
];

/** Somebody is told of a message, and reads it elsewhere: it is there, with all that belongs to it, and then it is not. */
async function tellAndTakeAway(pair: Pair): Promise<void> {
  const number = await pair.write('Are you there, hush?');
  await expect.poll(() => shown(pair)).toEqual({ texts: ['Are you there, hush?'], badge: 1 });
  expect(pair.device.visible()).toMatchObject([
    {
      ...{ channelId: pair.channelId, number, count: 1 },
      content: { preview: 'FULL', authorName: pair.names.writer, channelName: pair.names.channel },
    },
  ]);
  await pair.read(number);
  await expect.poll(() => shown(pair)).toEqual({ texts: [], badge: 0 });
  expect(receivedBy(pair).map(({ note: { kind } }) => kind)).toEqual(['message', 'clear']);
  expect(pair.device.alerts()).toHaveLength(1);
}

describe('workers beside a server', patience, () => {
  it('stop in order when they are told to, and the others go on', async () => {
    const [, second] = cluster.workers;
    const toldAt = performance.now();
    expect(await second?.stop()).toBe(0);
    // Nothing ran, so nothing was waited for.
    expect(performance.now() - toldAt).toBeLessThan(finishMs);
    const pair = await newPair('first');
    await pair.write('Still there, hush?');
    await expect.poll(() => shown(pair)).toEqual({ texts: ['Still there, hush?'], badge: 1 });
  });

  it('are killed between the sending and the writing, and the device shows one notification all the same', async () => {
    const [worker] = cluster.workers;
    const pair = await newPair('second');
    // The device gets it, and nobody who sent it hears of that.
    web.answerWith((push) => (push.url === pair.url ? { status: 'never', isTaken: true } : { status: 201 }));
    await pair.write('Only once, hush');
    await expect.poll(() => receivedBy(pair).length).toBe(1);
    await worker?.kill();
    web.answerWith({ status: 201 });
    await worker?.startAgain();
    // Up to half a minute nobody knows whether it was sent; nobody else has to wait for that.
    await tellAndTakeAway(await newPair('third'));
    await expect.poll(() => receivedBy(pair).length, { timeout: 60_000 }).toBe(2);
    expect(shown(pair)).toEqual({ texts: ['Only once, hush'], badge: 1 });
    const [first, second] = receivedBy(pair);
    expect(second?.topic).toBe(first?.topic);
    // Nothing comes behind it: what is said now is told as one more.
    await pair.write('And now this, hush');
    await expect.poll(() => shown(pair)).toEqual({ texts: ['And now this, hush'], badge: 2 });
    expect(receivedBy(pair).map(({ note }) => note.kind === 'message' && note.count)).toEqual([1, 1, 2]);
  });

  it('did all that as the services of browsers want it, and told their logs nothing of it', async () => {
    expect(web.problems).toEqual([]);
    const database = new pg.Client({ connectionString: cluster.databaseUrl });
    await database.connect();
    const { rows } = await database.query('SELECT private_key FROM vapid_key').finally(() => database.end());
    expect(rows).toEqual([{ private_key: expect.any(String) }]);
    expect(written.length).toBeGreaterThan(0);
    const log = written.join('\n');
    for (const secret of ['hush', rows[0].private_key, ...pairs.flatMap(secretsOf)])
      expect(log).not.toContain(secret);
  });
});
