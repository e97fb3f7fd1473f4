import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendingContract, refusingContract } from './event-log-append.contract.ts';
import { concurrencyContract } from './event-log-concurrency.contract.ts';
import { outliningContract } from './event-log-outline.contract.ts';
import { pagingContract, readingContract } from './event-log-read.contract.ts';
import { answeringContract, insistingContract } from './event-log-reply.contract.ts';
import { changingContract, deletingContract } from './event-log-state.contract.ts';
import { type EventLogWorld, freshChannel, sent, start } from './event-log-world.contract.ts';

export type { EventLogWorld } from './event-log-world.contract.ts';

/** What every event log promises, whoever stores it. Each test has a channel of its own in a store that the suite shares. */
export function eventLogContract(name: string, openWorld: () => Promise<EventLogWorld>): void {
  describe(`event log: ${name}`, () => {
    let world: EventLogWorld;
    beforeAll(async () => {
      world = await openWorld();
    });
    afterAll(() => world.close());
    const openLog = () => world.openLog();

    describe('appending', () => appendingContract(openLog));
    describe('refusing', () => refusingContract(openLog));
    describe('reading', () => readingContract(openLog));
    describe('paging', () => pagingContract(openLog));
    describe('changing messages', () => changingContract(openLog));
    describe('deleting messages', () => deletingContract(openLog));
    describe('answering messages', () => answeringContract(openLog));
    describe('insisting on a revision', () => insistingContract(openLog));
    describe('outlining', () => outliningContract(openLog));
    describe('many at once', () => concurrencyContract(openLog));
    describe('closing', () => closingContract(openWorld));
  });
}

function closingContract(openWorld: () => Promise<EventLogWorld>): void {
  it('finishes what is in flight, then refuses', async () => {
    const world = await openWorld();
    const log = await world.openLog();
    const channelId = freshChannel();
    const inFlight = log.append(channelId, [sent('last words')], start);
    await log.close();
    expect(await inFlight).toMatchObject([{ event: { seq: 1 } }]);
    await expect(log.append(channelId, [sent('too late')], start)).rejects.toThrow('closed');
    await expect(log.read(channelId, 0, 1)).rejects.toThrow('closed');
    await log.close();
    await world.close();
  });
}
