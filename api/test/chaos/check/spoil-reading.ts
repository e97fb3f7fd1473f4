import type { Delivered, Line } from '../history.ts';
import { change, instead, pairsIn, pickOne, placesOf, type Spoiling } from './spoil.ts';

const isLogged = ({ seq }: Delivered) => seq > 0;

/** What can be done to the stream and to pages. */
export const ofReading: readonly Spoiling[] = [
  {
    name: 'an event does not come',
    rows: ['continuity'],
    spoil(lines, random) {
      const pairs = pairsIn(lines);
      const behindAnother = new Set(pairs.map(({ second }) => second.at));
      // Who is added back may be brought there at once.
      const isDue = ({ first, second }: (typeof pairs)[number]) =>
        behindAnother.has(first.at) && second.line.event.type !== 'added';
      const pair = pickOne(pairs.filter(isDue), random);
      return pair && instead(lines, pair.first.at);
    },
  },
  {
    name: 'an event comes twice',
    rows: ['duplicated'],
    spoil: (lines, random) => {
      const one = pickOne(
        placesOf(lines, 'delivery').filter(({ line }) => isLogged(line)),
        random,
      );
      return one && instead(lines, one.at, one.line, one.line);
    },
  },
  {
    name: 'an event comes before the one before it',
    rows: ['continuity', 'duplicated'],
    spoil(lines, random) {
      const pair = pickOne(pairsIn(lines), random);
      return (
        pair && instead(instead(lines, pair.first.at, pair.second.line), pair.second.at, pair.first.line)
      );
    },
  },
  {
    name: 'a message comes under another id',
    rows: ['phantoms'],
    spoil: change('delivery', (line) =>
      line.event.type === 'message'
        ? { ...line, event: { ...line.event, messageId: `${line.event.messageId}0`, text: null } }
        : undefined,
    ),
  },
  {
    name: 'a message comes by somebody else',
    rows: ['phantoms'],
    spoil: change('delivery', (line) =>
      line.event.type === 'message' ? { ...line, event: { ...line.event, authorId: 'nobody' } } : undefined,
    ),
  },
  {
    name: 'a message comes with a text that nobody wrote',
    rows: ['content'],
    spoil: change('delivery', (line) =>
      line.event.type === 'message' && line.event.text !== null
        ? { ...line, event: { ...line.event, text: 'made up' } }
        : undefined,
    ),
  },
  {
    name: 'a page lacks a message in the middle',
    rows: ['prefixVisibility'],
    spoil: change('page', (line) =>
      line.messages.length > 2 && line.messages[2]?.number === (line.messages[0]?.number ?? 0) + 2
        ? { ...line, messages: line.messages.toSpliced(1, 1) }
        : undefined,
    ),
  },
  {
    name: 'a page shows a text that nobody wrote',
    rows: ['content'],
    spoil: change('page', (line) => {
      const [first] = line.messages;
      return first?.text
        ? { ...line, messages: line.messages.with(0, { ...first, text: 'made up' }) }
        : undefined;
    }),
  },
  {
    name: 'a device is reset',
    rows: ['unexpectedResets'],
    spoil(lines, random) {
      const one = pickOne(placesOf(lines, 'delivery'), random);
      if (one === undefined) return undefined;
      const { device, attempt, channelId, t } = one.line;
      const reset: Line = { kind: 'reset', t, device, attempt, channelId, reason: 'TOO_FAR_BEHIND' };
      return instead(lines, one.at, one.line, reset);
    },
  },
  {
    name: 'a device gets something of a channel that its person is not in',
    rows: ['authorisation'],
    spoil(lines, random) {
      const one = pickOne(ownEnds(lines), random);
      if (one === undefined) return undefined;
      const event = { type: 'other', name: 'ChannelUpdated' } as const;
      return instead(lines, one.at, one.line, { ...one.line, seq: one.line.seq + 1, event });
    },
  },
];

/** Somebody's devices are told that they have left, and they do not come back with the very next event. */
function ownEnds(lines: readonly Line[]) {
  const joined = new Set(
    placesOf(lines, 'found').flatMap(({ line: { channelId, memberships = [] } }) =>
      memberships.map(({ seq, userId, change }) => `${channelId} ${userId} ${seq} ${change}`),
    ),
  );
  return placesOf(lines, 'delivery').filter(({ line: { event, userId, channelId, seq } }) => {
    if (event.type !== 'removed' && event.type !== 'left') return false;
    return event.memberUserId === userId && !joined.has(`${channelId} ${userId} ${seq + 1} joined`);
  });
}
