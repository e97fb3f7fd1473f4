import { canFindProcesses, signalAll } from '../../cluster/postgres-processes.ts';
import type { Fault, FaultContext } from './fault.ts';
import { connectTo, endOthers, hangUp, makePostgresWhole } from './postgres-orders.ts';
import { repeat } from './repeat.ts';
import { takeConnections } from './take-connections.ts';

const ofPostgres = (fault: Pick<Fault, 'name' | 'weight' | 'begin'> & Partial<Fault>): Fault => ({
  isPossible: () => canFindProcesses,
  targets: () => ['postgres'],
  ...fault,
});

/** Stopped without putting anything in order, and away until it is started again. */
async function crash({ stage }: FaultContext) {
  await stage.postgres.stop('immediate');
  return { heal: () => makePostgresWhole(stage) };
}

/** One of its processes is killed, as by a system without memory. It ends all others then, puts its data in order and goes on by itself. */
async function killProcess({ stage, random }: FaultContext) {
  const [, ...children] = await stage.postgres.processes();
  signalAll([random.pick(children)], 'SIGKILL');
  return { isOver: Promise.resolve(), heal: () => makePostgresWhole(stage) };
}

/** Connections stay, and nobody is answered. */
async function freeze({ stage }: FaultContext) {
  const count = await stage.postgres.pause();
  if (count === 0) throw new Error('PostgreSQL does not run');
  return {
    detail: `${count} processes`,
    async heal() {
      await stage.postgres.resume();
      await makePostgresWhole(stage);
    },
  };
}

/** Who is connected is served; who comes anew waits. */
async function freezeDoor({ stage }: FaultContext) {
  if ((await stage.postgres.pause('door')) === 0) throw new Error('PostgreSQL does not run');
  return {
    async heal() {
      await stage.postgres.resume();
      await makePostgresWhole(stage);
    },
  };
}

const endEvery = { least: 200, most: 3_000 } as const;

/** All connections are ended, again and again, in whatever they are doing. */
async function terminate(context: FaultContext) {
  const { stage } = context;
  const client = await connectTo(stage);
  let ended = 0;
  const happen = async () => {
    ended += await endOthers(client);
  };
  try {
    const ending = await repeat(happen, { ...context, betweenMs: endEvery });
    return {
      async heal() {
        const times = await ending.stop();
        await hangUp(client);
        await makePostgresWhole(stage);
        return `${ended} connections in ${times} times`;
      },
    };
  } catch (error) {
    await hangUp(client);
    throw error;
  }
}

/** All connections that it gives are taken by others. */
async function exhaust({ stage, signal }: FaultContext) {
  const { count, release } = await takeConnections(stage, signal);
  return {
    detail: `${count} connections`,
    async heal() {
      await release();
      await makePostgresWhole(stage);
    },
  };
}

/** What sending needs, wherever messages are: where the channel stands, who may, who somebody is. */
const neededTables = ['log_head', 'member', 'user_account'] as const;
/** Nothing of it can be read; nothing can be written. */
const lockModes = ['ACCESS EXCLUSIVE', 'EXCLUSIVE'] as const;
/** Whoever works with the table has finished by then. */
const lockWithin = '5s';
/** It lets go by itself when nobody does. */
const graceMs = 30_000;

/** A table that sending needs is locked, as by a migration that takes long. */
async function lock({ stage, random, lastsMs }: FaultContext) {
  const [table, mode] = [random.pick(neededTables), random.pick(lockModes)];
  const client = await connectTo(stage);
  try {
    await client.query(`SET idle_in_transaction_session_timeout = ${lastsMs + graceMs}`);
    await client.query(`SET lock_timeout = '${lockWithin}'`);
    await client.query('BEGIN');
    await client.query(`LOCK TABLE ${table} IN ${mode} MODE`);
  } catch (error) {
    await hangUp(client);
    throw error;
  }
  return {
    detail: `${table}, ${mode.toLowerCase()}`,
    async heal() {
      await hangUp(client); // with it goes its transaction, and the lock
      await makePostgresWhole(stage);
    },
  };
}

const shortly = { lastsMs: { least: 200, most: 8_000 } } as const;

/** What happens to PostgreSQL. Without it nothing can be acknowledged, wherever messages are. */
export const postgresFaults: readonly Fault[] = [
  ofPostgres({ name: 'postgres-crash', weight: 2, begin: crash, ...shortly }),
  ofPostgres({ name: 'postgres-kill-process', weight: 2, begin: killProcess, ...shortly }),
  ofPostgres({ name: 'postgres-freeze', weight: 2, begin: freeze }),
  ofPostgres({ name: 'postgres-freeze-door', weight: 1, begin: freezeDoor }),
  ofPostgres({ name: 'postgres-terminate', weight: 2, begin: terminate, ...shortly }),
  ofPostgres({ name: 'postgres-exhaust', weight: 1, begin: exhaust, ...shortly }),
  ofPostgres({ name: 'postgres-lock', weight: 2, begin: lock }),
];
