import { describe, expect, it } from 'vitest';
import { createPayloadStore } from './payload-store.ts';

function open(bounds = { maxPerEvent: 3, maxLength: 100 }) {
  const store = createPayloadStore(bounds);
  let made = 0;
  const make = (length: number) => async () => {
    made += 1;
    return 'x'.repeat(length);
  };
  return {
    get: (event: object, key: string, length = 10) => store.payloadOf(event, key, make(length)),
    store,
    made: () => made,
  };
}

describe('what was made of an event', () => {
  it('is made once, also when several ask before it is there', async () => {
    const { get, made } = open();
    const event = {};
    expect(await Promise.all([get(event, 'a'), get(event, 'a')])).toEqual(['x'.repeat(10), 'x'.repeat(10)]);
    expect(get(event, 'a')).toBe('x'.repeat(10));
    await get(event, 'b');
    await get({}, 'a');
    expect(made()).toBe(3);
  });

  it('is kept in so many forms only, and made each time beyond that', async () => {
    const { get, made } = open();
    const event = {};
    for (const key of ['a', 'b', 'c', 'd', 'd', 'a']) await get(event, key);
    expect(made()).toBe(5);
  });

  it('is forgotten, the oldest first, when there is too much of it', async () => {
    const { get, made } = open();
    const [first, second, third] = [{}, {}, {}];
    for (const event of [first, second, third]) await get(event, 'a', 40);
    expect(made()).toBe(3);
    for (const event of [third, second]) expect(get(event, 'a')).toHaveLength(40);
    await get(first, 'a', 40);
    expect(made()).toBe(4);
  });

  it('is made again after a failure', async () => {
    const { get, store } = open();
    const event = {};
    await expect(store.payloadOf(event, 'a', () => Promise.reject(new Error('No.')))).rejects.toThrow('No.');
    expect(await get(event, 'a')).toHaveLength(10);
  });
});
