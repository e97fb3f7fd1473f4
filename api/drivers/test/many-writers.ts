import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { ChannelId } from '../../../schema/ids.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import type { WriterTask } from './log-writer.ts';
import type { Answer, Share } from './written-rounds.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** How many events the writers of one channel write together. From PARLEY_WRITTEN_EVENTS; see vitest.config.ts. */
    writtenEvents: number;
  }
}

export const writtenEvents = inject('writtenEvents');
export const writerCount = 8;
export const seed = 20_240_531;

/** What each of the writers has to write, so that together they write at least so many events. */
export const sharesOf = (events: number): Share[] =>
  upTo(writerCount).map((n) => ({
    ...{ writer: n - 1, writers: writerCount, seed },
    events: Math.ceil(events / writerCount / 1.1),
  }));

const program = join(import.meta.dirname, 'log-writer.ts');

/** Writes all shares at once, each in a process of its own, and resolves with what each was answered. */
export async function writeInProcesses(
  channelId: ChannelId,
  shares: readonly Share[],
  store: WriterTask['store'],
): Promise<readonly (readonly Answer[])[]> {
  const children: ChildProcess[] = [];
  try {
    for (const share of shares) {
      const task: WriterTask = { channelId, share, store };
      children.push(
        fork(program, [JSON.stringify(task)], { execArgv: ['--import', import.meta.resolve('tsx')] }),
      );
    }
    await Promise.all(children.map(messageOf));
    const written = children.map((child) => messageOf(child));
    for (const child of children) child.send('write');
    return (await Promise.all(written)) as readonly (readonly Answer[])[];
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

async function messageOf(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`A writer ended with ${code} before it was done.`);
  });
  const [message] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => undefined);
  return message;
}
