import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { createManualClock } from '../../schema/ports/clock.manual.ts';
import { createOpenRequests, stopping } from './open-requests.ts';

const newResponse = () => new ServerResponse(new IncomingMessage(new Socket()));

it('an operation ends with its client', () => {
  const requests = createOpenRequests(createManualClock(0));
  const response = newResponse();
  const { signal } = requests.enter(response);
  expect([signal.aborted, requests.size]).toEqual([false, 1]);
  response.emit('close'); // as the server does when the connection is gone
  expect([signal.aborted, requests.size]).toEqual([true, 0]);
});

it('an operation whose client has left already does not begin', () => {
  const requests = createOpenRequests(createManualClock(0));
  const response = newResponse();
  response.destroy();
  expect(requests.enter(response).signal.aborted).toBe(true);
  expect(requests.size).toBe(0);
});

it('all end with the server, spread over its time, and those that come meanwhile at once', async () => {
  const clock = createManualClock(0);
  const requests = createOpenRequests(clock);
  const signals = Array.from({ length: 4 }, () => requests.enter(newResponse()).signal);
  const ended = () => signals.filter(({ aborted }) => aborted).length;
  const closed = requests.close(4_000);
  expect(requests.enter(newResponse()).signal.reason).toBe(stopping);
  for (const count of [1, 2, 3, 4]) {
    expect(ended()).toBe(count);
    await clock.advance(1_000);
  }
  await closed;
  expect(signals.every(({ reason }) => reason === stopping)).toBe(true);
});
