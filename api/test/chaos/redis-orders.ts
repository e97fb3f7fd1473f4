import { setTimeout as pause } from 'node:timers/promises';
import type { RedisServer } from '../engines/redis.ts';

/** On a busy computer an answer may take longer than `tell` waits. */
const patienceMs = 30_000;
/** A few megabytes come over at once; what its link holds back may have to be let go of first, by somebody else. */
const followMs = 120_000;
const lookMs = 25;

/** Tells it until it answers, so perhaps more than once. Resolves with the answer; rejects with it when it is a refusal. */
export async function order(redis: RedisServer, command: string): Promise<string> {
  const answer = await untilIt(() => redis.tell(command), patienceMs);
  if (answer.startsWith('-')) throw new Error(`Redis answered \`${command}\` with ${answer.trim()}.`);
  return answer;
}

/** The setting of this name, as it is now. */
export async function settingOf(redis: RedisServer, name: string): Promise<string> {
  const [, , , , value = ''] = (await order(redis, `CONFIG GET ${name}`)).split('\r\n');
  return value;
}

/** Resolves when it has what the first has, and hears of every change. */
export const untilItFollows = (replica: RedisServer): Promise<void> =>
  untilIt(async () => {
    const told = await replica.tell('INFO replication');
    if (!told.includes('master_link_status:up'))
      throw new Error('The second Redis does not follow the first.');
  }, followMs);

async function untilIt<T>(does: () => Promise<T>, withinMs: number): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      return await does();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await pause(lookMs);
  }
}
