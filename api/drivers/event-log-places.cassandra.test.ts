import type { Client } from 'cassandra-driver';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AttemptOutcome } from '../../schema/ports/event-log.ts';
import { appendOne, freshChannel, sent } from '../../schema/ports/event-log-world.contract.ts';
import { type CassandraServer, missingCassandra, startCassandra } from '../test/engines/cassandra.ts';
import { requires } from '../test/requirements.ts';
import { openCassandraEventLog } from './event-log.cassandra.ts';
import { type CassandraLogs, openCassandraLogs } from './test/cassandra-logs.ts';

const isThere = requires('cassandra', missingCassandra);
let server: CassandraServer;
let world: CassandraLogs;
beforeAll(async () => {
  if (!isThere) return;
  server = await startCassandra();
  world = await openCassandraLogs({ contactPoint: server.contactPoint, processes: 1 });
}, 150_000);
afterAll(async () => {
  await world?.close();
  await server?.close();
});

/** The same client, on which whoever looks where a log ends waits for the answer while `isHeld`. */
function holding(client: Client) {
  const stage = { isHeld: false, waiting: 0 };
  let letGo: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const execute = async (query: string, ...rest: [unknown[], object]) => {
    const answer = await client.execute(query, ...rest);
    if (!stage.isHeld || !query.includes('DISTINCT')) return answer;
    stage.waiting += 1;
    await gate;
    return answer;
  };
  const held = new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name === 'execute') return execute;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { client: held, stage, letGo: () => letGo() };
}

it('a process whose look at a log is overtaken by its own round loses no race for that', async () => {
  const { client, stage, letGo } = holding(world.client);
  const told: AttemptOutcome[] = [];
  const observer = {
    onAttempt: (outcome: AttemptOutcome) => told.push(outcome),
    onRollOver: () => undefined,
  };
  const log = await openCassandraEventLog({ client, epoch: async () => 1, observer });
  const channelId = freshChannel();
  await appendOne(log, channelId, sent('one'));
  stage.isHeld = true;
  const reading = log.read(channelId, 0, 10);
  await expect.poll(() => stage.waiting).toBe(1);
  await appendOne(log, channelId, sent('two'));
  letGo();
  expect(await reading).toHaveLength(1);
  await appendOne(log, channelId, sent('three'));
  expect(told).toEqual(['committed', 'committed', 'committed']);
  expect(await log.read(channelId, 0, 10)).toHaveLength(3);
  await log.close();
});
