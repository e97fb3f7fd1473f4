import type { Random } from '../../smoke/random.ts';
import type { Found, Line, LoggedMessage } from '../history.ts';
import type { Row } from './verdict.ts';

/** Breaks one promise somewhere in a history that keeps them all. */
export type Spoiling = {
  readonly name: string;
  /** One of these has to show it. */
  readonly rows: readonly Row[];
  /** Undefined when there is nothing in this history that could be broken so. */
  readonly spoil: (lines: readonly Line[], random: Random) => readonly Line[] | undefined;
};

type Kind = Line['kind'];
type Of<K extends Kind> = Extract<Line, { readonly kind: K }>;
type Place<K extends Kind> = { readonly at: number; readonly line: Of<K> };

const isOf = <K extends Kind>(line: Line, kind: K): line is Of<K> => line.kind === kind;
export function placesOf<K extends Kind>(lines: readonly Line[], kind: K): Place<K>[] {
  const places: Place<K>[] = [];
  lines.forEach((line, at) => {
    if (isOf(line, kind)) places.push({ at, line });
  });
  return places;
}
export const pickOne = <T>(things: readonly T[], random: Random): T | undefined =>
  things.length > 0 ? random.pick(things) : undefined;

/** Puts other lines in the place of one. */
export const instead = (lines: readonly Line[], at: number, ...others: readonly Line[]) =>
  lines.toSpliced(at, 1, ...others);

/** Events of a log that came to devices, each with the next one of the same channel in the same subscription. */
export function pairsIn(lines: readonly Line[]): { first: Place<'delivery'>; second: Place<'delivery'> }[] {
  const last = new Map<string, Place<'delivery'>>();
  const pairs: { first: Place<'delivery'>; second: Place<'delivery'> }[] = [];
  for (const second of placesOf(lines, 'delivery')) {
    const { device, attempt, channelId, seq } = second.line;
    if (seq === 0) continue;
    const key = `${device} ${attempt} ${channelId}`;
    const first = last.get(key);
    if (first?.line.seq === seq - 1) pairs.push({ first, second });
    last.set(key, second);
  }
  return pairs;
}

/** Changes one line of a kind that fits. */
export function change<K extends Kind>(
  kind: K,
  changeOne: (line: Of<K>, random: Random) => Line | undefined,
): Spoiling['spoil'] {
  return (lines, random) => {
    const changed = placesOf(lines, kind).flatMap(({ at, line }) => {
      const other = changeOne(line, random);
      return other === undefined ? [] : [{ at, other }];
    });
    const one = pickOne(changed, random);
    return one && instead(lines, one.at, one.other);
  };
}

/** Changes every reading of one channel. */
export function changeLog(
  changeMessages: (found: Found, random: Random) => Found | undefined,
  sources: readonly Found['source'][] = ['history', 'store'],
): Spoiling['spoil'] {
  return (lines, random) => {
    const channelId = pickOne(placesOf(lines, 'found'), random)?.line.channelId;
    const seed = random.below(1_000_000);
    let isChanged = false;
    const changed = lines.map((line) => {
      if (line.kind !== 'found' || line.channelId !== channelId || !sources.includes(line.source))
        return line;
      const other = changeMessages(line, fixed(seed));
      isChanged ||= other !== undefined;
      return other ?? line;
    });
    return isChanged ? changed : undefined;
  };
}
/** The same choice in each reading. */
const fixed = (seed: number): Random => ({
  next: () => (seed % 1_000) / 1_000,
  below: (limit) => seed % limit,
  pick(things) {
    const [found] = things.slice(seed % things.length);
    if (found === undefined) throw new Error('Nothing to pick from.');
    return found;
  },
  pickSome: (things, count) => things.slice(0, count),
});

export const withMessages = (found: Found, messages: Found['messages']): Found => ({ ...found, messages });

/** All that acknowledges or finds one of two messages does so of the other one. */
export function exchange(lines: readonly Line[], one: LoggedMessage, other: LoggedMessage): readonly Line[] {
  const places = new Map([
    [one.messageId, other],
    [other.messageId, one],
  ]);
  return lines.map((line): Line => {
    if (line.kind === 'ok' && line.message !== undefined) {
      const { messageId: id, seq, number } = places.get(line.message.id) ?? {};
      if (id === undefined || seq === undefined || number === undefined) return line;
      return { ...line, message: { id, seq, number } };
    }
    if (line.kind !== 'found') return line;
    const moved = line.messages.map((message) => {
      const to = places.get(message.messageId);
      return to ? { ...message, messageId: to.messageId, seq: to.seq, number: to.number } : message;
    });
    return withMessages(
      line,
      moved.toSorted((a, b) => a.seq - b.seq),
    );
  });
}

/** Two messages that one device sent into one channel, one after the other. */
export function sentInTurn(lines: readonly Line[]): { one: LoggedMessage; other: LoggedMessage }[] {
  const found = new Map<string, LoggedMessage>();
  for (const { line } of placesOf(lines, 'found'))
    for (const message of line.messages) found.set(message.messageId, message);
  const last = new Map<string, LoggedMessage>();
  const sends = new Map(placesOf(lines, 'invoke').map(({ line }) => [line.op, line]));
  return placesOf(lines, 'ok').flatMap(({ line }) => {
    const what = sends.get(line.op)?.what;
    const other = found.get(line.message?.id ?? '');
    if (what?.type !== 'send' || other === undefined) return [];
    const key = `${line.device} ${what.channelId}`;
    const one = last.get(key);
    last.set(key, other);
    return one === undefined ? [] : [{ one, other }];
  });
}
