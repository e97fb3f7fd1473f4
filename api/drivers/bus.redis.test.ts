import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { busContract } from '../../schema/ports/bus.contract.ts';
import type { BusObserver } from '../../schema/ports/bus.ts';
import { upTo } from '../../schema/ports/random.contract.ts';
import { openTcpProxy } from '../test/client/tcp-proxy.ts';
import { missingRedis, type RedisServer, startRedis } from '../test/engines/redis.ts';
import { requires } from '../test/requirements.ts';
import { openRedisBus } from './bus.redis.ts';
import { openRedis } from './redis-connection.ts';

requires('redis', missingRedis);

/** Closes in reverse order. */
function createClosers() {
  const closers: (() => Promise<unknown>)[] = [];
  return {
    add: (close: () => Promise<unknown>) => closers.unshift(close),
    async close() {
      for (const close of closers) await close();
    },
  };
}

/** One process of several on this Redis, which counts what its bus tells. */
async function openProcess({ url }: Pick<RedisServer, 'url'>, installation = 'one') {
  const warnings: string[] = [];
  const note = (line: string) => {
    const { msg, connectionName = '' } = JSON.parse(line);
    warnings.push(`${connectionName}: ${msg}`);
  };
  const logger = pino({ level: 'warn' }, { write: note });
  const told: Record<keyof BusObserver, unknown[]> = {
    ...{ onTopics: [], onSubscribe: [], onDropped: [] },
    ...{ onUnpublished: [], onInterrupted: [], onEcho: [] },
  };
  const observer: BusObserver = {
    onTopics: (count) => told.onTopics.push(count),
    onSubscribe: (count) => told.onSubscribe.push(count),
    onDropped: (why) => told.onDropped.push(why),
    onUnpublished: (count) => told.onUnpublished.push(count),
    onInterrupted: (how) => told.onInterrupted.push(how),
    onEcho: (ms) => told.onEcho.push(ms),
  };
  const redis = await openRedis(url, { logger, installation });
  const bus = await openRedisBus(redis, { logger, observer });
  const close = async () => {
    await bus.close();
    await redis.close();
  };
  return { bus, redis, told, warnings, close };
}
type Process = Awaited<ReturnType<typeof openProcess>>;

busContract('redis', async () => {
  const closers = createClosers();
  const server = await startRedis();
  closers.add(server.close);
  return {
    async openBus() {
      const { bus, close } = await openProcess(server);
      closers.add(close);
      return bus;
    },
    close: closers.close,
  };
});

/** A Redis and processes on it, until the test is over. */
async function world(count = 1): Promise<{ readonly server: RedisServer; readonly processes: Process[] }> {
  const closers = createClosers();
  onTestFinished(closers.close);
  const server = await startRedis();
  closers.add(server.close);
  const processes: Process[] = [];
  for (let i = 0; i < count; i += 1) {
    const process = await openProcess(server);
    closers.add(process.close);
    processes.push(process);
  }
  return { server, processes };
}

const only = ([process]: readonly Process[]): Process => {
  if (process === undefined) throw new Error('There is no process.');
  return process;
};

const nextInterruption = ({ bus }: Process) =>
  new Promise<string>((resolve) => {
    const stop = bus.onInterrupted((how) => {
      stop();
      resolve(how);
    });
  });

/** What is heard on a topic. */
async function listen({ bus }: Process, topic: string) {
  const heard: unknown[] = [];
  const end = await bus.subscribe(topic, (payload) => heard.push(payload));
  return { heard, end };
}

/** The connection that publishes may be back a moment after the one that hears. */
const untilHeard = (heard: readonly unknown[], say: () => void) =>
  expect
    .poll(() => {
      say();
      return heard.length;
    })
    .toBeGreaterThan(0);

/** How often Redis was asked to subscribe, by itself. */
async function subscribeCalls({ redis }: Process): Promise<number> {
  const [, calls = '0'] =
    /cmdstat_subscribe:calls=(\d+)/.exec(await redis.commands.info('commandstats')) ?? [];
  return Number(calls);
}

describe('the bus over Redis', () => {
  it('goes on when Redis was killed and is back without a memory, and says that hints may have been lost', async () => {
    const { server, processes } = await world(2);
    const [here, there] = processes as [Process, Process];
    const { heard } = await listen(there, 'a');
    const interrupted = [nextInterruption(here), nextInterruption(there)];
    await server.kill();
    here.bus.publish('a', 'lost');
    await server.startAgain();
    expect(await Promise.all(interrupted)).toEqual(['reconnect', 'reconnect']);
    await untilHeard(heard, () => here.bus.publish('a', 'heard'));
    expect(new Set(heard)).toEqual(new Set(['heard']));
    expect(there.warnings.filter((line) => line.includes('Redis is gone')).sort()).toHaveLength(2); // one for each connection
  });

  it('subscribes while Redis is gone without waiting for it, and hears when it is back', async () => {
    const { server, processes } = await world();
    const process = only(processes);
    const interrupted = nextInterruption(process);
    await server.kill();
    const { heard } = await listen(process, 'a');
    await server.startAgain();
    await interrupted;
    await untilHeard(heard, () => process.bus.publish('a', 'on'));
  });

  it('tells those of this process what Redis does not carry', async () => {
    const { server, processes } = await world();
    const process = only(processes);
    const { heard } = await listen(process, 'a');
    await server.kill();
    process.bus.publish('a', { text: 'among us' });
    await expect.poll(() => heard).toEqual([{ text: 'among us' }]);
    expect(process.told.onUnpublished.length).toBeGreaterThan(0);
  });

  it('notices a Redis that stands still, and connects anew', async () => {
    const { server, processes } = await world();
    const process = only(processes);
    const { heard } = await listen(process, 'a');
    const interrupted = nextInterruption(process);
    server.pause();
    await expect
      .poll(() => process.warnings)
      .toContainEqual(expect.stringMatching(/^parley-subscriber: Redis is gone/));
    server.resume();
    expect(await interrupted).toBe('echo');
    await untilHeard(heard, () => process.bus.publish('a', 'on'));
  });

  it('notices that it alone is not heard any more, by a connection that is half open', async () => {
    const { server, processes } = await world();
    const proxy = await openTcpProxy({ targetPort: server.port });
    onTestFinished(proxy.close);
    const far = await openProcess({ url: `redis://127.0.0.1:${proxy.port}` });
    onTestFinished(far.close);
    const { heard } = await listen(far, 'a');
    const [, subscriber] = proxy.links(); // the first is for commands
    const interrupted = nextInterruption(far);
    subscriber?.deafen();
    only(processes).bus.publish('a', 'lost');
    expect(await interrupted).toBe('echo');
    expect(heard).toEqual([]);
    only(processes).bus.publish('a', 'on');
    await expect.poll(() => heard).toEqual(['on']);
    expect(only(processes).told.onInterrupted).toEqual([]);
  });

  it('lets nobody wait for a Redis that is slow, and says when what they asked for is heard', async () => {
    const { server, processes } = await world();
    const process = only(processes);
    const interrupted = nextInterruption(process);
    server.pause();
    const { heard } = await listen(process, 'a');
    server.resume();
    await interrupted;
    await untilHeard(heard, () => process.bus.publish('a', 'on'));
    expect(process.warnings).toEqual([]); // it was not gone
  });

  it('keeps no more for a Redis that stands still than it may', async () => {
    const { server, processes } = await world();
    const process = only(processes);
    const { heard } = await listen(process, 'a');
    server.pause();
    for (const _ of upTo(17)) process.bus.publish('a', 'x'.repeat(1_024 * 1_024));
    await expect.poll(() => heard).toHaveLength(17); // in this process
    expect(process.redis.commands.stream.writableLength).toBeLessThan(1_024);
  });

  it('subscribes again after its subscriptions were killed alone', async () => {
    const { processes } = await world(2);
    const [here, there] = processes as [Process, Process];
    const { heard } = await listen(there, 'a');
    const interrupted = nextInterruption(there);
    await here.redis.commands.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    expect(await interrupted).toBe('reconnect');
    here.bus.publish('a', 'on');
    await expect.poll(() => heard).toEqual(['on']);
  });

  it('drops what is damaged or of another version, counts all of it and logs the first of its kind', async () => {
    const { processes } = await world();
    const process = only(processes);
    const { redis, told, warnings } = process;
    const { heard } = await listen(process, 'a');
    const frames = ['', '1', '1{"epoch":', '{"epoch":1}', '2{"epoch":1}', '9', '1undefined', '\u0000', 'ünï'];
    for (const frame of frames) await redis.commands.publish(`${redis.prefix}a`, frame);
    process.bus.publish('a', 'whole');
    await expect.poll(() => heard).toEqual(['whole']);
    expect(told.onDropped).toHaveLength(frames.length);
    expect(warnings.filter((line) => line.includes('a hint was dropped'))).toHaveLength(2);
  });

  it('subscribes to 2,000 topics in few commands, at first and again', async () => {
    const { processes } = await world();
    const process = only(processes);
    const { bus, redis, told } = process;
    const before = await subscribeCalls(process);
    const heard = new Set<unknown>();
    const names = upTo(2_000).map((nth) => `topic:${nth}`);
    await Promise.all(names.map((name) => bus.subscribe(name, (payload) => heard.add(payload))));
    expect(await subscribeCalls(process)).toBe(before + 4);
    expect(told.onTopics.at(-1)).toBe(2_001); // with that of the echo
    const interrupted = nextInterruption(process);
    await redis.commands.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await interrupted;
    expect(await subscribeCalls(process)).toBe(before + 8);
    for (const name of names) bus.publish(name, name);
    await expect.poll(() => heard.size).toBe(2_000);
  });

  it('asks Redis for a topic once, and lets go of it after the last who listens', async () => {
    const { processes } = await world();
    const process = only(processes);
    const subscribers = async () =>
      (await process.redis.commands.pubsub('NUMSUB', `${process.redis.prefix}a`))[1];
    const before = await subscribeCalls(process);
    const ends = await Promise.all([1, 2, 3].map(() => process.bus.subscribe('a', () => undefined)));
    expect(await subscribeCalls(process)).toBe(before + 1);
    for (const end of ends) {
      expect(await subscribers()).toBe(1);
      end();
    }
    await expect.poll(subscribers).toBe(0);
  });

  it('publishes what is said at once in one go, in order', async () => {
    const { processes } = await world(2);
    const [here, there] = processes as [Process, Process];
    const { heard } = await listen(there, 'a');
    const numbers = upTo(1_000);
    for (const number of numbers) here.bus.publish('a', number);
    await expect.poll(() => heard).toEqual(numbers);
  });

  it('hears nothing of another installation on the same Redis', async () => {
    const { server, processes } = await world();
    const other = await openProcess(server, 'two');
    onTestFinished(other.close);
    const [ours, theirs] = [await listen(only(processes), 'channel:1'), await listen(other, 'channel:1')];
    other.bus.publish('channel:1', 'theirs');
    await expect.poll(() => theirs.heard).toEqual(['theirs']);
    only(processes).bus.publish('channel:1', 'ours');
    await expect.poll(() => ours.heard).toEqual(['ours']);
  });

  it('closes at once while Redis stands still', async () => {
    const { server, processes } = await world();
    const process = only(processes);
    server.pause();
    const subscribing = process.bus.subscribe('a', () => undefined);
    process.bus.publish('a', 'lost');
    await process.bus.close();
    (await subscribing)();
    expect(process.told.onInterrupted).toEqual([]);
  });

  it('does not open on a Redis that lets it subscribe to nothing', async () => {
    const { server, processes } = await world();
    await only(processes).redis.commands.acl(
      'SETUSER',
      'mute',
      'on',
      'nopass',
      '+@all',
      '~*',
      'resetchannels',
    );
    const logger = pino({ enabled: false });
    const redis = await openRedis(server.url.replace('//', '//mute:any@'), { logger, installation: 'one' });
    onTestFinished(redis.close);
    await expect(openRedisBus(redis, { logger })).rejects.toThrow(
      'allow the user of REDIS_URL to publish and subscribe',
    );
  });
});
