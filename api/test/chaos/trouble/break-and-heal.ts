import { isWithin } from '../../../../prisma/within.ts';
import type { Clock } from '../../../../schema/ports/clock.ts';
import type { Begun, Fault, FaultContext } from './fault.ts';

/** `spared`: it did not begin, and nothing is broken. `broken`: it is not whole again. `detail` is empty when there is nothing to say. */
export type Outcome = { readonly end: 'healed' | 'spared' | 'broken'; readonly detail: string };

/** Starting, stopping and healing take seconds, of Cassandra half a minute, and wait for whatever else is broken. */
const mostMs = 180_000;

/** From the beginning of one fault to its end. Never rejects. */
export async function breakAndHeal(fault: Fault, context: FaultContext, clock: Clock): Promise<Outcome> {
  const { on, lastsMs, signal } = context;
  let one: Begun;
  try {
    const beginning = fault.begin(context);
    if (!(await isWithin(beginning, mostMs)))
      return { end: 'broken', detail: `${fault.name} of ${on} did not begin within ${mostMs} ms` };
    one = await beginning;
  } catch (error) {
    return { end: 'spared', detail: `did not happen: ${wordsOf(error)}` };
  }
  await enough(one.isOver, { ms: lastsMs, signal, clock });
  try {
    const healing: Promise<string | undefined> | Promise<void> = one.heal();
    if (!(await isWithin(healing, mostMs)))
      return { end: 'broken', detail: `${on} was not whole ${mostMs} ms after ${fault.name}` };
    const came = await healing;
    return { end: 'healed', detail: [one.detail, came].filter((words) => words).join('; ') };
  } catch (error) {
    return { end: 'broken', detail: `${on} is not whole after ${fault.name}: ${wordsOf(error)}` };
  }
}

type Length = { readonly ms: number; readonly signal: AbortSignal; readonly clock: Clock };

/** It has lasted as long as planned, or is over by itself, or everything is to be healed. */
async function enough(isOver: Promise<unknown> | undefined, { ms, signal, clock }: Length): Promise<void> {
  const end = new AbortController();
  const asleep = clock.sleep(ms, AbortSignal.any([end.signal, signal]));
  await Promise.race([asleep, isOver?.catch(() => undefined) ?? asleep]);
  end.abort();
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
