import type { Client } from 'graphql-ws';
import { describe, expect, it } from 'vitest';
import { freePort, startServerProcess } from '../../../bench/server-process.ts';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { openTestDatabase } from '../../../prisma/test/test-database.ts';
import { systemClock } from '../../../schema/ports/clock.ts';
import { read } from '../client/ask.ts';
import { createGroup, type SignedIn, signIn, signUp } from '../client/people.ts';
import { closeClient, openStockClient } from '../client/stock-client.ts';
import { openFeed } from '../e2e/feed.ts';
import { closeAtEnd } from '../e2e/running.ts';
import { doOverHttp } from '../e2e/talk.ts';
import { missingRedis, type RedisServer, startRedis } from '../engines/redis.ts';
import { requires } from '../requirements.ts';
import { type FleetServer, openFleetServer, openTwoServers } from './servers.ts';

requires('redis', missingRedis);

type Place = Pick<FleetServer, 'httpUrl' | 'socketUrl'>;
type State = 'ONLINE' | 'IDLE' | 'OFFLINE';
type Told = { readonly presence: { readonly user: { readonly presence: { readonly state: State } } } };

/** A device that is connected to a server from now on. Resolves when it is. */
async function connect({ socketUrl }: Place, { session }: SignedIn): Promise<Client> {
  const client = openStockClient({ socketUrl, token: () => session.accessToken });
  closeAtEnd({ close: () => closeClient(client) });
  const feed = openFeed(client, { query: 'subscription { events { __typename } }' }, () => true);
  await feed.find(() => true);
  return client;
}

/** What somebody is told who looks at a person, without what only says the same again. */
async function watch(place: Place, watcher: SignedIn, person: SignedIn) {
  const client = await connect(place, watcher);
  const query =
    'subscription ($userIds: [ID!]!) { presence(userIds: $userIds) { user { presence { state } } } }';
  const payload = { query, variables: { userIds: [person.userId] } };
  const feed = openFeed<Told, State>(client, payload, ({ presence }) => presence.user.presence.state);
  await feed.find(() => true);
  return {
    told: () => feed.items.filter((state, nth) => state !== feed.items[nth - 1]),
    isTold: (...states: State[]) =>
      expect.poll(() => feed.items.filter((state, nth) => state !== feed.items[nth - 1])).toEqual(states),
  };
}

/** A fresh look, as a screen that is just opened takes it. */
async function look({ httpUrl }: Place, { session }: SignedIn, { userId }: SignedIn): Promise<State> {
  const query = 'query ($id: ID!) { node(id: $id) { ... on User { presence { state } } } }';
  type Found = { readonly node: { readonly presence: { readonly state: State } } };
  const { node } = await read<Found>(httpUrl, {
    query,
    variables: { id: userId },
    token: session.accessToken,
  });
  return node.presence.state;
}

/** Ann and Bob in one group: so each may see whether the other is there. */
async function people({ httpUrl }: Place) {
  const [ann, bob] = [await signUp(httpUrl, 'ann'), await signUp(httpUrl, 'bob')];
  await createGroup(httpUrl, ann, { name: 'Two', members: [bob] });
  return { ann, bob, annOnPhone: await signIn(httpUrl, 'ann') };
}

/** One server in this process, and one in a process of its own, which can be killed. */
async function openOneToKill() {
  const { url } = closeAtEnd(await openTestDatabase());
  const redis = closeAtEnd(await startRedis());
  const settings = { REDIS_URL: redis.url };
  const here = await openFleetServer(url, settings);
  const folder = await makeTempFolder();
  closeAtEnd({ close: () => folder.remove() });
  const process = await startServerProcess({
    ...{ from: 'source', folder: folder.path, port: await freePort() },
    settings: { ...settings, DATABASE_URL: url, WEB_DEMO: 'off', LOG_LEVEL: 'warn' },
  });
  closeAtEnd({ close: () => process.kill() });
  return { here, there: process };
}

/** How long a connection that was closed counts as there, and a little: nobody may be told in this time. */
const graceMs = 11_000;
/**
 * When exactly somebody is gone is shown on a manual clock (api/test/presence): here it is that they are, with real servers and a
 * real Redis. The longest of what README.md promises is 35 s; the rest is for a busy computer.
 */
const soon = { timeout: 60_000, interval: 50 } as const;

describe('presence on a fleet', { timeout: 180_000 }, () => {
  it('is seen on one server of who is connected to others, until the last of their devices has left', async () => {
    const { here, there } = await openTwoServers();
    const { ann, annOnPhone, bob } = await people(here);
    const seen = await watch(here, bob, ann);
    await seen.isTold('OFFLINE');
    const laptop = await connect(there, ann);
    await seen.isTold('OFFLINE', 'ONLINE');
    const phone = await connect(here, annOnPhone);
    await closeClient(laptop);
    // The laptop is waited for, and then given up: nothing of that is to be seen.
    await systemClock.sleep(graceMs);
    expect(seen.told()).toEqual(['OFFLINE', 'ONLINE']);
    await closeClient(phone);
    await expect.poll(seen.told, soon).toEqual(['OFFLINE', 'ONLINE', 'OFFLINE']);
  });

  it('ends when their server is killed, and is told once', async () => {
    const { here, there } = await openOneToKill();
    const { ann, annOnPhone, bob } = await people(here);
    const seen = await watch(here, bob, ann);
    await connect(there, ann);
    await connect(there, annOnPhone);
    await seen.isTold('OFFLINE', 'ONLINE');
    await there.kill();
    await expect.poll(seen.told, soon).toEqual(['OFFLINE', 'ONLINE', 'OFFLINE']);
  });

  it('is known again soon when Redis was wiped, and whoever watches is told nothing of that', async () => {
    const { here, there, redis } = await openTwoServers();
    const { ann, bob } = await people(here);
    const seen = await watch(here, bob, ann);
    await connect(there, ann);
    await seen.isTold('OFFLINE', 'ONLINE');
    await redis.tell('FLUSHALL');
    // Her server finds out when it renews its lease.
    await expect.poll(() => look(here, bob, ann), soon).toBe('ONLINE');
    expect(seen.told()).toEqual(['OFFLINE', 'ONLINE']);
  });

  it('ends for who was blocked, also when no hint told of that', async () => {
    const { here, there, redis } = await openTwoServers();
    const { ann, bob } = await people(here);
    const seen = await watch(there, bob, ann);
    await connect(here, ann);
    await seen.isTold('OFFLINE', 'ONLINE');
    // What servers publish reaches nobody any more, until they may hear each other again.
    await redis.tell('ACL SETUSER default resetchannels');
    const query = `mutation ($input: BlockUserInput!) { result: blockUser(input: $input) { __typename } }`;
    await doOverHttp(here.httpUrl, ann, { query, variables: { input: { userId: bob.userId } } });
    await redis.tell('ACL SETUSER default allchannels');
    await expect.poll(seen.told, soon).toEqual(['OFFLINE', 'ONLINE', 'OFFLINE']);
  });

  const outages: readonly (readonly [string, (redis: RedisServer, ms: number) => Promise<void>])[] = [
    [
      'is gone for 12 s, and empty when it is back',
      async (redis, ms) => {
        await redis.kill();
        await systemClock.sleep(ms);
        await redis.startAgain();
      },
    ],
    [
      'stands still for 12 s',
      async (redis, ms) => {
        redis.pause();
        await systemClock.sleep(ms);
        redis.resume();
      },
    ],
  ];
  it.each(outages)(
    'ends for nobody who is there when Redis %s; who came and went meanwhile is heard of then',
    async (_, fail) => {
      const { here, there, redis } = await openTwoServers();
      const { ann, bob } = await people(here);
      const cy = await signUp(here.httpUrl, 'cyd');
      await createGroup(here.httpUrl, bob, { name: 'Three', members: [cy, ann] });
      const laptop = await connect(there, cy);
      await connect(there, ann);
      const [annSeen, cySeen] = [await watch(here, bob, ann), await watch(here, bob, cy)];
      await cySeen.isTold('ONLINE');
      await annSeen.isTold('ONLINE');
      const failing = fail(redis, 12_000);
      await systemClock.sleep(1_000);
      await closeClient(laptop);
      await failing;
      await expect.poll(cySeen.told, soon).toEqual(['ONLINE', 'OFFLINE']);
      await systemClock.sleep(5_000);
      expect(annSeen.told()).toEqual(['ONLINE']);
    },
  );
});
