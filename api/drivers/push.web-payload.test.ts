import { describe, expect, it } from 'vitest';
import { channelIdOf } from '../../schema/ids.ts';
import { pushNote } from '../../schema/ports/push.contract.ts';
import { createRandom, upTo } from '../../schema/ports/random.contract.ts';
import { maxPayloadBytes, webHeadersOf, webPayloadOf } from './push.web-payload.ts';

const names = { authorName: 'Ada', channelName: null };
const parsed = (note: Parameters<typeof webPayloadOf>[0]) => JSON.parse(webPayloadOf(note));
const textIn = (text: string): string => parsed(pushNote({ preview: 'FULL', ...names, text })).content.text;

describe('what a service worker gets', () => {
  it('is the note, where it fits', () => {
    const content = { preview: 'FULL', ...names, text: 'Hello "Bob" 👋\n' } as const;
    const { kind, channelId, messageId, seq, number, count, badge } = pushNote(content);
    expect(parsed(pushNote(content))).toEqual({
      kind,
      channelId,
      messageId,
      seq,
      number,
      count,
      badge,
      content,
    });
    const [bySender, silent] = [{ preview: 'SENDER', ...names } as const, { preview: 'NOTHING' } as const];
    expect(parsed(pushNote(bySender)).content).toEqual(bySender);
    expect(parsed(pushNote(silent)).content).toEqual(silent);
    const quiet = { ...pushNote(silent), isQuiet: true } as const;
    expect(parsed(quiet)).toEqual(quiet);
    const clear = { kind: 'clear', channelId, number: 9, badge: 0 } as const;
    expect(parsed(clear)).toEqual(clear);
    expect(parsed({ kind: 'test' })).toEqual({ kind: 'test' });
  });

  it('has as much of a long text as fits, to the byte', () => {
    const long = webPayloadOf(pushNote({ preview: 'FULL', ...names, text: 'x'.repeat(16_384) }));
    expect(Buffer.byteLength(long)).toBe(maxPayloadBytes);
    expect(textIn('x'.repeat(16_384))).toMatch(/^x{3000,}…$/);
  });

  it.for([
    ['a face of several parts', '👩‍👩‍👧‍👦'],
    ['a flag', '🇮🇸'],
    ['a letter with marks', 'e\u0301\u0323'],
    ['a skin tone', '👍🏿'],
    ['an end of a line', '\r\n'],
    ['a syllable', 'नि'],
  ] as const)('is never cut inside of %s', ([, character]) => {
    for (const before of ['', 'x', 'xx', 'xxx', 'xxxx', 'xxxxx', 'xxxxxx']) {
      const text = textIn(before + character.repeat(4_000));
      expect(text.endsWith('…')).toBe(true);
      expect(text.slice(before.length, -1).replaceAll(character, '')).toBe('');
      expect(text.length).toBeGreaterThan(600);
    }
  });

  it('leaves room for the text beside the longest names', () => {
    const long = { authorName: 'A'.repeat(16_384), channelName: '\u0000'.repeat(16_384) };
    const { content } = parsed(pushNote({ preview: 'FULL', ...long, text: 'Hello.' }));
    expect(content.text).toBe('Hello.');
    expect(content.authorName).toMatch(/^A{390,400}…$/);
    expect(content.channelName).toBe(`${'\u0000'.repeat(66)}…`);
  });

  it('fits, whatever the texts are made of', () => {
    const seed = 20_260_401;
    const random = createRandom(seed);
    const parts = [
      'x',
      'ж',
      '"',
      '\\',
      '\u0000',
      '\ud83d',
      '\udc4b',
      '👋',
      '👩‍👧',
      '\u0301',
      '🇮',
      '語',
      '\u2028',
    ];
    const anything = (length: number) =>
      upTo(length)
        .map(() => parts[Math.floor(random() * parts.length)])
        .join('');
    for (const round of upTo(150)) {
      const [authorName, channelName] = [anything(random() * 600), anything(random() * 600)];
      const text = anything(random() * 5_000);
      const payload = webPayloadOf(pushNote({ preview: 'FULL', authorName, channelName, text }));
      expect(Buffer.byteLength(payload), `seed ${seed}, round ${round}`).toBeLessThanOrEqual(maxPayloadBytes);
      const got: string = JSON.parse(payload).content.text;
      expect(got === text || text.startsWith(got.slice(0, -1)), `seed ${seed}, round ${round}`).toBe(true);
    }
  });
});

describe('the topic', () => {
  const note = pushNote({ preview: 'NOTHING' });
  const { channelId } = note;
  const topicOf = (...asked: Parameters<typeof webHeadersOf>) => webHeadersOf(...asked).topic;

  it('is the same of all that is said of a channel to a device, so that one replaces the other', () => {
    expect(topicOf(note, 'secret')).toMatch(/^[\w-]{32}$/);
    expect(topicOf({ ...note, number: 10 }, 'secret')).toBe(topicOf(note, 'secret'));
    expect(topicOf({ kind: 'clear', channelId, number: 9, badge: 0 }, 'secret')).toBe(
      topicOf(note, 'secret'),
    );
  });

  it('differs from channel to channel, and from device to device', () => {
    expect(topicOf({ ...note, channelId: channelIdOf(8n) }, 'secret')).not.toBe(topicOf(note, 'secret'));
    expect(topicOf(note, 'another')).not.toBe(topicOf(note, 'secret'));
  });

  it('goes with haste only where a device is to make itself heard', () => {
    const clear = { kind: 'clear', channelId, number: 9, badge: 0 } as const;
    const asked = [note, { ...note, isQuiet: true } as const, clear, { kind: 'test' } as const];
    const urgencies = asked.map((one) => webHeadersOf(one, 'secret').urgency);
    expect(urgencies).toEqual(['high', 'normal', 'normal', 'high']);
    expect(webHeadersOf(note, 'secret').TTL).toBe(86_400);
  });

  it('is missing of what replaces nothing', () => {
    expect(webHeadersOf({ kind: 'test' }, 'secret')).toEqual({ TTL: 60, urgency: 'high' });
  });
});
