import { setTimeout as pause } from 'node:timers/promises';
import { canFindProcesses } from '../../cluster/postgres-processes.ts';
import { order, settingOf } from '../redis-orders.ts';
import type { ChaosStage } from '../stage.ts';
import type { Fault, FaultContext } from './fault.ts';
import { canLimitFiles, limitFiles } from './file-limit.ts';
import { connectTo, hangUp, makePostgresWhole } from './postgres-orders.ts';

/** For the journal, at least: its files are written from the beginning, and are larger than that. */
const leastRoom = 1_048_576;

/** Where messages are, or else the largest. */
const sizeOfTable = `SELECT pg_relation_size(oid)::text AS size FROM pg_class
  WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  ORDER BY relname = 'log_event' AND pg_relation_size(oid) > 0 DESC, pg_relation_size(oid) DESC LIMIT 1`;

/** How large files may be so that what is sent finds no room, while the journal has some in a file of its own. */
async function limitOf(stage: ChaosStage): Promise<number> {
  const client = await connectTo(stage);
  try {
    await client.query('SELECT pg_switch_wal()');
    const { rows } = await client.query<{ size: string }>(sizeOfTable);
    return Math.max(leastRoom, Number(rows[0]?.size ?? 0));
  } finally {
    await hangUp(client);
  }
}

/** The first starts the others, which are then as it is. */
async function limitPostgres({ postgres }: ChaosStage, bytes: number | 'unlimited'): Promise<number> {
  const limited = await limitFiles((await postgres.processes()).slice(0, 1), bytes);
  return limited === 0 ? 0 : limitFiles(await postgres.processes(), bytes);
}

/**
 * Its disk is full. `log`: nothing can be written any more, so that it ends at the next write and does not come back. `tables`: what is to
 * grow is refused, until the journal would have to, and it ends as well.
 */
async function fillPostgres({ stage, random }: FaultContext) {
  const what = random.pick(['tables', 'log'] as const);
  const bytes = what === 'log' ? 0 : await limitOf(stage);
  const lift = () => limitPostgres(stage, 'unlimited');
  try {
    if ((await limitPostgres(stage, bytes)) === 0) throw new Error('PostgreSQL does not run');
  } catch (error) {
    await lift();
    throw error;
  }
  return {
    detail: `${what}: no file above ${bytes} bytes`,
    async heal() {
      const wasThere = (await lift()) > 0;
      await makePostgresWhole(stage);
      return wasThere ? 'it was there' : 'it had ended';
    },
  };
}

/** Any would do: that it saves by itself at all makes it refuse writes when it cannot. */
const savesSometimes = '3600 1';
const lookMs = 50;
const saveMs = 30_000;

/** Saves what it has, and resolves with whether that went well. */
async function saves({ redis }: ChaosStage): Promise<boolean> {
  await order(redis, 'BGSAVE');
  const deadline = Date.now() + saveMs;
  while (Date.now() < deadline) {
    const told = await order(redis, 'INFO persistence');
    if (told.includes('rdb_bgsave_in_progress:0')) return told.includes('rdb_last_bgsave_status:ok');
    await pause(lookMs);
  }
  throw new Error('Redis does not end to save');
}

/** It cannot save what it has, and so refuses everything that would change it. */
async function fillRedis({ stage }: FaultContext) {
  const { redis } = stage;
  const pid = redis.pid();
  if (pid === undefined) throw new Error('Redis does not run');
  const before = await settingOf(redis, 'save');
  const heal = async () => {
    await limitFiles([pid], 'unlimited');
    await order(redis, `CONFIG SET save "${before}"`);
    if (!(await saves(stage))) throw new Error('Redis still cannot save');
  };
  try {
    await order(redis, `CONFIG SET save "${savesSometimes}"`);
    await limitFiles([pid], 0);
    if (await saves(stage)) throw new Error('Redis saves all the same');
  } catch (error) {
    await heal();
    throw error;
  }
  return { heal };
}

/** What happens when a disk is full. Nothing is mounted, and no room is taken from anybody: only files of these processes cannot grow. */
export const diskFaults: readonly Fault[] = [
  {
    ...{ name: 'disk-full-postgres', weight: 2, begin: fillPostgres },
    isPossible: () => canLimitFiles && canFindProcesses,
    targets: () => ['postgres'],
    lastsMs: { least: 500, most: 10_000 },
  },
  {
    ...{ name: 'disk-full-redis', weight: 1, begin: fillRedis },
    isPossible: () => canLimitFiles,
    targets: () => ['redis'],
    lastsMs: { least: 200, most: 15_000 },
    healsMs: 2_000,
  },
];
