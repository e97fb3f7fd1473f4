import { expect, it } from 'vitest';
import { read } from '../client/ask.ts';
import { closeClient, openStockClient } from '../client/stock-client.ts';
import { serverOfAll } from '../e2e/running.ts';
import { acknowledgeAfter, answerOnce } from './bot.ts';
import { openClientWorld } from './client-world.ts';
import { type ChatEvent, documents, type EventsData } from './documents.ts';
import { openGraphqlWsChat } from './graphql-ws.ts';

const server = serverOfAll();

it('a bot answers once, though it is told of the question again after a restart', async ({
  onTestFinished,
}) => {
  const { chat, events, sendAsBob, texts } = await openClientWorld(
    onTestFinished,
    server(),
    openGraphqlWsChat,
  );
  const bot = await chat();
  await sendAsBob('ping');
  await expect.poll(texts).toEqual(['ping']);
  const question = events().find(({ message }) => message?.text === 'ping');
  if (!question) throw new Error('There is no question.');
  for (const again of [question, question])
    await answerOnce(bot, again, (text) => (text === 'ping' ? 'pong' : undefined));
  await sendAsBob('thanks');
  await expect.poll(() => texts().at(-1)).toBe('thanks');
  expect(texts()).toEqual(['ping', 'pong', 'thanks']);
});

it('a bot that keeps nothing does again what it had not acknowledged, and goes on behind the rest', async ({
  onTestFinished,
}) => {
  const { ann, sendAsBob, httpUrl, port } = await openClientWorld(
    onTestFinished,
    server(),
    openGraphqlWsChat,
  );
  const token = ann.session.accessToken;
  const done: string[] = [];
  let failing = '';

  /** Runs until it fails, and then forgets everything. Resolves when it is up to date for the first time. */
  function run(): Promise<void> {
    const client = openStockClient({ socketUrl: `ws://127.0.0.1:${port}/graphql`, token: () => token });
    onTestFinished(() => closeClient(client));
    const take = acknowledgeAfter({
      async work({ message }) {
        if (!message?.text) return;
        done.push(message.text);
        if (message.text === failing) throw new Error('The power fails.');
      },
      acknowledge: (cursors) =>
        read(httpUrl, { query: documents.acknowledgeEvents, variables: { cursors }, token }),
    });
    return new Promise((resolve) => {
      const next = ({ data }: { readonly data?: EventsData | null }) => {
        if (!data) return;
        const event: ChatEvent = data.events;
        take(event).then(
          () => event.__typename === 'CaughtUp' && resolve(),
          () => closeClient(client),
        );
      };
      client.subscribe<EventsData>(
        { query: documents.events },
        { next, error: () => undefined, complete: () => undefined },
      );
    });
  }
  await run();
  await sendAsBob('one');
  await expect.poll(() => done).toEqual(['one']);
  failing = 'two';
  await sendAsBob('two');
  await expect.poll(() => done).toEqual(['one', 'two']);
  await sendAsBob('three');
  failing = '';
  await run();
  expect(done).toEqual(['one', 'two', 'two', 'three']);
  await run();
  expect(done).toEqual(['one', 'two', 'two', 'three']);
});
