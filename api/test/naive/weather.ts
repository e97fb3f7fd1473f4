import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../cluster/open-cluster.ts';
import type { Random } from '../smoke/random.ts';

/**
 * `calm`: nothing happens but that devices come and go. `answers lost`: some who send hear no answer, and send again. `kills`: servers are killed
 * and start again, and connections that hear what is published are cut. `redis emptied`: Redis forgets everything, now and then.
 */
export const weathers = ['calm', 'answers lost', 'kills', 'redis emptied'] as const;
export type Weather = (typeof weathers)[number];

/** Of those who send, so many do not wait for the answer. */
export const lostAnswers = (weather: Weather) => (weather === 'answers lost' ? 0.05 : 0);

/** Something happens about so often. */
const everyMs = { atLeast: 1_500, atMost: 3_000 } as const;

type Weathering = {
  readonly cluster: Pick<Cluster, 'servers' | 'redis'>;
  readonly random: Random;
  readonly signal: AbortSignal;
};

/** Lets it happen until it is told to end; everything runs again then. Resolves with how often something did. */
export async function makeWeather(weather: Weather, weathering: Weathering): Promise<number> {
  const { random, signal } = weathering;
  let count = 0;
  const happens = { calm: undefined, 'answers lost': undefined, kills: strike, 'redis emptied': empty }[
    weather
  ];
  while (happens !== undefined && !signal.aborted) {
    const ms = everyMs.atLeast + random.next() * (everyMs.atMost - everyMs.atLeast);
    await pause(ms, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    await happens(weathering);
    count += 1;
  }
  return count;
}

async function strike({ cluster, random }: Weathering): Promise<void> {
  if (random.next() < 0.5) return void (await cluster.redis?.tell('CLIENT KILL TYPE pubsub'));
  const server = random.pick(cluster.servers);
  await server.kill();
  await server.startAgain();
}

const empty = async ({ cluster }: Weathering): Promise<void> => void (await cluster.redis?.tell('FLUSHALL'));
