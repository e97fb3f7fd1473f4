import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openMemoryBus } from '../../../schema/ports/bus.memory.ts';
import type { Clock } from '../../../schema/ports/clock.ts';
import { finishMs, type Job } from '../../../schema/ports/jobs.ts';
import { readConfig } from '../../config.ts';
import { openBullJobs } from '../../drivers/jobs.bullmq.ts';
import { openApnsPush } from '../../drivers/push.apns.ts';
import { createLog } from '../../log.ts';
import { openRevocations } from '../../revocations.ts';
import { openServer, type Server } from '../../server.ts';
import { ask } from '../client/ask.ts';
import type { ApnsAnswer } from '../push/apns-answers.ts';
import { type ApnsService, makeApnsIdentity, openApnsService } from '../push/apns-service.ts';
import type { WebAnswer } from '../push/web-push-service.ts';
import { openWebScene, type WebScene } from '../push/web-scene.ts';
import { idOf } from '../wake/scene.ts';
import { disguisesOf } from './disguises.ts';

// O2: where a device is woken, with which keys, and what it is told does not get into the log of a server or of a worker, whatever the
// push service answers and whatever fails, however much is logged.

const closers: (() => Promise<unknown>)[] = [];
const written: string[] = [];
let scene: WebScene;
let apns: ApnsService;
let server: Server;
/** As a worker has them, in the database of the scene. */
let jobs: Awaited<ReturnType<typeof openBullJobs>>;
beforeAll(async () => {
  const logger = createLog('trace', { write: (text) => written.push(text) });
  const identity = makeApnsIdentity();
  const openOther = async (clock: Clock) => {
    apns = await openApnsService({ clock, identity });
    return openApnsPush({ ...apns.settings, clock, logger });
  };
  scene = await openWebScene({ logger, openOther });
  closers.push(scene.close, apns.close);
  const { product, world } = scene;
  const patience = { retryMs: 1, finishMs };
  jobs = await openBullJobs({ store: { pool: world.database.pool }, logger, patience });
  await jobs.work(scene.handlers, { atOnce: 4 });
  const revocations = await openRevocations({ ...product, bus: openMemoryBus() });
  server = await openServer({ product, revocations }, readConfig({ PORT: '0' }));
  closers.push(jobs.close, revocations.close, server.close);
});
afterEach(() => {
  scene.web.answerWith({ status: 201 });
  apns.answerWith({ status: 200 });
});
afterAll(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Whatever must not be found. */
const secrets = new Set<string>();
const register = `mutation ($input: RegisterPushEndpointInput!) { result: registerPushEndpoint(input: $input) {
  __typename ... on UserError { code } } }`;

/** As a client does it: at the server, over HTTP. Resolves with what came of it. */
async function registerAt(token: string, address: object): Promise<string> {
  for (const part of Object.values(address).flatMap((one: object) => Object.values(one)))
    if (typeof part === 'string' && part.length > 12) secrets.add(part);
  secrets.add(token);
  type Registered = { readonly result: { readonly __typename: string; readonly code?: string } };
  const variables = { input: { address } };
  const { data, errors } = await ask<Registered>(server.url, { query: register, variables, token });
  return data?.result.code ?? data?.result.__typename ?? String(errors?.[0]?.extensions?.code);
}
const appleAddress = () => ({ apns: { token: randomBytes(32).toString('hex'), topic: 'org.parley.app' } });

let count = 0;
/** Somebody who is away, with a browser and a phone, and has been written to. */
async function writtenTo() {
  count += 1;
  const [reader, writer] = [`hush.reader.${count}`, `hush.writer.${count}`];
  const [ada, bob] = [await scene.away(reader), await scene.away(writer)];
  const phone = await scene.world.signIn(reader);
  for (const { subscription } of [ada, bob])
    for (const part of Object.values(subscription)) secrets.add(part);
  const ofBrowser = { web: ada.subscription };
  expect(await registerAt(ada.person.session.accessToken, ofBrowser)).toBe('RegisterPushEndpointPayload');
  expect(await registerAt(phone.session.accessToken, appleAddress())).toBe('RegisterPushEndpointPayload');
  await bob.call(`Hushed Name ${count}`);
  const { id } = (await bob.createGroup([ada.userId], { name: `Hushed Crew ${count}` })).channel;
  await bob.send(id, `Hushed words ${count}`);
  return { ada, bob, id };
}

/** A worker does this, and all that follows from it and is due. */
async function work(first: Job): Promise<void> {
  let jobsToDo = [first];
  while (jobsToDo.length > 0) {
    await jobs.add(jobsToDo);
    await expect.poll(() => jobs.counts()).toEqual({ waiting: 0, running: 0 });
    const now = scene.clock.now();
    jobsToDo = [...scene.jobs.waiting.values()].filter(({ dueAt }) => dueAt <= now).map(({ job }) => job);
    scene.jobs.lose();
  }
}
const wakeIn = (channelId: string) =>
  work({ name: 'wakeChannel', payload: { channelId: idOf(channelId) }, key: channelId });

/** Each line of the log is one of JSON, and in none of them is anything of what must not be there. */
function expectSilence(): void {
  const log = Buffer.from(written.join(''));
  for (const line of written) expect(() => JSON.parse(line)).not.toThrow();
  const { privateKey } = scene.vapid;
  const [, token = ''] = /t=(eyJ[\w.-]+)/.exec(scene.wire().toString('latin1')) ?? [];
  const keys = [privateKey, token, ...apns.key.split('\n').slice(1, -2)];
  const addresses = [...secrets].flatMap((secret) => [secret, secret.slice(secret.lastIndexOf('/') + 1)]);
  for (const secret of ['hush', 'Hushed', ...keys, ...addresses]) {
    expect(secret.length).toBeGreaterThan(3);
    for (const disguise of disguisesOf(secret)) expect(log.includes(disguise), secret).toBe(false);
  }
}

describe('O2: of a push', () => {
  const repeating = ({ url }: { readonly url: string }): WebAnswer => ({
    ...{ status: 403, body: JSON.stringify({ reason: url, error: `No ${url}` }) },
  });
  type Case = readonly [name: string, web: WebAnswer | typeof repeating, apple: ApnsAnswer];
  it.for<Case>([
    ['is accepted', { status: 201 }, { status: 200 }],
    ['is for a device that is gone', { status: 410 }, { status: 410, reason: 'Unregistered' }],
    ['is too long', { status: 413 }, { status: 413, reason: 'PayloadTooLarge' }],
    ['comes to a service that is away', { status: 503 }, { status: 503, reason: 'ServiceUnavailable' }],
    ['is refused by a service that repeats it', repeating, { status: 403, reason: 'InvalidProviderToken' }],
    ['breaks off', { status: 'hang up' }, 'drop'],
  ])('that %s, nothing is logged that is not to be known', async ([, web, apple]) => {
    const { ada, id } = await writtenTo();
    scene.web.answerWith(web);
    apns.answerWith(apple);
    const before = [scene.web.traffic.requests, apns.requests()];
    await wakeIn(id);
    expect(scene.web.traffic.requests).toBeGreaterThan(before[0] ?? 0);
    expect(apns.requests()).toBeGreaterThan(before[1] ?? 0);
    expect(ada.received().length).toBeGreaterThan(0);
    expectSilence();
  });

  it('that is never answered, nothing is logged that is not to be known', async () => {
    const { ada, id } = await writtenTo();
    scene.web.answerWith({ status: 'never' });
    apns.answerWith('never');
    const before = apns.requests();
    const worked = wakeIn(id);
    await expect.poll(() => ada.received().length).toBe(1);
    await expect.poll(() => apns.requests()).toBe(before + 1);
    await scene.clock.advance(10_000);
    await worked;
    expectSilence();
  });
});

describe('O2: of a registration', () => {
  it('that is refused, nothing is logged', async () => {
    const { accessToken } = (await scene.world.signUp('hush.refused')).session;
    const good = scene.web.subscribe();
    for (const address of [
      { web: { ...good, url: 'https://evil.example/hush-in-the-address' } },
      { web: { ...good, p256dh: `${good.p256dh}hush` } },
      { web: { ...good, auth: `${good.auth}hush` } },
      { apns: { ...appleAddress().apns, topic: 'hush' } },
    ])
      expect(await registerAt(accessToken, address)).toMatch(/^[A-Z_]+$/);
    expectSilence();
  });
});

/** What a server or worker finds when it comes to a table is another one than it needs. */
async function without<T>(table: string, act: () => Promise<T>): Promise<T> {
  const { pool } = scene.world.database;
  await pool.query(`ALTER TABLE ${table} RENAME TO is_away`);
  try {
    return await act();
  } finally {
    await pool.query(`ALTER TABLE is_away RENAME TO ${table}`);
  }
}

describe('O2: what fails is logged, and nothing of what it was about', () => {
  it('when a server cannot keep where a device is woken', async () => {
    const { accessToken } = (await scene.world.signUp('hush.failing')).session;
    const address = { web: scene.web.subscribe() };
    written.splice(0);
    expect(await without('push_endpoint', () => registerAt(accessToken, address))).toBe(
      'INTERNAL_SERVER_ERROR',
    );
    expect(written.join('')).toContain('An operation failed unexpectedly.');
    expectSilence();
  });

  it.for(['push_endpoint', 'device_wake', 'notification_decision', 'user_account', 'channel'])(
    'when a worker does not find %s',
    async (table) => {
      const { id } = await writtenTo();
      written.splice(0);
      await without(table, () => wakeIn(id));
      expect(written.join('')).toContain('a job was given up');
      expectSilence();
    },
  );

  it('when what sends has gone', async () => {
    const { id } = await writtenTo();
    written.splice(0);
    await scene.push.close();
    await wakeIn(id);
    expect(written.join('')).toContain('a job was given up');
    expectSilence();
  });
});

describe('O2: a secret in a log', () => {
  it('would be found, however it is written', () => {
    const [secret = ''] = secrets;
    // A line is text: there is no byte 0 in it.
    for (const disguise of disguisesOf(secret).filter((one) => !one.includes(0))) {
      written.push(`${JSON.stringify({ msg: disguise.toString('latin1') })}\n`);
      expect(expectSilence).toThrow();
      written.pop();
    }
    expectSilence();
  });
});
