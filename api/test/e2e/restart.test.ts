import { describe, expect, it } from 'vitest';
import { openTcpProxy } from '../client/tcp-proxy.ts';
import { deliveredTo, isClean, judge } from '../smoke/judge.ts';
import { play } from '../smoke/play.ts';
import { readByDatabase } from '../smoke/read-log.ts';
import { closeAtEnd, runServer } from './running.ts';

const seed = 7;
const size = { people: 3, devices: 5, channels: 2, messages: 90, kills: 2 };
/** More than two starts take on a busy computer; then it says how far it came. */
const mostMs = 120_000;
/** And time to end what it started. */
const enoughMs = mostMs + 30_000;

describe('three people on five devices', { timeout: enoughMs }, () => {
  it.for([
    { how: 'stopped in order', end: 'stop', exitCode: 0 },
    { how: 'killed', end: 'kill', exitCode: null },
  ] as const)(
    'lose, repeat and reorder nothing when the server is $how while they talk',
    async ({ end, exitCode }) => {
      const running = await runServer();
      const proxy = closeAtEnd(await openTcpProxy({ targetPort: running.server().port }));
      const exitCodes: (number | null)[] = [];
      const progress: string[] = [];
      const history = await play(
        {
          proxy,
          httpUrl: running.server().httpUrl,
          found: () => readByDatabase(running.databaseUrl),
          async trouble() {
            await running.server()[end]();
            exitCodes.push(await running.server().ended);
            await running.startAgain();
          },
        },
        {
          size,
          seed,
          mischief: 'server',
          signal: AbortSignal.timeout(mostMs),
          onProgress: (words) => progress.push(words),
        },
      ).catch((cause: unknown) => {
        throw new Error(`It came so far: ${progress.join(' ')}`, { cause });
      });
      expect(exitCodes).toEqual([exitCode, exitCode]);
      expect(history.devices).toHaveLength(5);
      const judgement = judge(history);
      expect(isClean(judgement), `seed ${seed}: ${JSON.stringify(judgement)}`).toBe(true);
      expect(deliveredTo(history.devices)).toBe(size.messages * 5);
    },
  );
});
