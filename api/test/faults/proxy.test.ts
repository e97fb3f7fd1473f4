import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BothEnds, openBothEnds, portOf } from './both-ends.ts';
import { openFaultProxy } from './proxy.ts';

let ends: BothEnds;
beforeEach(async () => {
  ends = await openBothEnds();
});
afterEach(() => ends.close());

/** Nothing comes that should not, if it had been sent: what one side says now arrives after what was said before. */
async function goBackAndForth({ client, server }: Awaited<ReturnType<BothEnds['pair']>>): Promise<void> {
  const [before, after] = [client.heard(), server.heard()];
  server.say('ping');
  await client.hears(`${before}ping`);
  client.say('pong');
  await server.hears(`${after}pong`);
}

const codeOf = (port: number) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', (error) => resolve('code' in error ? error.code : error.message));
    socket.on('connect', () => socket.destroy());
    socket.on('close', () => resolve('connected'));
  });

describe('without conditions', () => {
  it('carries both directions at once, whole', async () => {
    const { client, server } = await ends.pair();
    const up = 'u'.repeat(3_000_000);
    const down = 'd'.repeat(2_000_000);
    client.say(up);
    server.say(down);
    await Promise.all([server.hears(up), client.hears(down)]);
  });

  it('carries an end in one direction while the other goes on', async () => {
    const { client, server } = await ends.pair();
    client.socket.end('That is all.');
    await server.ended();
    expect(server.heard()).toBe('That is all.');
    server.say('Not for me.');
    await client.hears('Not for me.');
    server.socket.end();
    expect(await client.gone()).toEqual(['end', 'close']);
    expect(await server.gone()).toEqual(['end', 'close']);
    await expect.poll(() => ends.proxy.connections()).toBe(0);
  });

  it('carries the reset of either side', async () => {
    for (const [one, other] of [['client', 'server'] as const, ['server', 'client'] as const]) {
      const pair = await ends.pair();
      pair[one].socket.resetAndDestroy();
      expect(await pair[other].gone()).toEqual(['ECONNRESET', 'close']);
    }
    await expect.poll(() => ends.proxy.connections()).toBe(0);
  });

  it('carries a reset also where the other side has said its last', async () => {
    const { client, server } = await ends.pair();
    client.socket.end();
    await server.ended();
    server.socket.resetAndDestroy();
    expect(await client.gone()).toEqual(['ECONNRESET', 'close']);
  });

  it('resets who comes while nobody is behind it', async () => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    ends.proxy.retarget(portOf(nobody));
    nobody.close();
    const client = await ends.client();
    expect(await client.gone()).toEqual(['ECONNRESET', 'close']);
  });

  it('takes new connections to another place when told, and leaves the others where they are', async () => {
    const other = await openBothEnds();
    const pair = await ends.pair();
    ends.proxy.retarget(other.proxy.port);
    const [moved, there] = await Promise.all([ends.client(), other.atServer()]);
    moved.say('here');
    await there.hears('here');
    await goBackAndForth(pair);
    expect(ends.taken()).toBe(1);
    await other.close();
  });

  it('leaves nothing when it is closed', async () => {
    const { client, server } = await ends.pair();
    await ends.proxy.close();
    expect(ends.proxy.connections()).toBe(0);
    expect(await codeOf(ends.proxy.port)).toBe('ECONNREFUSED');
    client.socket.end();
    server.socket.end();
    expect(await client.gone()).toEqual(['end', 'close']);
    expect(await server.gone()).toEqual(['end', 'close']);
    await ends.proxy.set({});
    expect(await codeOf(ends.proxy.port)).toBe('ECONNREFUSED');
  });

  it('listens where it is told, and says when that is taken', async () => {
    const { port } = ends.proxy;
    const open = () => openFaultProxy({ targetPort: 1, port, random: () => 0 });
    await expect(open()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await ends.proxy.close();
    const proxy = await open();
    expect(proxy.port).toBe(port);
    await proxy.close();
  });
});

describe('refusing', () => {
  it('refuses new connections, keeps the living ones, and listens on the same port afterwards', async () => {
    const pair = await ends.pair();
    await ends.proxy.set({ refuses: true });
    expect(await codeOf(ends.proxy.port)).toBe('ECONNREFUSED');
    await goBackAndForth(pair);
    await ends.proxy.set({});
    await goBackAndForth(await ends.pair());
  });

  it('does what was said last, however quickly', async () => {
    const { proxy } = ends;
    const said = [{ refuses: true as const }, {}, { refuses: true as const }, {}, { refuses: true as const }];
    await Promise.all(said.map((conditions) => proxy.set(conditions)));
    expect(await codeOf(proxy.port)).toBe('ECONNREFUSED');
    await Promise.all([proxy.set({ refuses: true }), proxy.set({})]);
    expect(await codeOf(proxy.port)).toBe('connected');
  });

  it('can have no connection at all meanwhile, and keeps its port', async () => {
    await ends.proxy.set({ refuses: true });
    const others = Array.from({ length: 50 }, () => createServer().listen(0, '127.0.0.1'));
    await Promise.all(others.map((other) => once(other, 'listening')));
    expect(others.map(portOf)).not.toContain(ends.proxy.port);
    for (const other of others) other.close();
    await ends.proxy.set({});
    await goBackAndForth(await ends.pair());
  });
});

describe('a reset', () => {
  it('is seen by both sides of every living connection', async () => {
    const pairs = [await ends.pair(), await ends.pair(), await ends.pair()];
    expect(ends.proxy.reset()).toBe(3);
    for (const { client, server } of pairs) {
      expect(await client.gone()).toEqual(['ECONNRESET', 'close']);
      expect(await server.gone()).toEqual(['ECONNRESET', 'close']);
    }
    await expect.poll(() => ends.proxy.connections()).toBe(0);
    expect(ends.proxy.reset()).toBe(0);
    await goBackAndForth(await ends.pair());
  });

  it('reaches both sides of a connection that is half-closed, or silent', async () => {
    const half = await ends.pair();
    half.client.socket.end();
    await half.server.ended();
    const silent = await ends.pair();
    await ends.proxy.set({ silent: 'both' });
    silent.client.say('lost');
    expect(ends.proxy.reset()).toBe(2);
    for (const side of [half.client, silent.client, silent.server])
      expect(await side.gone()).toEqual(['ECONNRESET', 'close']);
    expect(silent.server.heard()).toBe('');
    // Behind an end nothing is read, not even this; whoever writes learns it.
    half.server.say('anybody there?');
    expect(await half.server.gone()).toEqual(['end', 'EPIPE', 'close']);
  });
});

describe('a half-close', () => {
  it.for([
    { direction: 'up', ended: 'server', open: 'client' },
    { direction: 'down', ended: 'client', open: 'server' },
  ] as const)(
    '$direction ends what the $ended hears, and nothing else',
    async ({ direction, ended, open }) => {
      const pair = await ends.pair();
      pair[open].say('before');
      await pair[ended].hears('before');
      expect(ends.proxy.end(direction)).toBe(1);
      await pair[ended].ended();
      pair[open].say('into the void');
      pair[ended].say('still here');
      await pair[open].hears('still here');
      expect(pair[open].events).toEqual([]);
      pair[ended].socket.end();
      await pair[open].ended();
      pair[open].socket.end();
      expect(await pair[open].gone()).toEqual(['end', 'close']);
      expect(await pair[ended].gone()).toEqual(['end', 'close']);
      expect(pair[ended].heard()).toBe('before');
      await expect.poll(() => ends.proxy.connections()).toBe(0);
    },
  );

  it('is followed by a reset when somebody talks on to who is gone', async () => {
    const { client, server } = await ends.pair();
    ends.proxy.end('down');
    await client.ended();
    client.socket.end();
    await server.ended();
    const asking = setInterval(() => server.say('anybody there?'), 5);
    expect(await server.gone()).toEqual(['end', 'EPIPE', 'close']);
    clearInterval(asking);
  });
});

describe('a cut', () => {
  it('ends both sides without a reset', async () => {
    const { client, server } = await ends.pair();
    expect(ends.proxy.cut()).toBe(1);
    await Promise.all([client.ended(), server.ended()]);
    expect([client.events, server.events]).toEqual([['end'], ['end']]);
    await expect.poll(() => ends.proxy.connections()).toBe(0);
  });

  it.for([0, 1, 7, 20_001])('after %i bytes towards the client lets exactly those arrive', async (bytes) => {
    const { client, server } = await ends.pair();
    const text = 'abcdefghij'.repeat(20_000);
    server.say('not counted');
    await client.hears('not counted');
    await ends.proxy.set({ cutAfterBytes: bytes });
    client.say('the other direction is not counted');
    await server.hears('the other direction is not counted');
    server.say(text);
    expect(await client.gone()).toEqual(['ECONNRESET', 'close']);
    expect(client.heard() === `not counted${text.slice(0, bytes)}`).toBe(true);
    expect(await server.gone()).toEqual(['ECONNRESET', 'close']);
  });

  it('is counted for each connection, and over several writes', async () => {
    await ends.proxy.set({ cutAfterBytes: 10 });
    const [one, two] = [await ends.pair(), await ends.pair()];
    for (const { client, server } of [one, two]) {
      for (const text of ['1234', '5678']) {
        server.say(text);
        await expect.poll(() => client.heard()).toContain(text);
      }
      server.say('90abcd');
      expect(await client.gone()).toEqual(['ECONNRESET', 'close']);
      expect(client.heard()).toBe('1234567890');
    }
    await ends.proxy.set({});
    const whole = await ends.pair();
    whole.server.say('12345678901234567890');
    await whole.client.hears('12345678901234567890');
  });
});
