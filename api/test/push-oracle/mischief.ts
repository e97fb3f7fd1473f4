import { setTimeout as pause } from 'node:timers/promises';
import type { WebAnswer } from '../push/web-push-service.ts';
import type { Random } from '../smoke/random.ts';
import type { History } from './history.ts';
import type { Stage } from './stage.ts';

export type Mischief = {
  readonly stage: Stage;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onProgress: (words: string) => void;
};
export type Troubles = { workers: number; redis: number; postgres: number; services: number };

/** After Redis is back, and empty, servers claim again who is connected to them: they look each 3 s, and come back in some seconds. */
const claimMs = 20_000;

/** Something dies every 15 to 30 seconds, and is started again. Answers when it was not known who is active. */
export async function makeTrouble(
  mischief: Mischief,
  troubles: Troubles,
  blind: History['blind'][number][],
): Promise<void> {
  const { random, signal, onProgress } = mischief;
  const all = [
    { name: 'workers', make: killWorker },
    { name: 'workers', make: killWorker },
    { name: 'services', make: troubleServices },
    { name: 'redis', make: (one: Mischief) => killRedis(one, blind) },
    { name: 'postgres', make: stopPostgres },
  ] as const;
  for (let nth = 0; !signal.aborted; nth += 1) {
    await pause(15_000 + random.below(15_000), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const trouble = nth < all.length ? all[nth] : random.pick(all);
    if (trouble === undefined) continue;
    onProgress(`trouble: ${trouble.name}`);
    await trouble.make(mischief);
    troubles[trouble.name] += 1;
  }
}

/** As `kill -9`, whatever it is sending. */
async function killWorker({ stage, random }: Mischief): Promise<void> {
  const worker = random.pick(stage.cluster.workers);
  await worker.kill();
  await pause(random.below(4_000));
  await worker.startAgain();
}

/** Its memory is gone, and with it every job and who is active. */
async function killRedis({ stage, random }: Mischief, blind: History['blind'][number][]): Promise<void> {
  const { redis } = stage.cluster;
  if (redis === undefined) return;
  const from = Date.now();
  await redis.kill();
  await pause(random.below(3_000));
  await redis.startAgain();
  blind.push({ from, to: Date.now() + claimMs });
}

async function stopPostgres({ stage, random }: Mischief): Promise<void> {
  const { postgres } = stage.cluster;
  await postgres.stop();
  await pause(random.below(2_000));
  await postgres.startAgain();
}

const busy: readonly WebAnswer[] = [
  { status: 503 },
  { status: 429, headers: { 'Retry-After': '2' } },
  { status: 500 },
];

/** For some seconds the push services take only some of what they are sent. */
async function troubleServices({ stage, random, signal }: Mischief): Promise<void> {
  stage.web.answerWith(() => (random.next() < 0.5 ? random.pick(busy) : { status: 201 }));
  await pause(6_000, undefined, { signal }).catch(() => undefined);
  stage.web.answerWith({ status: 201 });
}
