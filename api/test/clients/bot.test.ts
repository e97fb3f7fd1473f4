import { expect, it } from 'vitest';
import { serverOfAll } from '../e2e/running.ts';
import { answerOnce } from './bot.ts';
import { openClientWorld } from './client-world.ts';
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
