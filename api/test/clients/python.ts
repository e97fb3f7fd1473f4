import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Chat, ChatOptions, OpenChat } from './chat.ts';
import type { Channel, ChatEvent, Refusal, Sent } from './documents.ts';

/** One thing that the script tells. */
type Line = {
  /** The device that it has signed in on. */
  readonly opened?: string;
  /** Why it could not sign in. */
  readonly refused?: string;
  readonly event?: ChatEvent;
  /** With which code a socket was lost. */
  readonly lost?: unknown;
  readonly signedOut?: boolean;
  /** The command that this answers. */
  readonly id?: number;
};

const script = join(import.meta.dirname, 'python', 'chat.py');
/** A start of Python with all its modules, on a busy machine. */
const startMs = 60_000;

/** What this Python lacks for the script, in words; undefined when nothing. */
export function missingIn(interpreter: string): string | undefined {
  const needed = 'import sys, gql, aiohttp, websockets; assert sys.version_info >= (3, 11), sys.version';
  const { error, status, stderr } = spawnSync(interpreter, ['-c', needed], { timeout: startMs });
  if (error) return `\`${interpreter}\` cannot be started (${error.message}): install Python 3.11 or newer.`;
  if (status === 0) return undefined;
  const lastLine = String(stderr).trim().split('\n').at(-1);
  return `\`${interpreter}\` is not enough (${lastLine}): it needs 3.11 and api/test/clients/python/requirements.txt.`;
}

/** Enough of its last words to say why it ended. */
const keptCharacters = 4_000;

/** The client of python/chat.py, in a process of its own that takes commands and tells what happens as lines of JSON. */
export const pythonChat =
  (interpreter: string): OpenChat =>
  async ({ onEvent, ...options }: ChatOptions) => {
    const child = startScript(interpreter);
    const closeCodes: number[] = [];
    const answers = new Map<number, (text: string) => void>();
    let onSignedOut: () => void = () => undefined;
    const signedOut = new Promise<void>((resolve) => {
      onSignedOut = resolve;
    });
    child.tell({ keepAliveMs: 10_000, ...options });
    const opened = new Promise<string>((resolve, reject) => {
      child.onLine((text) => {
        const line: Line = JSON.parse(text);
        if (line.opened !== undefined) resolve(line.opened);
        if (line.refused !== undefined) reject(new Error(line.refused));
        if (line.event) onEvent(line.event);
        if (typeof line.lost === 'number') closeCodes.push(line.lost);
        if (line.signedOut) onSignedOut();
        if (line.id !== undefined) answers.get(line.id)?.(text);
      });
      void child.ended.then(() => reject(new Error(`It ended: ${child.lastWords()}`)));
    });
    let asked = 0;
    const ask = async <Answer>(command: object): Promise<Answer> => {
      asked += 1;
      const id = asked;
      const text = new Promise<string>((resolve) => answers.set(id, resolve));
      child.tell({ id, ...command });
      const { answer }: { readonly answer: Answer } = JSON.parse(await text);
      answers.delete(id);
      return answer;
    };
    const chat: Chat = {
      deviceId: await opened,
      channels: () => ask<readonly Channel[]>({ do: 'channels' }),
      send: (message) => ask<Sent | Refusal>({ do: 'send', message }),
      signedOut,
      closeCodes: () => closeCodes,
      comeBackNow: () => child.tell({ do: 'come back' }),
      close: child.close,
    };
    return chat;
  };

function startScript(interpreter: string) {
  const child = spawn(interpreter, [script], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let lastWords = '';
  child.stderr.on('data', (chunk) => {
    lastWords = `${lastWords}${chunk}`.slice(-keptCharacters);
  });
  child.stdin.on('error', () => undefined); // it has ended, as `ended` says
  const lines = createInterface({ input: child.stdout });
  return {
    ended,
    lastWords: () => lastWords,
    tell: (line: object) => child.stdin.write(`${JSON.stringify(line)}\n`),
    onLine: (listener: (text: string) => void) => lines.on('line', listener),
    /** The end of its input ends it. */
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
