import { expect, it } from 'vitest';
import { eventLogContract } from './event-log.contract.ts';
import { openMemoryEventLog } from './event-log.memory.ts';

eventLogContract('memory', async () => {
  const log = openMemoryEventLog();
  return { openLog: async () => log, close: () => log.close() };
});

it('belongs to the epoch it was opened with', async () => {
  expect(await openMemoryEventLog({ epoch: 7 }).heads([])).toMatchObject({ epoch: 7 });
});
