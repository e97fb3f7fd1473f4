import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, it, onTestFinished } from 'vitest';
import { openRedisBus } from '../drivers/bus.redis.ts';
import { openRedis } from '../drivers/redis-connection.ts';
import { missingRedis, startRedis } from '../test/engines/redis.ts';
import { requires } from '../test/requirements.ts';
import { createBusObserver } from './observe-bus.ts';

requires('redis', missingRedis);

const logger = pino({ enabled: false });

/** What is told of a bus over a Redis, line by line. */
async function observed() {
  const registry = new Registry();
  const server = await startRedis();
  onTestFinished(server.close);
  const redis = await openRedis(server.url, { logger, installation: 'one' });
  const bus = await openRedisBus(redis, { logger, observer: createBusObserver(registry) });
  onTestFinished(async () => {
    await bus.close();
    await redis.close();
  });
  const value = async (line: string) => {
    const found = (await registry.metrics()).split('\n').find((one) => one.startsWith(`${line} `));
    return found === undefined ? undefined : Number(found.slice(line.length + 1));
  };
  return { server, redis, bus, value, text: () => registry.metrics() };
}

it.skipIf(missingRedis)(
  'a bus over Redis tells how long its own hints take, and what it listens to',
  async () => {
    const { bus, value, text } = await observed();
    // It hears itself before it is open, and then once a second.
    expect(await value('parley_bus_lag_seconds_count')).toBe(1);
    expect(await value('parley_bus_lag_seconds_bucket{le="+Inf"}')).toBe(1);
    expect(await value('parley_bus_topics')).toBe(1);
    const commands = (await value('parley_bus_subscribe_commands_total')) ?? 0;
    const ends = [await bus.subscribe('hush', () => undefined), await bus.subscribe('hush', () => undefined)];
    expect(await value('parley_bus_topics')).toBe(2);
    expect(await value('parley_bus_subscribe_commands_total')).toBe(commands + 1);
    for (const end of ends) end();
    await expect.poll(() => value('parley_bus_topics')).toBe(1);
    await expect.poll(() => value('parley_bus_lag_seconds_count'), { timeout: 10_000 }).toBeGreaterThan(1);
    expect(await text()).not.toContain('hush');
  },
);

it.skipIf(missingRedis)('a bus over Redis tells what may have been lost, and why', async () => {
  const { server, redis, bus, value } = await observed();
  await bus.subscribe('a', () => undefined);
  await redis.commands.publish(`${redis.prefix}a`, '9{}');
  await redis.commands.publish(`${redis.prefix}a`, '1{');
  await expect.poll(() => value('parley_bus_hints_dropped_total{why="unknown version"}')).toBe(1);
  await expect.poll(() => value('parley_bus_hints_dropped_total{why="damaged"}')).toBe(1);
  const restored = new Promise<string>((resolve) => void bus.onInterrupted(resolve));
  await server.tell('CLIENT KILL TYPE pubsub');
  expect(await restored).toBe('reconnect');
  expect(await value('parley_bus_interruptions_total{how="reconnect"}')).toBe(1);
  await server.kill();
  await expect
    .poll(() => {
      bus.publish('a', 1);
      return value('parley_bus_hints_unpublished_total');
    })
    .toBeGreaterThan(0);
});
