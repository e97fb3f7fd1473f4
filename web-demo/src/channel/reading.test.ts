import { describe, expect, it } from 'vitest';
import { createReading } from './reading.ts';

/** Somebody at a window, and a server that hears of it or not. */
function createReader({ readNumber = 0, isMarkedUnread = false } = {}) {
  const marked: number[] = [];
  const pauses: (() => void)[] = [];
  const world = { isLooking: true, isHeard: true, readNumber };
  const reading = createReading({
    async mark(number) {
      marked.push(number);
      return world.isHeard;
    },
    isLooking: () => world.isLooking,
    readNumber: () => world.readNumber,
    isMarkedUnread,
    pause(next) {
      pauses.push(next);
      return () => void pauses.splice(pauses.indexOf(next), 1);
    },
  });
  return { reading, marked, world, endPause: () => pauses.shift()?.() };
}
const settle = async () => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
};

describe('reading', () => {
  it('marks the largest number that is on the screen', async () => {
    const { reading, marked, endPause } = createReader();
    reading.onVisible('a', 3);
    reading.onVisible('b', 5);
    reading.onVisible('c', 4);
    await settle();
    expect(marked).toEqual([3]);
    endPause();
    await settle();
    expect(marked).toEqual([3, 5]);
  });

  it('marks nothing while nobody looks, and then only what is on the screen still', async () => {
    const { reading, marked, world } = createReader();
    world.isLooking = false;
    reading.onVisible('a', 3);
    reading.onVisible('b', 9);
    await settle();
    expect(marked).toEqual([]);
    reading.onHidden('b');
    world.isLooking = true;
    reading.look();
    await settle();
    expect(marked).toEqual([3]);
  });

  it('marks nothing that is read already', async () => {
    const { reading, marked } = createReader({ readNumber: 5 });
    reading.onVisible('a', 5);
    await settle();
    expect(marked).toEqual([]);
  });

  it('does not mark the same again before the answer has reached the screen', async () => {
    const { reading, marked, endPause } = createReader();
    reading.onVisible('a', 5);
    await settle();
    endPause();
    reading.look();
    await settle();
    expect(marked).toEqual([5]);
  });

  it('marks a channel to be come back to as read, once, though nothing is new in it', async () => {
    const { reading, marked, endPause } = createReader({ readNumber: 5, isMarkedUnread: true });
    reading.onVisible('a', 5);
    await settle();
    endPause();
    reading.look();
    await settle();
    expect(marked).toEqual([5]);
  });

  it('says it again when it was not heard and the connection is back', async () => {
    const { reading, marked, world, endPause } = createReader();
    world.isHeard = false;
    reading.onVisible('a', 5);
    await settle();
    expect(marked).toEqual([5]);
    world.isHeard = true;
    endPause();
    reading.look();
    await settle();
    expect(marked).toEqual([5, 5]);
  });
});
