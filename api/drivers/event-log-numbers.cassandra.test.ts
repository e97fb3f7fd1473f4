import { describe, expect, it } from 'vitest';
import { channelIdOf, type Seq, userIdOf } from '../../schema/ids.ts';
import { createRandom, upTo } from '../../schema/ports/random.contract.ts';
import type { Entries } from './event-log.cassandra-entries.ts';
import { createNumbers, type Numbers } from './event-log.cassandra-numbers.ts';
import { type Entry, isSent } from './event-log.cassandra-rows.ts';

const channelId = channelIdOf(1n);

/** A log in memory, of messages (`m`) and edits (`e`), that counts how often it is read. */
function logOf(kinds: readonly ('m' | 'e')[]) {
  let number = 0;
  const all: Entry[] = kinds.map((kind, index) => {
    if (kind === 'm') number += 1;
    return {
      ...{ seq: index + 1, number, kind: kind === 'm' ? 'message.sent' : 'message.edited' },
      ...{
        authorId: userIdOf(1n),
        nonce: `c:${index}`,
        createdAt: 1,
        body: '',
        refSeq: null,
        changeBefore: 0,
      },
    };
  });
  const counts = { reads: 0, places: 0 };
  const counted = (found: Entry[]) => {
    counts.reads += 1;
    counts.places += found.length;
    return found;
  };
  const entries: Entries = {
    within: async (_, after, to) => counted(all.slice(after, to)),
    async at(_, seqs: Iterable<Seq>) {
      const found = [...seqs].flatMap((seq) => all[seq - 1] ?? []);
      return new Map(counted(found).map((entry) => [entry.seq, entry]));
    },
  };
  const place = {
    ...{ bucket: 0, head: all.length, messageCount: number, lastCreatedAt: 1, changeSeq: 0, isOpened: true },
  };
  const find = createNumbers(entries);
  return {
    counts,
    find: async (numbers: Numbers) =>
      (await find(channelId, place, numbers)).map(({ number: found }) => found),
    /** The same, by looking at everything. */
    plain({ after, before, take, limit }: Numbers) {
      const wanted = all.filter((entry) => isSent(entry) && entry.number > after && entry.number < before);
      return (take === 'first' ? wanted.slice(0, limit) : wanted.slice(-limit)).map((entry) => entry.number);
    },
  };
}

const edits = (count: number) => upTo(count).map(() => 'e' as const);

describe('messages by number, in a log without an index', () => {
  it('are found whatever stands between them, as by looking at everything', async () => {
    const seed = 20_261_130;
    const random = createRandom(seed);
    const below = (n: number) => Math.floor(random() * n);
    for (const round of upTo(400)) {
      const kinds = upTo(below(12)).flatMap(() => [
        ...upTo(below(6)).map(() => 'm' as const),
        ...edits(random() < 0.3 ? below(120) : below(4)),
      ]);
      const log = logOf(kinds);
      const numbers: Numbers = {
        ...{ after: below(20), before: 1 + below(50), limit: 1 + below(40) },
        take: random() < 0.5 ? 'first' : 'last',
      };
      expect(await log.find(numbers), `seed ${seed}, round ${round}`).toEqual(log.plain(numbers));
    }
  });

  it('cost few reads where each event is one', async () => {
    const { find, counts } = logOf(upTo(5_000).map(() => 'm'));
    expect(await find({ after: 0, before: 2_001, take: 'last', limit: 50 })).toHaveLength(50);
    expect(await find({ after: 3_000, before: 9_999, take: 'first', limit: 50 })).toHaveLength(50);
    expect(counts).toEqual({ reads: 2, places: 100 });
  });

  it.for(['first', 'last'] as const)('cost few reads behind edits without end (%s)', async (take) => {
    const { find, counts } = logOf(['m', ...edits(30_000), 'm', ...edits(30_000)]);
    expect(await find({ after: 0, before: 9, take, limit: 2 })).toEqual([1, 2]);
    expect(counts.reads).toBeLessThan(50);
    expect(counts.places).toBeLessThan(200);
  });
});
