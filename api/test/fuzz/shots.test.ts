import { describe, expect, it } from 'vitest';
import { schema } from '../../../schema/index.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { createDocumentCache } from '../../document-cache.ts';
import { createRandom } from '../smoke/random.ts';
import { createCorpus, readOperations } from './corpus.ts';
import { createShots } from './shots.ts';
import type { Known } from './values.ts';

const known: Known = {
  ids: { channel: ['chn1'], user: ['usr1', 'usr2'], message: ['msg1.00000000001'], device: ['dev1'] },
  cursors: ['AQ'],
  handle: 'ada',
  password: 'a good password',
};
const operations = readOperations();

/** So many shots, the masks of whose frames are zeros: texts can be read in them. */
function shotsOf(seed: number, count: number) {
  const random = createRandom(seed);
  const shoot = createShots(createCorpus(operations, known, random), random);
  return upTo(count).map(shoot);
}

/** What stands in a whole text frame; undefined when it is something else. */
function textIn(bytes: Buffer): string | undefined {
  if (bytes[0] !== 0x81 || bytes.length < 6) return undefined;
  const length = (bytes[1] ?? 0) & 0x7f;
  const header = length < 126 ? 6 : length === 126 ? 8 : 14;
  const said =
    length < 126 ? length : length === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  return bytes.length === header + said ? bytes.subarray(header).toString() : undefined;
}

function parsed(
  text: string | undefined,
): { type?: unknown; payload?: { query?: unknown } | null } | undefined {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

describe('what is sent to fuzz', () => {
  it('is the same for the same seed, and another for another one', () => {
    const allOf = (seed: number) => Buffer.concat(shotsOf(seed, 500).map(({ bytes }) => bytes));
    expect(allOf(7).equals(allOf(7))).toBe(true);
    expect(allOf(8).equals(allOf(7))).toBe(false);
  });

  it('has something of everything in it: what is right, what is nearly right, and what is nothing at all', () => {
    const documents = createDocumentCache({ schema, isIntrospectionOpen: true });
    const shots = shotsOf(1, 4_000);
    const texts = shots.map(({ bytes }) => textIn(bytes));
    const frames = texts.map(parsed);
    const queries = frames.flatMap((frame) =>
      typeof frame?.payload?.query === 'string' ? [frame.payload.query] : [],
    );
    const good = queries.filter((query) => 'node' in documents.find(query));
    const share = (count: number) => count / shots.length;
    expect(share(good.length)).toBeGreaterThan(0.3);
    expect(share(queries.length - good.length)).toBeGreaterThan(0.2);
    expect(
      share(texts.filter((text) => text !== undefined && parsed(text) === undefined).length),
    ).toBeGreaterThan(0.03);
    expect(share(texts.filter((text) => text === undefined).length)).toBeGreaterThan(0.05);
    expect(share(shots.filter(({ isUnfinished }) => isUnfinished).length)).toBeGreaterThan(0.03);
    const types = new Set(frames.map((frame) => frame?.type));
    for (const type of [
      'connection_init',
      'connection_ack',
      'ping',
      'pong',
      'subscribe',
      'next',
      'error',
      'complete',
    ])
      expect(types).toContain(type);
  });

  it('asks everything that clients of any release ask', () => {
    const random = createRandom(3);
    const corpus = createCorpus(operations, known, random);
    const asked = new Set(upTo(20_000).map(() => corpus.text()));
    expect(operations.filter(({ text }) => !asked.has(text)).map(({ text }) => text)).toEqual([]);
  });
});
