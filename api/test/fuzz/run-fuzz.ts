import { setTimeout as pause } from 'node:timers/promises';
import { defaultMaxDocuments } from '../../document-cache.ts';
import { createRandom } from '../smoke/random.ts';
import { type Attack, attackHttp, attackSocket } from './attack.ts';
import { openControl } from './control.ts';
import { createCorpus, readOperations } from './corpus.ts';
import { type FuzzedServer, type Look, startFuzzedServer } from './fuzzed-server.ts';
import { heapGrowthBytes, leaksBetween } from './leaks.ts';
import { openPool, type Pool } from './pool.ts';
import { createShots } from './shots.ts';
import { openTarget, textShot } from './target.ts';

export type FuzzOptions = {
  readonly frames: number;
  readonly seed: number;
  readonly from: 'dist' | 'source';
  /** The working directory of the server, and its settings beside those of every run. */
  readonly folder: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Modules that break the server on purpose, to see that this is noticed. */
  readonly broken?: readonly string[];
  /** How long what was left behind may take to be let go. */
  readonly settleMs?: number;
  /** Ends it: nothing more is sent, and what was found until then is told. */
  readonly signal?: AbortSignal;
  readonly onProgress: (words: string) => void;
};

/** How many frames were sent; crashes and leaks in words, one for each. */
export type FuzzReport = {
  readonly frames: number;
  readonly crashes: readonly string[];
  readonly leaks: readonly string[];
  readonly seconds: number;
};

/** So many sockets at once, of which some are of nobody, and requests over HTTP beside them. */
const sockets = 16;
const anonymous = 3;
const requests = 2;
/** A channel that nobody follows is let go after 30 s, and somebody looks for such ones every 15 to 30 s. */
const settleMs = 75_000;
/** All sockets are closed after each part, and the server is looked at. What grows after so many of them is a leak. */
const parts = 20;
const warmParts = 5;

/** Limits that would keep a million frames of a few people from being looked at; all others are as they are. */
const settings = {
  DEMO: 'off',
  FRAMES_PER_SECOND: '100000',
  FRAMES_BURST: '100000',
  SOCKETS_PER_USER: '1000',
  ACCESS_TOKEN_SECONDS: '86400',
  SIGN_IN_TRIES: '1000',
  SIGN_IN_TRIES_PER_ADDRESS: '1000000',
  SIGN_IN_TRIES_PER_ACCOUNT: '1000000',
  SIGN_UPS_PER_ADDRESS: '1000000',
};

/** Feeds a server anything that may come over a network, and says what broke and what was left. Leaves nothing behind. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const started = performance.now();
  const server = await startFuzzedServer({ ...options, settings: { ...settings, ...options.settings } });
  try {
    return {
      ...(await fuzz(server, options)),
      seconds: Math.round((performance.now() - started) / 100) / 10,
    };
  } finally {
    await server.stop().catch(() => undefined);
  }
}

async function fuzz(server: FuzzedServer, options: FuzzOptions): Promise<Omit<FuzzReport, 'seconds'>> {
  const { frames, signal, onProgress } = options;
  const crashes: string[] = [];
  const look = () => lookAt(server, crashes);
  const before = await server.look();
  const pool = await openPool(server.httpUrl);
  const control = await openControl({ ...server, ...pool, person: pool.owner });
  onProgress('The server runs.');
  const { run, sent } = createRun(server, pool, { ...options, crashes });
  await fillDocuments(server, pool, Math.min(defaultMaxDocuments, Math.ceil(frames / 5)));
  let warm: Look | undefined;
  for (let part = 1; part <= parts && crashes.length === 0 && !signal?.aborted; part += 1) {
    await run(Math.floor((part * frames) / parts) - sent());
    const now = await look();
    if (part === warmParts) warm = now;
    onProgress(`${sent()} of ${frames} frames: ${now ? wordsOf(now) : 'nobody answers'}.`);
  }
  await control.close();
  crashes.push(...control.troubles.map((trouble) => `The control client: ${trouble}`));
  onProgress(`The control client sent and got ${control.rounds()} messages.`);
  const leaks = await leaksSince({ before, warm }, look, options);
  if (signal?.aborted) crashes.push(`It did not come to its end: ${signal.reason}.`);
  if (server.hasEnded()) crashes.push('The server has ended.');
  else if ((await server.stop()) !== 0) crashes.push('The server did not end in order.');
  await server.stop();
  crashes.push(...server.complaints.map((line) => `The log: ${line}`));
  return { frames: sent(), crashes, leaks };
}

/** As many documents as a server remembers, when there are that many frames: from then on, each new one takes the place of another. */
async function fillDocuments({ port }: FuzzedServer, { accounts }: Pool, count: number): Promise<void> {
  const [account] = accounts;
  if (account === undefined) throw new Error('Nobody is there to fuzz.');
  const corpus = createCorpus(readOperations(), account.known, createRandom(0));
  const target = await openTarget(port, () => undefined);
  await target.fire(textShot('{"type":"connection_init"}'));
  for (let nth = 0; nth < count; nth += 1) {
    const query = `${corpus.text()} # ${nth}`;
    await target.fire(textShot(JSON.stringify({ id: `${nth % 8}`, type: 'subscribe', payload: { query } })));
    await target.fire(textShot(JSON.stringify({ id: `${nth % 8}`, type: 'complete' })));
  }
  target.close();
}

/** What a server holds; undefined when it has ended, or does not answer any more. */
async function lookAt(server: FuzzedServer, crashes: string[]): Promise<Look | undefined> {
  if (server.hasEnded()) return undefined;
  try {
    return await server.look();
  } catch (problem) {
    if (!server.hasEnded()) crashes.push(String(problem));
    return undefined;
  }
}

type Shared = Pick<FuzzOptions, 'seed' | 'signal'> & { readonly crashes: string[] };

/** Sends so many frames more, over sockets and requests that are all closed then. */
function createRun(server: FuzzedServer, pool: Pool, { seed, crashes, signal }: Shared) {
  const operations = readOperations();
  let runs = 0;
  let sent = 0;
  async function run(count: number): Promise<void> {
    let left = count;
    const take = () => {
      if (left === 0 || crashes.length > 0 || signal?.aborted || server.hasEnded()) return false;
      left -= 1;
      sent += 1;
      return true;
    };
    const attacks = Array.from({ length: sockets + requests }, (_, nth): Promise<void> => {
      runs += 1;
      const random = createRandom(seed * 1_000 + runs);
      const account = pool.accounts[nth % pool.accounts.length];
      if (account === undefined) throw new Error('Nobody is there to fuzz.');
      const corpus = createCorpus(operations, account.known, random);
      const isNobody = nth < anonymous;
      const attack: Attack = {
        port: server.port,
        random,
        corpus,
        shoot: createShots(corpus, random),
        token: async (again) => (isNobody ? undefined : account.token(again)),
        take,
        onFailure: (words) => crashes.push(words),
      };
      return nth < sockets ? attackSocket(attack) : attackHttp(attack);
    });
    await Promise.all(attacks);
  }
  return { run, sent: () => sent };
}

type Looks = { readonly before: Look; readonly warm: Look | undefined };

/** What is left when there has been time to let it go. Of a server that has ended nothing is; without that time nobody can tell. */
async function leaksSince(
  { before, warm }: Looks,
  look: () => Promise<Look | undefined>,
  { onProgress, signal, ...options }: FuzzOptions,
): Promise<string[]> {
  const deadline = performance.now() + (options.settleMs ?? settleMs);
  let now = await look();
  const isLate = () => signal?.aborted || performance.now() >= deadline;
  while (now !== undefined && leaksBetween(before, now).length > 0 && !isLate()) {
    await pause(1_000);
    now = await look();
  }
  if (now === undefined || warm === undefined || signal?.aborted) return [];
  onProgress(`It held ${wordsOf(before)} before, and holds ${wordsOf(now)} now.`);
  const grown = now.heapBytes - warm.heapBytes;
  const leaks = leaksBetween(before, now);
  return grown <= heapGrowthBytes
    ? leaks
    : [...leaks, `The heap has grown by ${Math.round(grown / 1_048_576)} MB.`];
}

const wordsOf = ({ heapBytes, ...counts }: Look) =>
  [...Object.entries(counts), ['MB of heap', Math.round(heapBytes / 1_048_576)]]
    .map(([name, value]) => `${value} ${name}`)
    .join(', ');
