import type { Random } from '../../smoke/random.ts';
import type { Found, Line } from '../history.ts';
import {
  change,
  changeLog,
  exchange,
  pickOne,
  placesOf,
  type Spoiling,
  sentInTurn,
  withMessages,
} from './spoil.ts';

/** What can be done to what is in the log. */
export const ofLog: readonly Spoiling[] = [
  {
    name: 'a message is not in the log',
    rows: ['lost'],
    spoil: changeLog(lackOne),
  },
  {
    name: 'a message is not in the history',
    rows: ['lost', 'holes'],
    spoil: changeLog(lackOne, ['history']),
  },
  {
    name: 'a message is in the log under another number',
    rows: ['lost', 'holes'],
    spoil: changeLog(({ messages, ...found }, random) => {
      if (messages.length === 0) return undefined;
      const nth = random.below(messages.length);
      return {
        ...found,
        messages: messages.map((one, at) => (at < nth ? one : { ...one, number: one.number + 1 })),
      };
    }),
  },
  {
    name: 'a message is in the log once more, with the same nonce',
    rows: ['duplicated'],
    spoil: changeLog((found, random) => append(found, random, {}), ['store']),
  },
  {
    name: 'a message is in the log that nobody sent',
    rows: ['phantoms'],
    spoil: changeLog((found, random) => append(found, random, { nonce: 'nobody' }), ['store']),
  },
  {
    name: 'an acknowledgement names the next place',
    rows: ['lost'],
    spoil: change('ok', (line) => {
      if (line.kind !== 'ok' || line.message === undefined) return undefined;
      return { ...line, message: { ...line.message, seq: line.message.seq + 1 } };
    }),
  },
  {
    name: 'two messages of a device are in the other order',
    rows: ['senderOrder'],
    spoil(lines, random) {
      const pair = pickOne(sentInTurn(lines), random);
      return pair && exchange(lines, pair.one, pair.other);
    },
  },
  {
    name: 'ids do not sort as places do',
    rows: ['messageIdOrder'],
    spoil: changeLog(({ messages, ...found }, random) => {
      if (messages.length < 2) return undefined;
      const nth = random.below(messages.length - 1);
      const [one, other] = [messages[nth], messages[nth + 1]];
      if (one === undefined || other === undefined) return undefined;
      const exchanged = [
        { ...one, messageId: other.messageId },
        { ...other, messageId: one.messageId },
      ];
      return { ...found, messages: messages.toSpliced(nth, 2, ...exchanged) };
    }),
  },
  {
    name: 'an edit has no effect',
    rows: ['lost'],
    spoil: unedited,
  },
];

function lackOne(found: Found, random: Random): Found | undefined {
  if (found.messages.length === 0) return undefined;
  return withMessages(found, found.messages.toSpliced(random.below(found.messages.length), 1));
}

function append(found: Found, random: Random, as: { readonly nonce?: string }): Found | undefined {
  if (found.messages.length === 0) return undefined;
  const seq = (found.headSeq ?? 0) + 1;
  const one = random.pick(found.messages);
  const added = { ...one, ...as, seq, number: found.messages.length + 1, messageId: `${found.channelId}.z` };
  return { ...withMessages(found, [...found.messages, added]), headSeq: seq, eventCount: seq };
}

/** Everybody finds the text that a message was sent with, though it was edited. */
function unedited(lines: readonly Line[], random: Random): readonly Line[] | undefined {
  const texts = new Map(
    placesOf(lines, 'invoke').map(({ line }) => [
      line.op,
      line.what.type === 'send' ? line.what.text : undefined,
    ]),
  );
  const sent = new Map(
    placesOf(lines, 'ok').map(({ line }) => [line.kind === 'ok' ? line.message?.id : '', texts.get(line.op)]),
  );
  const edited = placesOf(lines, 'found').flatMap(({ line }) =>
    line.messages.filter(
      ({ text, messageId }) => text?.startsWith('edit') && sent.get(messageId) !== undefined,
    ),
  );
  const one = pickOne(edited, random);
  const text = one && sent.get(one.messageId);
  if (text === undefined) return undefined;
  return lines.map((line) =>
    line.kind === 'found'
      ? withMessages(
          line,
          line.messages.map((other) => (other.messageId === one?.messageId ? { ...other, text } : other)),
        )
      : line,
  );
}
