import { describe, expect, it } from 'vitest';
import { createRandom } from '../ports/random.contract.ts';
import { bestFirst, type RunningServer } from './best-first.ts';

const server = (name: string, sockets: number, zone: string | null = null): RunningServer => ({
  url: `wss://${name}.example/graphql`,
  zone,
  sockets,
});
const seed = 20_261_130;

/** How often each is the first of so many answers. */
function firsts(servers: readonly RunningServer[], zone: string | null, asked = 6_000) {
  const random = createRandom(seed);
  const counts = new Map<string, number>();
  for (let n = 0; n < asked; n += 1) {
    const [first] = bestFirst(servers, { zone, random: () => 1 - random() });
    counts.set(first?.url ?? '', (counts.get(first?.url ?? '') ?? 0) + 1);
  }
  return servers.map(({ url }) => (counts.get(url) ?? 0) / asked);
}

describe('Where a socket is best opened', () => {
  it(`is a server with half as many sockets twice as often (seed ${seed})`, () => {
    const [empty = 0, full = 0] = firsts([server('a', 9_999), server('b', 19_999)], null);
    expect(empty / full).toBeGreaterThan(1.8);
    expect(empty / full).toBeLessThan(2.2);
  });

  it('is each of several servers that are as busy, as often', () => {
    for (const share of firsts([server('a', 500), server('b', 500), server('c', 500)], null))
      expect(share).toBeCloseTo(1 / 3, 1);
  });

  it('is one that has just started, nearly always', () => {
    const [started = 0] = firsts([server('a', 0), server('b', 60_000)], null);
    expect(started).toBeGreaterThan(0.99);
  });

  it('is a server of the zone that was asked, however busy; others come behind it', () => {
    const servers = [server('far', 0, 'north'), server('near', 60_000, 'south'), server('anywhere', 0)];
    expect(firsts(servers, 'south')).toEqual([0, 1, 0]);
    const all = bestFirst(servers, { zone: 'south', random: () => 0.5 });
    expect(all[0]).toEqual({ url: 'wss://near.example/graphql', zone: 'south' });
    expect(all).toHaveLength(3);
  });

  it('is one place where several servers are behind one address, and one of ten at most', () => {
    const same = [server('chat', 5), server('chat', 7), server('chat', 0)];
    expect(bestFirst(same, { zone: null, random: () => 0.5 })).toEqual([
      { url: 'wss://chat.example/graphql', zone: null },
    ]);
    const many = Array.from({ length: 250 }, (_, n) => server(`chat-${n}`, n));
    expect(bestFirst(many, { zone: null, random: () => 0.5 })).toHaveLength(10);
    expect(bestFirst([], { zone: null, random: () => 0.5 })).toEqual([]);
  });
});
