import { describe, expect, it } from 'vitest';
import { createSocketPlaces } from './socket-places.ts';

describe('The next socket', () => {
  it('is opened where the page came from, until the server says where', () => {
    const places = createSocketPlaces('wss://chat.test/graphql');
    expect(places.now()).toBe('wss://chat.test/graphql');
    places.goOn();
    expect(places.now()).toBe('wss://chat.test/graphql');
    places.know(['wss://one.test/graphql', 'wss://two.test/graphql']);
    expect(places.now()).toBe('wss://one.test/graphql');
  });

  it('is opened at the next place when one fails, where the page came from last, and then at the first again', () => {
    const places = createSocketPlaces('own');
    places.know(['one', 'two']);
    const tried = Array.from({ length: 5 }, () => {
      const now = places.now();
      places.goOn();
      return now;
    });
    expect(tried).toEqual(['one', 'two', 'own', 'one', 'two']);
  });

  it('is one place further, however often it is said that the last one failed', () => {
    const places = createSocketPlaces('own');
    places.know(['one', 'two']);
    expect(places.now()).toBe('one');
    expect([places.goOn(), places.goOn()]).toEqual([true, false]);
    expect(places.now()).toBe('two');
  });

  it('has each place once, and the best first again when the server says it anew', () => {
    const places = createSocketPlaces('own');
    places.know(['own', 'other']);
    places.goOn();
    expect(places.now()).toBe('other');
    places.goOn();
    expect(places.now()).toBe('own');
    places.know(['third', 'own']);
    expect(places.now()).toBe('third');
  });
});
