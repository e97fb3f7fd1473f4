import { expect, it } from 'vitest';
import type { Sent } from './history.ts';
import { type Attempt, emptyOutbox } from './outbox.ts';

const messages = (): readonly Sent[] =>
  ['a', 'b', 'c'].map((nonce) => ({ device: 'd', authorId: 'u', channelId: 'c', nonce, text: nonce }));
const now = async () => undefined;

it('a failure ends what is on its way behind it, so that a client cannot repeat that first', async () => {
  const attempts: string[] = [];
  let fail: () => void = () => undefined;
  let isFirstTime = true;
  const attempt: Attempt = ({ nonce }, givenUp) => {
    attempts.push(nonce);
    if (!isFirstTime) return Promise.resolve({ number: attempts.length, at: 0 });
    return new Promise((resolve) => {
      givenUp.addEventListener('abort', () => resolve(undefined));
      if (nonce === 'a') fail = () => resolve(undefined);
      if (nonce !== 'c') return;
      isFirstTime = false;
      fail(); // as the last one is just sent
    });
  };
  const sent = messages();
  await emptyOutbox(sent, {
    ...{ attempt, think: now, backOff: now, onAcknowledged: () => undefined },
    signal: new AbortController().signal,
  });
  expect(attempts).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  expect(sent.map(({ acknowledged }) => acknowledged?.number)).toEqual([4, 5, 6]);
});
