import { describe, expect, it } from 'vitest';
import {
  channelIdOf,
  idPrefix,
  incomingId,
  messageIdOf,
  placeOf,
  rowIdOf,
  sessionIdOf,
  typeOfId,
  userIdOf,
  viewerIdOf,
} from './ids.ts';

/** The largest number that the database gives a row of ours: far less than 60 bits. */
const rows = [0n, 1n, 31n, 32n, 1_234_567_890_123n, 2n ** 60n - 1n];

describe('an id', () => {
  it.for(rows)('of row %d names that row, and nothing else does', (row) => {
    expect(rowIdOf.user(userIdOf(row))).toBe(row);
    expect(rowIdOf.channel(channelIdOf(String(row)))).toBe(row);
    expect(rowIdOf.session(sessionIdOf(row))).toBe(row);
    expect(rowIdOf.user(incomingId(channelIdOf(row)))).toBe(-1n);
  });

  it.for([
    '',
    'usr',
    'usr07k',
    'usr-1',
    'USR1',
    'usrw',
    'usr1 ',
    'usr1\n',
    'xyz1',
    'usr1.00000000001',
    'usr0123456789abc',
  ])('that is damaged, such as %j, names no row', (text) => {
    expect(rowIdOf.user(incomingId(text))).toBe(-1n);
    expect(placeOf(incomingId(text))).toBeUndefined();
  });

  it('of one type never equals one of another', () => {
    const prefixes = Object.values(idPrefix);
    expect(new Set(prefixes).size).toBe(prefixes.length);
    expect(viewerIdOf(userIdOf(7n))).not.toBe(userIdOf(7n));
    expect(typeOfId(viewerIdOf(userIdOf(7n)))).toBe('Viewer');
    expect(typeOfId('nonsense')).toBeUndefined();
  });

  it('of a message finds its place, and sorts by it within its channel', () => {
    const channelId = channelIdOf(99n);
    const seqs = [1, 2, 31, 32, 33, 4_096, 2 ** 32, Number.MAX_SAFE_INTEGER];
    const ids = seqs.map((seq) => messageIdOf(channelId, seq));
    expect(ids.map((id) => placeOf(id))).toEqual(seqs.map((seq) => ({ channelId, seq })));
    expect([...ids].sort()).toEqual(ids);
  });

  it('of a message beyond what a number can hold finds nothing', () => {
    expect(placeOf(incomingId('msg33.vvvvvvvvvvv'))).toBeUndefined();
  });
});
