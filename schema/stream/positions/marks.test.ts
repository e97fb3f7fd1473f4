import { type Logger, pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { channelIdOf, serverAuthorId, type UserId, userIdOf } from '../../ids.ts';
import { createManualClock } from '../../ports/clock.manual.ts';
import { openMemoryEventLog } from '../../ports/event-log.memory.ts';
import { openMemoryMemberships } from '../../ports/memberships.memory.ts';
import type { Positions } from '../../ports/positions.ts';
import { upTo } from '../../ports/random.contract.ts';
import { clientNonce } from '../event.ts';
import { draftOf } from '../outbox.ts';
import { createMarks, type PositionsMoved } from './marks.ts';

const channelId = channelIdOf(1n);
const start = 1_717_171_717_171;
const refusal = (code: string) => expect.objectContaining({ extensions: expect.objectContaining({ code }) });

type Options = { readonly people?: number; readonly change?: (inner: Positions) => Partial<Positions> };

/** A channel of some people, in which the first has said ten things; and a process that writes how far they are. */
async function open({ people: count = 3, change = () => ({}) }: Options = {}) {
  const clock = createManualClock(start);
  const log = openMemoryEventLog();
  const { memberships, positions: inner, addUser, addGroup } = openMemoryMemberships();
  const people = upTo(count).map((n) => addUser(userIdOf(BigInt(n))));
  addGroup(channelId);
  const who = { by: serverAuthorId, candidates: people, now: start };
  await memberships.change(channelId, who, () => ({
    changes: people.map((userId) => ({ kind: 'ADDED', userId, role: 'MEMBER' })),
    result: undefined,
  }));
  const pending = await memberships.pending(channelId, Number.MAX_SAFE_INTEGER);
  for (let from = 0; from < pending.length; from += 64)
    await log.append(channelId, pending.slice(from, from + 64).map(draftOf), start);
  const [first = userIdOf(1n)] = people;
  const say = (nonce: string, authorId = first) =>
    log.append(channelId, [{ kind: 'message.sent', authorId, nonce: clientNonce(nonce), body: '' }], start);
  for (const n of upTo(10)) await say(`${n}`);
  const writes: number[] = [];
  const positions: Positions = {
    ...inner,
    write: (...args) => {
      writes.push(clock.now() - start);
      return inner.write(...args);
    },
  };
  const moved: PositionsMoved[] = [];
  const warn = vi.fn<Logger['warn']>();
  const logger = Object.assign(pino({ enabled: false }), { warn });
  /** How often it looked for single messages. */
  const looks = vi.spyOn(log, 'messagesAt');
  const settings = { log, clock, logger, announce: (told: PositionsMoved) => void moved.push(told) };
  const marks = createMarks({ ...settings, positions: { ...positions, ...change(positions) } });
  const other = createMarks({ ...settings, positions: inner });
  const readOf = async (userId: UserId) => {
    const { positions: stored = [] } = (await inner.of([channelId])).get(channelId) ?? {};
    return stored.find((one) => one.userId === userId)?.counters.readNumber;
  };
  return { clock, people, writes, moved, warn, looks, say, marks, other, readOf };
}
const pick = (people: readonly UserId[], index: number) => people[index] ?? userIdOf(99n);

describe('marks', () => {
  it('that come together are one write, durable when it is answered', async () => {
    const { people, marks, writes, moved, readOf } = await open();
    await Promise.all(people.slice(1).map((userId) => marks.mark(channelId, userId, { read: 4 })));
    expect([writes, await readOf(pick(people, 1)), await readOf(pick(people, 2))]).toEqual([[0], 4, 4]);
    expect(moved).toMatchObject([{ channelId, version: 1, at: start }]);
    expect(moved[0]?.memberIds).toHaveLength(2);
  });

  it('that come meanwhile go into the next write, a tenth of a second later, each person with the furthest', async () => {
    const { clock, people, marks, writes, readOf } = await open();
    const bob = pick(people, 1);
    await marks.mark(channelId, bob, { read: 1 });
    const later = [3, 9, 5].map((read) => marks.mark(channelId, bob, { read }));
    await clock.advance(99);
    expect(writes).toEqual([0]);
    await clock.advance(1);
    await Promise.all(later);
    expect([writes, await readOf(bob)]).toEqual([[0, 100], 9]);
    // After a pause there is nothing to wait for.
    await clock.advance(100);
    await marks.mark(channelId, bob, { read: 10 });
    expect(writes).toEqual([0, 100, 200]);
  });

  it('that say nothing new are not written, nor told', async () => {
    const { clock, people, marks, writes, moved, readOf } = await open();
    const bob = pick(people, 1);
    await marks.mark(channelId, bob, { read: 5, delivered: 7 });
    for (const mark of [{ read: 5 }, { read: 2, delivered: 6 }, { delivered: 3 }, {}]) {
      const again = marks.mark(channelId, bob, mark);
      await clock.advance(100);
      await again;
    }
    expect([writes, moved.length, await readOf(bob)]).toEqual([[0], 1, 5]);
    // Nor is what the log alone makes of a position told: who sees the messages knows it.
    marks.catchUp(channelId);
    await clock.advance(100);
    expect([writes.length, moved.length]).toEqual([1, 1]);
  });

  it('of what is new are counted by what was read for the round anyway', async () => {
    const { clock, people, marks, looks, say, readOf } = await open();
    const bob = pick(people, 1);
    await marks.mark(channelId, bob, { read: 10 });
    for (const n of upTo(3)) await say(`new ${n}`);
    await say('own', bob);
    await say('newest');
    const marked = marks.mark(channelId, bob, { read: 13 });
    await clock.advance(100);
    await marked;
    // His own message comes right behind what he has read.
    expect([await readOf(bob), looks.mock.calls.length]).toEqual([14, 0]);
  });

  it('of who is not in the channel change nothing', async () => {
    const { people, marks, readOf } = await open();
    const nobody = userIdOf(77n);
    await marks.mark(channelId, nobody, { read: 5 });
    await marks.mark(channelIdOf(2n), pick(people, 1), { read: 5 });
    expect(await readOf(nobody)).toBeUndefined();
  });

  it('are made again on what another process wrote meanwhile', async () => {
    let meanwhile = async () => {};
    const { clock, people, marks, other, readOf } = await open({
      change: (inner) => ({
        async write(...args) {
          await meanwhile();
          return inner.write(...args);
        },
      }),
    });
    const [bob, cyn] = [pick(people, 1), pick(people, 2)];
    meanwhile = async () => {
      meanwhile = async () => {};
      await other.mark(channelId, cyn, { read: 8 });
    };
    const marked = marks.mark(channelId, bob, { read: 4 });
    await clock.advance(5);
    await marked;
    expect([await readOf(bob), await readOf(cyn)]).toEqual([4, 8]);
  });

  it('are not lost with an answer: what was written is not written again', async () => {
    let isLost = true;
    const { clock, people, marks, readOf, warn } = await open({
      change: (inner) => ({
        async write(...args) {
          const written = await inner.write(...args);
          if (!isLost) return written;
          isLost = false;
          throw new Error('The answer is lost.');
        },
      }),
    });
    const marked = marks.mark(channelId, pick(people, 1), { read: 4 });
    await clock.advance(5);
    await marked;
    expect(await readOf(pick(people, 1))).toBe(4);
    expect(warn).toHaveBeenCalledOnce();
  });

  it('are tried for five seconds while the store does not answer, and then may be repeated', async () => {
    let isDown = true;
    const { clock, people, marks, readOf, warn } = await open({
      change: (inner) => ({
        of: (ids) => (isDown ? Promise.reject(new Error('The store is down.')) : inner.of(ids)),
      }),
    });
    const bob = pick(people, 1);
    const marked = marks.mark(channelId, bob, { read: 4 });
    const refused = expect(marked).rejects.toEqual(refusal('UNAVAILABLE'));
    await clock.advance(5_000);
    await refused;
    expect(warn).toHaveBeenCalledOnce();
    isDown = false;
    await marks.mark(channelId, bob, { read: 4 });
    expect(await readOf(bob)).toBe(4);
  });

  it('are written when the store is there again in time', async () => {
    let isDown = true;
    const { clock, people, marks, readOf } = await open({
      change: (inner) => ({
        of: (ids) => (isDown ? Promise.reject(new Error('The store is down.')) : inner.of(ids)),
      }),
    });
    const marked = marks.mark(channelId, pick(people, 1), { read: 4 });
    await clock.advance(2_000);
    isDown = false;
    await clock.advance(500);
    await marked;
    expect(await readOf(pick(people, 1))).toBe(4);
  });

  it('of more people than ever wait in one channel are refused, and cost the others nothing', async () => {
    const { clock, people, marks, readOf } = await open();
    await marks.mark(channelId, pick(people, 1), { read: 1 });
    const waiting = upTo(1_000).map((n) => marks.mark(channelId, userIdOf(BigInt(n)), { read: 6 }));
    await expect(marks.mark(channelId, userIdOf(2_000n), { read: 6 })).rejects.toEqual(
      refusal('RATE_LIMITED'),
    );
    // Who waits already may say more.
    const more = marks.mark(channelId, pick(people, 1), { read: 7 });
    await clock.advance(100);
    await Promise.all([...waiting, more]);
    expect([await readOf(pick(people, 1)), await readOf(pick(people, 2))]).toEqual([7, 6]);
  });

  it('on their way are finished at the end, without waiting for their time', async () => {
    const { people, marks, writes, readOf } = await open();
    await marks.mark(channelId, pick(people, 1), { read: 1 });
    const late = marks.mark(channelId, pick(people, 1), { read: 9 });
    await marks.close();
    await late;
    expect([writes, await readOf(pick(people, 1))]).toEqual([[0, 0], 9]);
  });

  it('of a hundred people take the log into account once', async () => {
    const { people, marks, writes, moved } = await open({ people: 100 });
    await Promise.all(people.map((userId) => marks.mark(channelId, userId, { read: 5 })));
    // The author has read what they wrote, by the log; for the others it is news.
    expect([writes.length, moved[0]?.memberIds.length]).toEqual([1, 99]);
  });
});
