import type { Person } from '../../../../bench/seed-people.ts';
import { createReader, type Reader } from './reader.ts';

/** How many of each there are. */
export const sizes = { talkers: 10, normal: 50, stalling: 20, narrow: 10, attackers: 3 } as const;

const order = ['talkers', 'normal', 'stalling', 'narrow', 'attackers'] as const;
export const peopleCount = order.reduce((total, name) => total + sizes[name], 0);

/** All are members of one channel. */
export type Cast = {
  readonly talkers: readonly Person[];
  readonly attackers: readonly Person[];
  readonly normal: readonly Reader[];
  /** Those that stop reading. */
  readonly stalling: readonly Reader[];
  /** Those that can read only a kilobyte in a second. */
  readonly narrow: readonly Reader[];
  /** Whose token a reader has. */
  tokenOf(reader: Reader): string;
};

type Settings = {
  readonly people: readonly Person[];
  readonly socketUrl: string;
  /** The same, over a narrow line. */
  readonly narrowUrl: string;
  /** A normal reader had a message that was sent then. */
  readonly onMessage: (sentAt: number) => void;
};

export function castOf({ people, socketUrl, narrowUrl, onMessage }: Settings): Cast {
  const tokens = new Map<Reader, string>();
  const waiting = [...people];
  const take = (count: number) => waiting.splice(0, count);
  const readersOf = (name: 'normal' | 'stalling' | 'narrow', url: string) =>
    take(sizes[name]).map(({ token }, nth) => {
      const isNormal = name === 'normal';
      const reader = createReader({ name: `${name} ${nth}`, url, token, ...(isNormal && { onMessage }) });
      tokens.set(reader, token);
      return reader;
    });
  return {
    talkers: take(sizes.talkers),
    attackers: take(sizes.attackers),
    normal: readersOf('normal', socketUrl),
    stalling: readersOf('stalling', socketUrl),
    narrow: readersOf('narrow', narrowUrl),
    tokenOf: (reader) => tokens.get(reader) ?? '',
  };
}
