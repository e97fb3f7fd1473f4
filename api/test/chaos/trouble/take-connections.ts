import type pg from 'pg';
import type { ChaosStage } from '../stage.ts';
import { connectTo, endOthers, hangUp } from './postgres-orders.ts';

/** Whoever had a connection loses it, and seldom gets another one before all are taken. */
const rounds = 3;
/** At once: each of them costs processor time. */
const together = 8;

export type Taken = { readonly count: number; release(): Promise<void> };

/** Takes all connections that PostgreSQL gives, also those that others have. A few may be left to them. At the signal it takes no more. */
export async function takeConnections(stage: ChaosStage, signal: AbortSignal): Promise<Taken> {
  const first = await connectTo(stage);
  const held = [first];
  const release = async () => {
    await Promise.all(held.splice(0).map(hangUp));
  };
  try {
    const ask = "SELECT current_setting('max_connections') AS most";
    const { rows } = await first.query<{ most: string }>(ask);
    for (let round = 0; round < rounds && !signal.aborted; round += 1) {
      await endOthers(first);
      await takeUpTo(Number(rows[0]?.most), { held, stage, signal });
    }
    return { count: held.length, release };
  } catch (error) {
    await release();
    throw error;
  }
}

type Taking = { readonly held: pg.Client[]; readonly stage: ChaosStage; readonly signal: AbortSignal };

/** Until it is refused, or there cannot be more. */
async function takeUpTo(most: number, { held, stage, signal }: Taking): Promise<void> {
  while (held.length < most && !signal.aborted) {
    const wanted = Math.min(together, most - held.length);
    const taken = await Promise.allSettled(Array.from({ length: wanted }, () => connectTo(stage)));
    const clients = taken.flatMap((one): pg.Client[] => (one.status === 'fulfilled' ? [one.value] : []));
    held.push(...clients);
    if (clients.length < wanted) return;
  }
}
