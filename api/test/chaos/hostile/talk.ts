import { setTimeout as pause } from 'node:timers/promises';
import { type Line, openLine } from './line.ts';
import { textAt } from './reader.ts';

/** Messages into one channel, so many a second, whether or not they are answered. */
export type Talk = {
  /** The numbers of those that were acknowledged. */
  readonly acknowledged: ReadonlySet<number>;
  /** How many were answered with something else, and the first of those answers. */
  refused(): number;
  readonly refusals: readonly string[];
  /** No more are sent; resolves when all are answered, or nobody will. */
  stop(): Promise<void>;
};

type Settings = {
  readonly url: string;
  /** Of those who talk, in turns: a socket may send only so much. */
  readonly tokens: readonly string[];
  readonly channelId: string;
  readonly perSecond: number;
};

const mutation =
  'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename ... on SendMessagePayload { message { number } } ' +
  '... on UserError { code } } }';
const everyMs = 10;
/** A server that answers nothing does not get more and more. */
const mostOnTheirWay = 1_000;
const answerMs = 15_000;
const keptRefusals = 5;

export async function startTalk({ url, tokens, channelId, perSecond }: Settings): Promise<Talk> {
  const acknowledged = new Set<number>();
  const refusals: string[] = [];
  let startedAt = 0;
  let onTheirWay = 0;
  let sent = 0;
  let refused = 0;
  const onFrame = (frame: string) => {
    if (frame.includes('"type":"complete"')) return;
    onTheirWay -= 1;
    const number = /"message":\{"number":(\d+)\}/.exec(frame)?.[1];
    if (number !== undefined) acknowledged.add(Number(number));
    else {
      refused += 1;
      if (refusals.length < keptRefusals) refusals.push(frame);
    }
  };
  const lines = await Promise.all(tokens.map((token) => openTalker({ url, token, onFrame })));

  function sendOne(): void {
    sent += 1;
    onTheirWay += 1;
    const input = { channelId, text: textAt(performance.now()), nonce: `${startedAt}-${sent}` };
    const payload = { query: mutation, variables: { input } };
    lines[sent % lines.length]?.send(JSON.stringify({ id: `m${sent}`, type: 'subscribe', payload }));
  }
  startedAt = performance.now();
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) / 1_000) * perSecond);
    if (onTheirWay > mostOnTheirWay) sent = due;
    while (sent < due) sendOne();
  }, everyMs);
  return {
    acknowledged,
    refusals,
    refused: () => refused,
    async stop() {
      clearInterval(timer);
      const until = performance.now() + answerMs;
      while (onTheirWay > 0 && performance.now() < until) await pause(everyMs);
      for (const line of lines) line.close();
    },
  };
}

type Talker = Pick<Settings, 'url'> & { readonly token: string; readonly onFrame: (frame: string) => void };

function openTalker({ url, token, onFrame }: Talker): Promise<Line> {
  return new Promise((resolve, reject) => {
    const line = openLine({
      url,
      token,
      onFrame(frame) {
        if (frame.startsWith('{"type":"connection_ack"')) resolve(line);
        else if (frame.startsWith('{"type":"ping"')) line.send('{"type":"pong"}');
        else onFrame(frame);
      },
      onGone: () => reject(new Error('Somebody who was to talk could not.')),
    });
  });
}
