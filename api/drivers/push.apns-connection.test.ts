import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { PushAnswer } from '../../schema/ports/push.ts';
import { openTcpProxy } from '../test/client/tcp-proxy.ts';
import { makeApnsIdentity, openApnsService } from '../test/push/apns-service.ts';
import {
  type ApnsWorld,
  type ApnsWorldOptions,
  newApnsTarget,
  noteOf,
  openApnsWorld,
} from '../test/push/apns-world.ts';
import { makeWebCertificate } from '../test/push/web-certificate.ts';

const closers: (() => Promise<unknown>)[] = [];
async function open(options?: ApnsWorldOptions): Promise<ApnsWorld> {
  const world = await openApnsWorld(options);
  closers.push(world.close);
  return world;
}
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const sendOne = ({ push }: ApnsWorld) => push.send(newApnsTarget(), noteOf(1));
const accepted = { outcome: 'accepted', status: 200 } as const;
const unreachable = { outcome: 'later', status: null, reason: 'the service cannot be reached' } as const;
const minuteMs = 60_000;
/** Until then a connection has to be made, and so long a ping waits for its pong. */
const [connectMs, pongMs] = [5_000, 5_000];

/** Sends whose answers are held, and lets them go. */
async function hold({ service, push }: ApnsWorld, count: number) {
  const held: (() => void)[] = [];
  service.answerWith(() => new Promise((resolve) => held.push(() => resolve(undefined))));
  const sending = Array.from({ length: count }, () => push.send(newApnsTarget(), noteOf(1)));
  await expect.poll(() => held.length).toBe(count);
  service.answerWith({ status: 200 });
  const release = () => {
    for (const go of held.splice(0)) go();
  };
  return { sent: Promise.all(sending), release };
}

describe('a connection that the service ends', () => {
  it('still gets the answers of what it has looked at; what follows takes another one', async () => {
    const world = await open();
    const { sent, release } = await hold(world, 3);
    world.service.goAway();
    await expect.poll(async () => (await sendOne(world)) && world.service.connections().opened).toBe(2);
    release();
    expect(await sent).toMatchObject([accepted, accepted, accepted]);
    await expect.poll(world.openConnections).toBe(1);
  });

  it.for([0, 2])('has what it did not look at sent again over another one (code %d)', async (code) => {
    const world = await open();
    await sendOne(world);
    const { sent } = await hold(world, 3);
    world.service.goAway({ refusing: true, code });
    expect(await sent).toMatchObject([accepted, accepted, accepted]);
    expect(world.service.connections().opened).toBe(2);
    expect(world.service.received.map(({ connection }) => connection)).toEqual([1, 2, 2, 2]);
  });

  it('as soon as it begins is not tried for ever', async () => {
    const world = await open();
    world.service.answerWith('refuse');
    expect(await sendOne(world)).toEqual({
      ...{ outcome: 'later', status: null, reason: 'the service did not look at it' },
    });
    expect(world.service.requests()).toBe(2);
  });

  it('in anger leaves open what became of what it has seen', async () => {
    const world = await open();
    const { sent } = await hold(world, 2);
    world.service.goAway({ code: 2 });
    const lost = { outcome: 'later', reason: 'the connection was lost' };
    expect(await sent).toMatchObject([lost, lost]);
    expect(await sendOne(world)).toMatchObject(accepted);
  });

  it('without a word is made anew by the next who sends', async () => {
    const world = await open();
    const { sent } = await hold(world, 2);
    world.service.dropConnections();
    expect((await sent).map(({ outcome }) => outcome)).toEqual(['later', 'later']);
    expect(await sendOne(world)).toMatchObject(accepted);
    expect(world.service.connections()).toEqual({ opened: 2, open: 1 });
    expect(world.logged()).toBe('');
  });
});

describe('a service that cannot be reached', () => {
  it('is tried with longer and longer pauses, in which nothing waits', async () => {
    const world = await open();
    await sendOne(world);
    await world.service.close();
    const pauses: (number | undefined)[] = [];
    for (let nth = 0; nth < 8; nth += 1) {
      // The first one may still believe in the connection that has just ended.
      await expect.poll(() => sendOne(world)).toMatchObject({ retryAfterMs: expect.any(Number) });
      const { retryAfterMs = 0, ...answer } = await sendOne(world);
      expect(answer).toEqual(unreachable);
      pauses.push(retryAfterMs);
      await world.pass(retryAfterMs);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('is back as soon as it is there when it is tried, and both are told once', async () => {
    const world = await open();
    const { identity, port, close } = world.service;
    await close();
    await expect.poll(() => sendOne(world)).toMatchObject(unreachable);
    const again = await openApnsService({ identity, port, clock: world.clock });
    closers.push(again.close);
    expect(await sendOne(world)).toMatchObject(unreachable);
    await world.pass(1_000);
    expect(await sendOne(world)).toMatchObject(accepted);
    const lines = world.logged().trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
      'APNs cannot be reached; it is tried again until it is back',
      'APNs is back',
    ]);
  });

  it('is one that accepts and never says anything', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    const sockets: Socket[] = [];
    silent.on('connection', (socket) => sockets.push(socket.on('error', () => undefined).resume()));
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    closers.push(async () => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const world = await open({ origin: `https://localhost:${port}` });
    const sending = [sendOne(world), sendOne(world)];
    await expect.poll(() => sockets.length).toBe(1);
    await world.pass(connectMs);
    expect(await Promise.all(sending)).toMatchObject([unreachable, unreachable]);
    await expect
      .poll(() => sockets.every(({ readableEnded, destroyed }) => readableEnded || destroyed))
      .toBe(true);
  });

  it.for([
    ['signed by nobody whom we know', { ca: undefined }],
    ['signed by somebody else', { ca: makeWebCertificate(['localhost']).cert }],
    [
      'for another host',
      { identity: { ...makeApnsIdentity(), certificate: makeWebCertificate(['push.example']) } },
    ],
  ] as const)('is one whose certificate is %s', async ([, options]) => {
    const world = await open(options);
    expect(await sendOne(world)).toMatchObject(unreachable);
    expect(world.service.requests()).toBe(0);
    expect(world.logged()).toMatch(/cannot be reached/);
  });
});

describe('a connection that nobody uses', () => {
  it('is asked each minute whether it lives, and ends after half an hour', async () => {
    const world = await open();
    await sendOne(world);
    await world.pass(connectMs);
    for (let minute = 1; minute < 30; minute += 1) {
      await world.pass(minuteMs);
      await expect.poll(world.service.pings).toBe(minute);
      await world.service.ping(); // the pong has come before the answer to this
    }
    expect(world.openConnections()).toBe(1);
    await world.pass(minuteMs);
    await expect.poll(world.openConnections).toBe(0);
    expect(world.service.pings()).toBe(29);
    expect(await sendOne(world)).toMatchObject(accepted);
    expect(world.service.connections().opened).toBe(2);
  });

  it('and is dead, is found out before somebody needs it', async () => {
    const { world, deafen } = await openBehindProxy();
    await sendOne(world);
    deafen();
    await world.pass(connectMs + minuteMs);
    await expect.poll(world.service.pings).toBe(1);
    expect(world.openConnections()).toBe(1);
    await world.pass(pongMs);
    await expect.poll(world.openConnections).toBe(0);
    expect(await sendOne(world)).toMatchObject(accepted);
  });
});

describe('a connection that is dead', () => {
  it('costs those who used it ten seconds, and nobody after them', async () => {
    const { world, deafen } = await openBehindProxy();
    await sendOne(world);
    deafen();
    const answers: PushAnswer[] = [];
    const sending = [1, 2, 3].map(() => sendOne(world).then((answer) => answers.push(answer)));
    await expect.poll(world.requests).toBe(4);
    await world.pass(10_000);
    await Promise.all(sending);
    for (const answer of answers)
      expect(answer).toMatchObject({ outcome: 'later', reason: 'no answer in time' });
    await world.pass(pongMs);
    await expect.poll(world.openConnections).toBe(0);
    expect(await sendOne(world)).toMatchObject(accepted);
  });
});

/** The network between goes silent, and tells nobody. */
async function openBehindProxy() {
  const identity = makeApnsIdentity();
  const first = await openApnsService({ identity });
  const { port } = first;
  await first.close();
  const proxy = await openTcpProxy({ targetPort: port });
  const world = await open({ identity, port, origin: `https://localhost:${proxy.port}` });
  closers.unshift(proxy.close);
  return { world, deafen: () => proxy.links()[0]?.deafen() };
}
