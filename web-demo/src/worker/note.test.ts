import { describe, expect, it } from 'vitest';
import { noteOf } from './note.ts';
import { wordsOf, wordsOfReply } from './words.ts';

const about = { channelId: 'channel-1', messageId: 'message-7', seq: 12, number: 7, count: 1, badge: 3 };
const full = { preview: 'FULL', authorName: 'Ada', channelName: null, text: 'Good morning' } as const;

describe('What a push says', () => {
  it('is understood, whatever else it says', () => {
    const said = { kind: 'message', ...about, content: full, later: 'something' };
    expect(noteOf(JSON.stringify(said))).toEqual({ kind: 'message', ...about, content: full });
    const clear = { kind: 'clear', channelId: 'channel-1', number: 7, badge: 0 };
    expect(noteOf(JSON.stringify(clear))).toEqual(clear);
    expect(noteOf('{"kind":"test"}')).toEqual({ kind: 'test' });
  });

  it('may be nothing but where to look', () => {
    for (const content of [undefined, { preview: 'NOTHING' }, { preview: 'LATER', authorName: 'Ada' }, 'x'])
      expect(noteOf(JSON.stringify({ kind: 'message', ...about, content }))).toEqual({
        kind: 'message',
        ...about,
      });
  });

  it.for([
    '',
    'no JSON',
    'null',
    '[]',
    '"test"',
    '{"kind":"later","channelId":"c","badge":1,"number":1}',
    JSON.stringify({ kind: 'message', ...about, seq: '12' }),
    JSON.stringify({ kind: 'message', ...about, number: -1 }),
    JSON.stringify({ kind: 'message', ...about, badge: 0.5 }),
    JSON.stringify({ kind: 'message', ...about, channelId: 7 }),
    JSON.stringify({ kind: 'clear', channelId: 'channel-1', badge: 0 }),
  ])('is passed over when it cannot be understood: %s', (text) => {
    expect(noteOf(text)).toBeUndefined();
  });
});

describe('The words of a notification', () => {
  const sender = { preview: 'SENDER', authorName: 'Ada' } as const;

  it.for([
    ['one to me', 1, full, 'Ada', 'Good morning'],
    ['three to me', 3, full, '3 new messages from Ada', 'Good morning'],
    ['one in a group', 1, { ...full, channelName: 'Choir' }, 'Choir', 'Ada: Good morning'],
    [
      'three in a group',
      3,
      { ...full, channelName: 'Choir' },
      '3 new messages in Choir',
      'Ada: Good morning',
    ],
    ['one to me, the sender only', 1, { ...sender, channelName: null }, 'Ada', 'New message'],
    ['two to me, the sender only', 2, { ...sender, channelName: null }, '2 new messages from Ada', ''],
    ['one in a group, the sender only', 1, { ...sender, channelName: 'Choir' }, 'Choir', 'From Ada'],
    [
      'two in a group, the sender only',
      2,
      { ...sender, channelName: 'Choir' },
      '2 new messages in Choir',
      'The newest is from Ada.',
    ],
    ['one of which nothing is known', 1, undefined, 'Parley', 'There is a new message.'],
    ['four of which nothing is known', 4, undefined, 'Parley', 'There are 4 new messages.'],
  ] as const)('for %s', ([, count, content, title, body]) => {
    expect(wordsOf({ count }, content)).toEqual({ title, body });
  });

  it('keep a reply that could not be sent', () => {
    expect(wordsOfReply('On my way', undefined).body).toContain('“On my way”');
    expect(wordsOfReply('On my way', 'You have left.').body).toBe('You have left. You wrote: “On my way”');
  });
});
