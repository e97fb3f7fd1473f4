import { check } from '../chaos/check/check.ts';
import { openCluster } from '../cluster/open-cluster.ts';
import { createRandom } from '../smoke/random.ts';
import { type Counts, countsOf } from './counts.ts';
import { readStore } from './found.ts';
import { openLoad } from './small-load.ts';
import { lostAnswers, makeWeather, type Weather, weathers } from './weather.ts';

export type NaiveRunOptions = {
  /** Of each design in each weather. */
  readonly messages: number;
  readonly seed: number;
  /** Whether what `npm run build` made runs, or the sources do. */
  readonly isBuilt: boolean;
  readonly weathers?: readonly Weather[];
  /** Told each result as soon as it is there. */
  readonly onResult?: (result: NaiveResult) => void;
  readonly onProgress?: (words: string) => void;
};

export type NaiveResult = Counts & {
  readonly design: 'parley' | 'naive';
  readonly weather: Weather;
  readonly seed: number;
  /** The same in the rows of the checker of the fault run: those that are not 0. */
  readonly rows: Readonly<Record<string, number>>;
  /** How often something happened to servers or to Redis. */
  readonly faults: number;
  readonly seconds: number;
};

/** Plays the same small load on both designs, two servers each, in each weather. */
export async function runNaive(options: NaiveRunOptions): Promise<readonly NaiveResult[]> {
  const results: NaiveResult[] = [];
  for (const weather of options.weathers ?? weathers)
    for (const design of ['parley', 'naive'] as const) {
      const result = await runOne(design, weather, options);
      options.onResult?.(result);
      results.push(result);
    }
  return results;
}

const origins = {
  parley: { built: 'dist', sources: 'source' },
  naive: { built: 'naive', sources: 'naive-source' },
} as const;

async function runOne(
  design: NaiveResult['design'],
  weather: Weather,
  { messages, seed, isBuilt, onProgress = () => undefined }: NaiveRunOptions,
): Promise<NaiveResult> {
  onProgress(`${design}, ${weather}`);
  const cluster = await openCluster({
    ...{ servers: 2, isRedis: true, from: origins[design][isBuilt ? 'built' : 'sources'] },
    // What is compared is not what one person may do in a minute.
    settings: { MESSAGES_PER_MINUTE: '1000000', FIELDS_PER_MINUTE: '1000000000', WEB_DEMO: 'off' },
  });
  const over = new AbortController();
  try {
    const { servers, databaseUrl } = cluster;
    const random = createRandom(seed);
    const load = await openLoad({ servers, random, messages, lostAnswers: lostAnswers(weather) });
    const began = performance.now();
    const weathering = makeWeather(weather, { cluster, random: createRandom(seed + 1), signal: over.signal });
    await Promise.race([load.talk(), failureOf(weathering)]);
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    over.abort();
    const faults = await weathering;
    await load.rest();
    const lines = [...load.lines, ...(await readStore(databaseUrl))];
    const rows = Object.entries(check(lines).counts).filter(([, count]) => count > 0);
    return { design, weather, seed, ...countsOf(lines), rows: Object.fromEntries(rows), faults, seconds };
  } finally {
    over.abort();
    await cluster.close();
  }
}

/** Rejects when this does; without that, never answers. */
const failureOf = (work: Promise<unknown>) =>
  new Promise<never>((_, reject) => {
    work.catch(reject);
  });
