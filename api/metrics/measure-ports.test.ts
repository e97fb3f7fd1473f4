import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { channelIdOf, userIdOf } from '../../schema/ids.ts';
import { openMemoryBus } from '../../schema/ports/bus.memory.ts';
import { createManualClock } from '../../schema/ports/clock.manual.ts';
import type { Clock } from '../../schema/ports/clock.ts';
import { openMemoryEventLog } from '../../schema/ports/event-log.memory.ts';
import { type EventLog, OutcomeUnknownError } from '../../schema/ports/event-log.ts';
import { createLeaseSpace, openMemoryLeases } from '../../schema/ports/leases.memory.ts';
import { leaseMs, reapMs } from '../../schema/ports/leases.ts';
import { openMemoryLimiter } from '../../schema/ports/limiter.memory.ts';
import { clientNonce, type EventDraft } from '../../schema/stream/event.ts';
import { createMeasurePorts } from './measure-ports.ts';

const channelId = channelIdOf(9n);
const draft = (nonce: string): EventDraft => ({
  ...{ kind: 'message.sent', authorId: userIdOf(1n), nonce: clientNonce(nonce), body: 'hush' },
});

/** The log as given, measured, and what is told of it without help texts and buckets that are empty. */
function measuredLog(log: EventLog = openMemoryEventLog()) {
  const registry = new Registry();
  const ports = createMeasurePorts(registry, () => undefined);
  return { log: ports.log(log), text: () => registry.metrics() };
}

it('counts rounds and their size, and what is read, and answers as the log does', async () => {
  const { log, text } = measuredLog();
  const [first] = await log.append(channelId, [draft('a'), draft('b')], 1);
  expect(first).toMatchObject({ deduplicated: false, event: { seq: 1 } });
  await log.append(channelId, [draft('c')], 2);
  expect(await log.read(channelId, 0, 10)).toHaveLength(3);
  expect((await log.heads([channelId])).heads.get(channelId)).toMatchObject({ head: 3 });
  await log.messages(channelId, { take: 'last', limit: 1 });
  await log.messagesAt([{ channelId, seq: 1 }]);
  await log.findNonce(channelId, userIdOf(1n), clientNonce('a'));
  const said = await text();
  expect(said).toContain('parley_append_rounds_total{outcome="committed"} 2');
  expect(said).toContain('parley_append_round_events_sum 3');
  expect(said).toContain('parley_append_round_events_bucket{le="1"} 1');
  expect(said).toContain('parley_append_round_seconds_count 2');
  for (const what of ['events', 'heads', 'messages', 'messages-at', 'nonce'])
    expect(said).toContain(`parley_log_reads_total{what="${what}"} 1`);
  expect(said).not.toContain('hush');
});

it('tells rounds that the log refused from those of which it does not know', async () => {
  const failures = [new OutcomeUnknownError('lost'), new Error('refused')];
  const { log, text } = measuredLog({
    ...openMemoryEventLog(),
    append: () => Promise.reject(failures.shift()),
  });
  await expect(log.append(channelId, [draft('a')], 1)).rejects.toThrow('lost');
  await expect(log.append(channelId, [draft('a')], 1)).rejects.toThrow('refused');
  expect(await text()).toMatch(/outcome="unknown"} 1\n.*outcome="refused"} 1/);
});

it('counts what servers that have died left to this one, and how often this one was held for dead', async () => {
  const clock = createManualClock(1);
  const space = createLeaseSpace();
  const registry = new Registry();
  let goesOn: Promise<void> | undefined;
  const sleep: Clock['sleep'] = async (ms, signal) => {
    await clock.sleep(ms, signal);
    await goesOn;
  };
  const [dying, survivor] = [openMemoryLeases({ clock, space }), openMemoryLeases({ clock, space })];
  const slow = openMemoryLeases({ clock: { now: clock.now, sleep }, space });
  const { leases } = createMeasurePorts(registry, () => undefined);
  expect([leases(survivor), leases(slow)]).toEqual([survivor, slow]);
  for (const entry of ['a', 'b']) await dying.claim('hush', { entry, value: {} });
  dying.kill();
  goesOn = clock.sleep(leaseMs + reapMs);
  await clock.advance(30_000);
  const said = await registry.metrics();
  expect(said).toContain('parley_leases_orphaned_total 2\n');
  expect(said).toContain('parley_leases_lost_total 1\n');
  expect(said).not.toContain('hush');
  for (const one of [survivor, slow, dying]) await one.close();
});

it('counts what a limiter refuses, by its rule and never by its key', async () => {
  const refused: string[] = [];
  const ports = createMeasurePorts(new Registry(), (by) => refused.push(by));
  const limiter = ports.limiter(openMemoryLimiter({ clock: createManualClock(1) }));
  const rule = { name: 'twice', most: 2, windowMs: 1_000 };
  for (const isGranted of [true, true, false, false])
    expect(await limiter.take(rule, 'hush')).toMatchObject({ isGranted });
  expect(await limiter.countOf(rule, 'hush')).toBe(2);
  expect(refused).toEqual(['twice', 'twice']);
});

it('counts what is listened to on the bus, until it is let go', async () => {
  const registry = new Registry();
  const bus = createMeasurePorts(registry, () => undefined).bus(openMemoryBus());
  const open = async () => /^parley_topics_open (\d+)$/m.exec(await registry.metrics())?.[1];
  expect(await open()).toBe('0');
  const heard: unknown[] = [];
  const ends = [
    await bus.subscribe('hush', (payload) => heard.push(payload)),
    await bus.subscribe('b', () => {}),
  ];
  expect(await open()).toBe('2');
  bus.publish('hush', 'x');
  await expect.poll(() => heard).toEqual(['x']);
  for (const end of ends) end();
  ends[0]?.();
  expect(await open()).toBe('0');
  bus.publish('hush', 'y');
  await Promise.resolve();
  expect(heard).toEqual(['x']);
  expect(await registry.metrics()).not.toContain('hush');
});
