import { describe, expect, it } from 'vitest';
import { openMemoryEventLog } from '../ports/event-log.memory.ts';
import { createCursorCodec } from './cursor.ts';
import type { LogDelivery } from './delivery.ts';
import type { LogEvent } from './event.ts';
import { createHub } from './hub.ts';
import { allRules } from './rules.ts';
import { channelId, draft, settled, start } from './test/stream-world.ts';

/** A hub over a log whose reads can be held back. */
function world(head = 0) {
  const log = openMemoryEventLog();
  const held: (() => void)[] = [];
  const state = { reads: 0, isHolding: false, wakes: 0, isGone: false };
  const hub = createHub({
    channelId,
    epoch: 1,
    head,
    log: {
      async read(...args) {
        state.reads += 1;
        const events = await log.read(...args);
        if (state.isHolding) await new Promise<void>((resolve) => held.push(resolve));
        return events;
      },
    },
    version: 0,
    positions: { movedAfter: () => Promise.reject(new Error('Nothing moved here.')) },
    codec: createCursorCodec('test'),
    rules: allRules,
    onGone: () => {
      state.isGone = true;
    },
  });
  hub.listeners.add(() => {
    state.wakes += 1;
  });
  const commit = async (...bodies: readonly string[]) => {
    const appended = await log.append(
      channelId,
      bodies.map((body) => draft(body)),
      start,
    );
    return appended.map(({ event }) => event);
  };
  const erase = async (refSeq: number) => {
    const [appended] = await log.append(channelId, [draft('', { kind: 'message.deleted', refSeq })], start);
    return appended ? [appended.event] : [];
  };
  const hint = (events: readonly LogEvent[], epoch = 1) => hub.onHint({ epoch, events });
  const headNow = async () => {
    const found = (await log.heads([channelId])).heads.get(channelId);
    return found ?? { head: 0, messageCount: 0, lastCreatedAt: 0 };
  };
  return { log, hub, state, held, commit, erase, hint, headNow };
}

const textOf = (delivery: LogDelivery | undefined) => delivery?.event.message?.text;

describe('a hint', () => {
  it('with the next event brings it to everybody as one frozen object, without a look at the log', async () => {
    const { hub, state, commit, hint } = world();
    hint(await commit('one'));
    expect(textOf(hub.next(0))).toBe('one');
    expect(hub.next(0)).toBe(hub.next(0));
    expect([Object.isFrozen(hub.next(0)), Object.isFrozen(hub.next(0)?.event)]).toEqual([true, true]);
    expect([hub.pos, state.wakes, state.reads]).toEqual([1, 1, 0]);
  });

  it('that was heard before changes nothing', async () => {
    const { hub, state, commit, hint } = world();
    const events = await commit('one', 'two');
    hint(events);
    hint(events);
    expect([hub.pos, state.wakes]).toEqual([2, 1]);
  });

  it('beyond the next event makes it read the log, and pass over nothing', async () => {
    const { hub, state, commit, hint } = world();
    await commit('one', 'two');
    hint(await commit('three'));
    await settled();
    expect([hub.pos, state.reads]).toEqual([3, 1]);
    expect([0, 1, 2].map((seq) => textOf(hub.next(seq)))).toEqual(['one', 'two', 'three']);
  });

  it('that comes while the log is read is not forgotten, though that read was too early for it', async () => {
    const { hub, state, held, commit, hint } = world();
    state.isHolding = true;
    await commit('one');
    hint(await commit('two'));
    await settled();
    await commit('three');
    hint(await commit('four'));
    state.isHolding = false;
    held.shift()?.();
    await settled();
    expect(hub.pos).toBe(4);
  });

  it('that comes together with the one before it, in the wrong order, costs no look at the log', async () => {
    const { hub, state, commit, hint } = world();
    const [one, two, three] = [await commit('one'), await commit('two'), await commit('three')];
    hint(three);
    hint(two);
    hint(one);
    expect([0, 1, 2].map((seq) => textOf(hub.next(seq)))).toEqual(['one', 'two', 'three']);
    await settled();
    expect([hub.pos, state.reads, state.wakes]).toEqual([3, 0, 1]);
  });

  it('that waits for the one before it is there as soon as that is heard of, though the log does not answer', async () => {
    const { hub, state, held, commit, erase, hint } = world();
    state.isHolding = true;
    const one = await commit('secret');
    hint(await erase(1));
    await settled();
    expect([hub.pos, state.reads]).toEqual([0, 1]);
    hint(one);
    expect([hub.pos, hub.next(0)?.event.message?.deletedAt]).toEqual([2, start]);
    held.shift()?.();
    await settled();
    expect([hub.pos, state.wakes]).toEqual([2, 1]);
  });

  it('that is far beyond what comes next is not kept: the log has it', async () => {
    const { hub, state, held, commit, hint } = world();
    state.isHolding = true;
    const first = await commit('first');
    for (let nth = 2; nth <= 100; nth += 1) hint(await commit(`${nth}`));
    hint(first);
    expect(hub.pos).toBe(65);
    state.isHolding = false;
    held.shift()?.();
    await settled();
    expect([hub.pos, textOf(hub.next(99))]).toEqual([100, '100']);
  });

  it('of an older epoch is dropped, one of a newer ends the hub', async () => {
    const { hub, state, commit, hint } = world();
    const events = await commit('one');
    hint(events, 0);
    expect([hub.pos, hub.isGone]).toEqual([0, false]);
    hint(events, 2);
    expect([hub.isGone, state.isGone, state.wakes]).toEqual([true, true, 1]);
  });
});

describe('the head of the log', () => {
  it('makes it read what no hint told', async () => {
    const { hub, commit, headNow } = world();
    await commit('one', 'two');
    await hub.onHead({ epoch: 1, head: await headNow(), asked: 0 });
    expect(hub.pos).toBe(2);
  });

  it('ends the hub when it is smaller than what the hub had when it was asked for', async () => {
    const { hub, commit, hint, headNow } = world();
    hint(await commit('one', 'two'));
    const head = await headNow();
    await hub.onHead({ epoch: 1, head: { ...head, head: 1 }, asked: 2 });
    expect(hub.isGone).toBe(true);
  });

  it('says nothing about what the hub heard of while it was asked for', async () => {
    const { hub, commit, hint, headNow } = world();
    hint(await commit('one'));
    const head = await headNow();
    hint(await commit('two'));
    await hub.onHead({ epoch: 1, head, asked: 1 });
    expect([hub.isGone, hub.pos]).toEqual([false, 2]);
  });

  it('rejects when the log cannot be read, and works the next time', async () => {
    const { hub, log, commit, headNow } = world();
    await commit('one');
    const found = { epoch: 1, head: await headNow(), asked: 0 };
    const read = log.read;
    log.read = () => Promise.reject(new Error('down'));
    await expect(hub.onHead(found)).rejects.toThrow('down');
    log.read = read;
    await hub.onHead(found);
    expect(hub.pos).toBe(1);
  });
});

describe('a deleted text', () => {
  it('is not in the ring any more', async () => {
    const { hub, commit, erase, hint } = world();
    hint(await commit('secret', 'other'));
    hint(await erase(1));
    const texts = [0, 1, 2].map((seq) => textOf(hub.next(seq)));
    expect(texts).toEqual([null, 'other', null]);
  });

  it('is not in what was made of replies to it: those become other objects, and nothing else does', async () => {
    const { hub, log, commit, erase, hint } = world();
    hint(await commit('secret', 'other'));
    const answers = [draft('to it', { refSeq: 1 }), draft('to another', { refSeq: 2 })];
    hint((await log.append(channelId, answers, start)).map(({ event }) => event));
    const before = [1, 2, 3].map(hub.next);
    hint(await erase(1));
    const after = [1, 2, 3].map(hub.next);
    expect(after.map((delivery, index) => delivery === before[index])).toEqual([true, false, true]);
    expect(after[1]).toEqual(before[1]);
    expect(Object.isFrozen(after[1]?.event)).toBe(true);
  });

  it('makes pages stale that were read before, also while they are on their way', async () => {
    const { hub, state, held, commit, erase, hint } = world(2);
    await commit('secret', 'other');
    state.isHolding = true;
    const page = hub.page(0);
    await settled();
    hint(await erase(1));
    const fresh = hub.page(0);
    await settled();
    for (const release of held) release();
    expect((await page).changes).toBeLessThan(hub.changes);
    expect((await fresh).changes).toBe(hub.changes);
    expect((await fresh).deliveries.map(textOf)).toEqual([null, 'other', null]);
  });
});

describe('a page', () => {
  it('is read once for all who want it, and moves the hub on when it reaches further', async () => {
    const { hub, state, commit } = world(2);
    await commit('one', 'two', 'three');
    const [a, b] = await Promise.all([hub.page(0), hub.page(0)]);
    expect(a).toBe(b);
    expect(a.deliveries.map(textOf)).toEqual(['one', 'two', 'three']);
    expect([state.reads, hub.pos]).toEqual([1, 3]);
  });

  it('weighs at most 64 KiB, unless it is one event', async () => {
    const { hub, commit } = world(6);
    await commit(...Array.from({ length: 6 }, (_, index) => `${index}${'x'.repeat(12_000)}`));
    expect((await hub.page(0)).deliveries).toHaveLength(2);
    expect((await hub.page(5)).deliveries).toHaveLength(1);
  });
});
