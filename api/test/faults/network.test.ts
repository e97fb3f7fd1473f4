import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRandom } from '../smoke/random.ts';
import { type BothEnds, openBothEnds, type Side } from './both-ends.ts';
import type { Conditions } from './conditions.ts';

// What arrives late, slowly, or not at all until the network heals.

let ends: BothEnds;
beforeEach(async () => {
  ends = await openBothEnds({ random: createRandom(7).next });
});
afterEach(() => ends.close());

/** Enough for what has been said to come as far as it does. A shorter one would show less, and not fail. */
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 20));

/** Timers may be a little early. */
const earlyMs = 2;

async function msUntil(happened: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await happened();
  return performance.now() - start + earlyMs;
}

describe('latency', () => {
  it('delays bytes and the end behind them, in both directions', async () => {
    const { client, server } = await ends.pair();
    await ends.proxy.set({ latencyMs: 60 });
    const there = await msUntil(async () => {
      client.socket.end('there');
      await server.ended();
    });
    expect(server.heard()).toBe('there');
    const back = await msUntil(async () => {
      server.say('back');
      await client.hears('back');
    });
    expect(Math.min(there, back)).toBeGreaterThanOrEqual(60);
  });

  it('delays a reset', async () => {
    const { client, server } = await ends.pair();
    await ends.proxy.set({ latencyMs: 60 });
    const took = await msUntil(async () => {
      client.socket.resetAndDestroy();
      await server.gone();
    });
    expect(server.events).toEqual(['ECONNRESET', 'close']);
    expect(took).toBeGreaterThanOrEqual(60);
  });

  it('keeps the order, however it varies', async () => {
    const { client, server } = await ends.pair();
    await ends.proxy.set({ latencyMs: 1, jitterMs: 40 });
    let said = '';
    for (let number = 0; number < 60; number += 1) {
      const text = `${number},`;
      said += text;
      server.say(text);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await client.hears(said);
  });

  it('is over when the network heals, also for what is on its way', async () => {
    const { client, server } = await ends.pair();
    await ends.proxy.set({ latencyMs: 3_600_000 });
    client.say('first ');
    await aMoment();
    expect(server.heard()).toBe('');
    await ends.proxy.set({});
    client.say('second');
    await server.hears('first second');
  });
});

describe('bandwidth', () => {
  it('lets so many bytes through in a second, each way, and all of them', async () => {
    const { client, server } = await ends.pair();
    await ends.proxy.set({ bytesPerSecond: 10_000 });
    const text = '0123456789'.repeat(200);
    const took = await msUntil(async () => {
      client.say(text);
      server.say(text);
      await Promise.all([server.hears(text), client.hears(text)]);
    });
    // The last of four pieces begins when three of them have had their time.
    expect(took).toBeGreaterThanOrEqual(150);
  });

  it('is each connection’s own', async () => {
    await ends.proxy.set({ bytesPerSecond: 1_000 });
    const [busy, idle] = [await ends.pair(), await ends.pair()];
    busy.server.say('x'.repeat(100_000));
    idle.server.say('hello');
    await idle.client.hears('hello');
    expect(busy.client.heard().length).toBeLessThan(100_000);
  });
});

describe('silence', () => {
  it.for([
    { silent: 'up', mute: 'client', deaf: 'server' },
    { silent: 'down', mute: 'server', deaf: 'client' },
  ] as const)('$silent: the $deaf hears nothing, is heard, and gets everything afterwards', async (row) => {
    const pair = await ends.pair();
    const [mute, deaf] = [pair[row.mute], pair[row.deaf]];
    await ends.proxy.set({ silent: row.silent });
    let answers = '';
    for (const number of [1, 2, 3]) {
      mute.say(`said ${number};`);
      deaf.say(`answer ${number};`);
      answers += `answer ${number};`;
      await mute.hears(answers);
    }
    mute.socket.end();
    deaf.say('still');
    await mute.hears(`${answers}still`);
    expect([deaf.heard(), deaf.events]).toEqual(['', []]);
    await ends.proxy.set({});
    await deaf.ended();
    expect(deaf.heard()).toBe('said 1;said 2;said 3;');
  });

  it('hides that a client is gone until the network heals', async () => {
    const { client, server } = await ends.pair();
    await ends.proxy.set({ silent: 'both' });
    client.socket.resetAndDestroy();
    await client.gone();
    server.say('are you there?');
    await aMoment();
    expect(ends.proxy.connections()).toBe(1);
    expect([server.heard(), server.events]).toEqual(['', []]);
    await ends.proxy.set({});
    expect(await server.gone()).toEqual(['ECONNRESET', 'close']);
    await expect.poll(() => ends.proxy.connections()).toBe(0);
  });

  it('hides from a client that its server is gone', async () => {
    const { client, server } = await ends.pair();
    await ends.proxy.set({ silent: 'down' });
    server.socket.resetAndDestroy();
    await server.gone();
    client.say('hello?');
    await aMoment();
    expect(client.events).toEqual([]);
    await ends.proxy.set({});
    expect(await client.gone()).toEqual(['ECONNRESET', 'close']);
  });

  it.for(['up', 'down', 'both'] as const)('%s lets nobody new through until it heals', async (silent) => {
    await ends.proxy.set({ silent });
    const [patient, hasty] = [await ends.client(), await ends.client()];
    for (const side of [patient, hasty]) side.say('hello');
    await expect.poll(() => ends.proxy.connections()).toBe(2);
    hasty.socket.destroy();
    await expect.poll(() => ends.proxy.connections()).toBe(1);
    expect([ends.taken(), patient.heard(), patient.events]).toEqual([0, '', []]);
    await ends.proxy.set({});
    const server = await ends.atServer();
    await server.hears('hello');
    server.say('welcome');
    await patient.hears('welcome');
    expect(ends.taken()).toBe(1);
  });
});

/** Says it until nothing moves any more for a while, and answers how many bytes were taken from it. */
async function sayUntilStuck({ socket }: Side, mostBytes: number): Promise<number> {
  const chunk = Buffer.alloc(65_536, 'x');
  let written = 0;
  const goOn = () => {
    while (written < mostBytes && socket.writableLength === 0) {
      written += chunk.length;
      socket.write(chunk);
    }
  };
  socket.on('drain', goOn);
  goOn();
  for (let before = -1; before !== written; ) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  socket.off('drain', goOn);
  return written;
}

describe('memory', () => {
  /** What the system holds for two connections, and the proxy in between. */
  const hugeBytes = 256 * 1_048_576;
  const boundBytes = 96 * 1_048_576;

  it.for([
    [{}, 'whoever does not read'],
    [{ latencyMs: 20 }, 'whoever does not read, far away'],
    [{ bytesPerSecond: 1_000 }, 'a narrow line'],
  ] as const)('%j: %s stops whoever writes', async ([conditions]) => {
    const { client, server } = await ends.pair();
    await ends.proxy.set(conditions);
    client.socket.pause();
    const written = await sayUntilStuck(server, hugeBytes);
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(boundBytes);
    await ends.proxy.set({});
    client.socket.resume();
    server.socket.end();
    await client.ended();
    expect(client.heard().length).toBe(written);
  });

  it('holds about a megabyte of what is said into the silence', async () => {
    const { client, server } = await ends.pair();
    await ends.proxy.set({ silent: 'both' });
    const written = await sayUntilStuck(client, hugeBytes);
    expect(written).toBeLessThan(boundBytes);
    await ends.proxy.set({});
    client.socket.end();
    await server.ended();
    expect(server.heard().length).toBe(written);
  });
});

describe('any weather that clears up', () => {
  const count = 40;

  /** Says random pieces, and yields now and then. */
  async function talk({ socket }: Side, seed: number): Promise<string> {
    const random = createRandom(seed);
    let said = '';
    for (let piece = 0; piece < count; piece += 1) {
      const text = String.fromCharCode(97 + random.below(26)).repeat(
        1 + random.below(random.pick([3, 50_000])),
      );
      said += text;
      socket.write(text);
      await new Promise((resolve) => setTimeout(resolve, random.below(6)));
    }
    return said;
  }

  function weatherOf(random: ReturnType<typeof createRandom>): Conditions {
    return {
      ...(random.below(2) === 0 && { latencyMs: random.below(30) }),
      ...(random.below(2) === 0 && { jitterMs: random.below(30) }),
      ...(random.below(3) === 0 && { bytesPerSecond: random.pick([100, 10_000, 1_000_000]) }),
      ...(random.below(3) === 0 && { silent: random.pick(['up', 'down', 'both'] as const) }),
      ...(random.below(4) === 0 && { refuses: true as const }),
    };
  }

  it.for([1, 2, 3, 4, 5, 6])('brings everything in order (seed %i)', async (seed) => {
    const random = createRandom(seed);
    const { client, server } = await ends.pair();
    const saying = Promise.all([talk(client, seed + 100), talk(server, seed + 200)]);
    for (let change = 0; change < 15; change += 1) {
      await ends.proxy.set(weatherOf(random));
      await new Promise((resolve) => setTimeout(resolve, random.below(15)));
    }
    await ends.proxy.set({});
    const [up, down] = await saying;
    for (const side of [client, server]) side.socket.end();
    expect(await client.gone()).toEqual(['end', 'close']);
    expect(await server.gone()).toEqual(['end', 'close']);
    expect(server.heard() === up).toBe(true);
    expect(client.heard() === down).toBe(true);
  });
});
