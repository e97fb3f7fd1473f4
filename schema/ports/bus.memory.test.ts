import { expect, it } from 'vitest';
import { busContract } from './bus.contract.ts';
import { openMemoryBus } from './bus.memory.ts';

busContract('memory', async () => {
  const bus = openMemoryBus();
  return { openBus: async () => bus, close: () => bus.close() };
});

it('tells what went wrong in a listener', async () => {
  const errors: unknown[] = [];
  const bus = openMemoryBus({ onListenerError: (error) => errors.push(error) });
  await bus.subscribe('a', () => {
    throw new Error('thrown');
  });
  await bus.subscribe('a', async () => {
    throw new Error('rejected');
  });
  const told = new Promise<void>((resolve) => void bus.subscribe('b', () => resolve()));
  bus.publish('a', null);
  bus.publish('b', null);
  await told;
  expect(errors).toEqual([new Error('thrown'), new Error('rejected')]);
});
