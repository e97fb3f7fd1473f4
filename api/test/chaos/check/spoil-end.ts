import type { Random } from '../../smoke/random.ts';
import type { Line } from '../history.ts';
import { change, instead, pickOne, placesOf, type Spoiling } from './spoil.ts';

/** What can be done to what is shown in the end, and beside the stream. */
export const ofEnd: readonly Spoiling[] = [
  {
    name: 'a device lacks a message in the end',
    rows: ['fold'],
    spoil(lines, random) {
      // The newest one of all: every device is to have it that has been there for it.
      const told = new Set(
        placesOf(lines, 'delivery').map(({ line }) => `${line.device} ${line.channelId} ${line.seq}`),
      );
      const members = new Set(
        placesOf(lines, 'look').flatMap(({ line }) =>
          line.channels.map(({ channelId }) => `${line.userId} ${channelId}`),
        ),
      );
      const rests = placesOf(lines, 'rest').flatMap(({ at, line }) =>
        Object.entries(line.channels).flatMap(([channelId, messages]) => {
          const last = messages.at(-1);
          const isDue =
            last?.text &&
            told.has(`${line.device} ${channelId} ${last.seq}`) &&
            members.has(`${line.userId} ${channelId}`);
          return isDue
            ? [{ at, line: { ...line, channels: { ...line.channels, [channelId]: messages.slice(0, -1) } } }]
            : [];
        }),
      );
      const one = pickOne(rests, random);
      return one && instead(lines, one.at, one.line);
    },
  },
  {
    name: 'somebody is shown one unread message too many',
    rows: ['unreadDrift'],
    spoil: change('look', (line) => {
      const [first] = line.channels;
      return (
        first && {
          ...line,
          channels: line.channels.with(0, { ...first, unreadCount: first.unreadCount + 1 }),
        }
      );
    }),
  },
  {
    name: 'somebody has read further than they said',
    rows: ['readState'],
    spoil: change('look', (line) => {
      const nth = line.channels.findIndex(({ unreadCount }) => unreadCount > 0);
      const one = line.channels[nth];
      return (
        one && {
          ...line,
          channels: line.channels.with(nth, { ...one, readNumber: one.readNumber + 100_000 }),
        }
      );
    }),
  },
  {
    name: 'a position is told that is older than the one before',
    rows: ['readState'],
    spoil(lines, random) {
      const told = placesOf(lines, 'delivery').filter(
        ({ line: { event } }) => event.type === 'position' && (event.readNumber ?? 0) > 0,
      );
      const one = pickOne(told, random);
      if (one === undefined || one.line.event.type !== 'position') return undefined;
      return instead(lines, one.at, one.line, { ...one.line, event: { ...one.line.event, readNumber: 0 } });
    },
  },
  {
    name: 'somebody is pushed their own message',
    rows: ['pushUnwanted'],
    spoil(lines, random) {
      const authors = new Map(
        placesOf(lines, 'found').flatMap(({ line }) =>
          line.messages.map((m) => [`${line.channelId} ${m.seq}`, m.authorId]),
        ),
      );
      const one = pickOne(placesOf(lines, 'push'), random);
      if (one === undefined || one.line.note.type !== 'message') return undefined;
      const userId = authors.get(`${one.line.note.channelId} ${one.line.note.seq}`) ?? '';
      return instead(lines, one.at, { ...one.line, userId, device: `${userId}/1` });
    },
  },
  {
    name: 'a process keeps what it had',
    rows: ['resources'],
    spoil: change('resources', (line) =>
      line.moment === 'final' ? { ...line, values: { ...line.values, sockets: 50 } } : undefined,
    ),
  },
  {
    name: 'a device whose session has ended is told of something new',
    rows: ['authorisation'],
    spoil: toldAfterEnd,
  },
];

/** The last event of all that its person may see, said long after, comes to a device that was signed out. */
function toldAfterEnd(lines: readonly Line[], random: Random): readonly Line[] | undefined {
  const late = placesOf(lines, 'invoke').flatMap(({ line: { what, t }, at }) => {
    if (what.type !== 'revoke') return [];
    const userId = what.ofDevice.split('/')[0] ?? '';
    const after = placesOf(lines, 'delivery').filter(
      ({ at: place, line }) =>
        place > at && line.userId === userId && line.t > t + 95_000 && line.event.type === 'message',
    );
    return after.map((one) => ({ ...one, device: what.ofDevice }));
  });
  const one = pickOne(late, random);
  if (one === undefined) return undefined;
  const { t, userId } = one.line;
  const attempt = 1_000;
  const subscribe: Line = { kind: 'subscribe', t, device: one.device, userId, attempt, held: {} };
  return instead(lines, one.at, one.line, subscribe, { ...one.line, device: one.device, attempt });
}
