import { fork } from 'node:child_process';
import { createECDH, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openApnsPush } from '../api/drivers/push.apns.ts';
import { openWebPush } from '../api/drivers/push.web.ts';
import { channelIdOf, messageIdOf } from '../schema/ids.ts';
import { systemClock } from '../schema/ports/clock.ts';
import type { Push, PushNote, PushTarget } from '../schema/ports/push.ts';
import type { Answering } from './push-answering.ts';
import { round, type Spread, spreadOf } from './spread.ts';

/** Notes in a second of processor time of the process that sends. */
export const pushGoals = { web: 400, apns: 3_000 } as const;

export type Pushing = {
  readonly runs: number;
  readonly secondsPerRun: number;
  readonly onProgress: (words: string) => void;
};

export type MeasuredPush = {
  readonly scenario: string;
  /** So many are on their way at any time: an answer lets the next one go. */
  readonly atOnce: number;
  readonly sends: number;
  /** What one core would send if it did nothing else, and waited for nobody. */
  readonly sendsPerCoreSecond: Spread;
  readonly cpuMicrosPerSend: Spread;
  /** By the clock on the wall, with the services on the same cores. */
  readonly sendsPerSecond: Spread;
  readonly goal: number;
  readonly isMet: boolean;
};

/** One driver, with what it sends to. */
type Side = {
  readonly scenario: string;
  readonly push: Push;
  readonly targets: readonly PushTarget[];
  readonly atOnce: number;
  readonly goal: number;
};

/** Node compiles what it uses often; that is no cost of a send. */
const warmUpSeconds = 3;
const phones = 5_000;
const channels = 100;
const text =
  'A message of a length that people write: about a hundred characters, with nothing special in it.';

/** Sends through the drivers to services in a process of their own. Rejects when a note is not accepted. */
export async function measurePush(pushing: Pushing): Promise<MeasuredPush[]> {
  const { answering, stop } = await startAnswering();
  const measured: MeasuredPush[] = [];
  try {
    for (const open of [webSide, apnsSide]) {
      const side = await open(answering);
      try {
        measured.push(await measureSide(side, pushing));
      } finally {
        await side.push.close();
      }
    }
    return measured;
  } finally {
    stop();
  }
}

async function startAnswering() {
  const program = `./push-answering${extname(import.meta.url)}`;
  const child = fork(fileURLToPath(new URL(program, import.meta.url)));
  const ended = once(child, 'exit').then(() => {
    throw new Error('The push services did not start.');
  });
  ended.catch(() => undefined); // later it is no news
  const [answering]: Answering[] = await Promise.race([once(child, 'message'), ended]);
  if (answering === undefined) throw new Error('The push services said nothing.');
  return { answering, stop: () => child.disconnect() };
}

async function webSide({ web }: Answering): Promise<Side> {
  const pair = createECDH('prime256v1');
  const vapid = {
    publicKey: pair.generateKeys().toString('base64url'),
    privateKey: Buffer.from(pair.getPrivateKey('hex').padStart(64, '0'), 'hex').toString('base64url'),
  };
  const { ca, host } = web;
  const subject = 'mailto:bench@example.org';
  return {
    scenario: 'notes by Web Push, encrypted and signed',
    push: await openWebPush({ vapid, subject, hosts: [host], ca, clock: systemClock }),
    targets: web.browsers.map((browser) => ({ service: 'WEB', ...browser })),
    atOnce: 40,
    goal: pushGoals.web,
  };
}

async function apnsSide({ apns }: Answering): Promise<Side> {
  const quiet = { info: () => undefined, warn: () => undefined };
  return {
    scenario: 'notes to APNs, over one connection',
    push: await openApnsPush({ ...apns.settings, clock: systemClock, logger: quiet }),
    targets: Array.from({ length: phones }, () => ({
      ...{ service: 'APNS', topic: 'org.parley.bench', isSandbox: false },
      token: randomBytes(32).toString('hex'),
    })),
    atOnce: 500,
    goal: pushGoals.apns,
  };
}

function noteOf(nth: number): PushNote {
  const channelId = channelIdOf(BigInt(1 + (nth % channels)));
  const seq = 1 + Math.floor(nth / channels);
  return {
    ...{ kind: 'message', channelId, messageId: messageIdOf(channelId, seq), seq, number: seq },
    ...{ count: 1, badge: nth % 100 },
    content: { preview: 'FULL', authorName: 'Ada', channelName: nth % 2 === 0 ? 'Garden' : null, text },
  };
}

/** Sends for so long, and says how many there were. */
async function sendFor({ push, targets, atOnce }: Side, seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1_000;
  let sends = 0;
  const work = async () => {
    while (performance.now() < until) {
      const target = targets[sends % targets.length];
      if (target === undefined) return;
      sends += 1;
      const { outcome, status, reason } = await push.send(target, noteOf(sends));
      if (outcome !== 'accepted')
        throw new Error(`A note was not accepted: ${outcome}, ${status}, ${reason}.`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return sends;
}

async function measureSide(side: Side, { runs, secondsPerRun, onProgress }: Pushing): Promise<MeasuredPush> {
  const { scenario, atOnce, goal } = side;
  onProgress(`${scenario} …`);
  await sendFor(side, warmUpSeconds);
  const all: { sends: number; cpuMicros: number; seconds: number }[] = [];
  for (let nth = 0; nth < runs; nth += 1) {
    const [before, begin] = [process.cpuUsage(), performance.now()];
    const sends = await sendFor(side, secondsPerRun);
    const { user, system } = process.cpuUsage(before);
    const run = { sends, cpuMicros: user + system, seconds: (performance.now() - begin) / 1_000 };
    all.push(run);
    onProgress(`${round((run.sends / run.cpuMicros) * 1e6)} a second of processor time`);
  }
  const sendsPerCoreSecond = spreadOf(all.map(({ sends, cpuMicros }) => (sends / cpuMicros) * 1e6));
  return {
    ...{ scenario, atOnce, sends: all.reduce((sum, { sends }) => sum + sends, 0), sendsPerCoreSecond },
    cpuMicrosPerSend: spreadOf(all.map(({ sends, cpuMicros }) => cpuMicros / sends)),
    sendsPerSecond: spreadOf(all.map(({ sends, seconds }) => sends / seconds)),
    ...{ goal, isMet: sendsPerCoreSecond.median >= goal },
  };
}
