import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { channelIdOf, messageIdOf } from '../../schema/ids.ts';
import type { PushContent, PushNote } from '../../schema/ports/push.ts';
import { apnsPayload } from '../test/push/apns-screen.ts';
import { apnsRequestOf, collapseIdOf, maxPayloadBytes } from './push.apns-payload.ts';

const now = Date.parse('2026-03-01T12:00:00.400Z');
const target = {
  service: 'APNS',
  token: 'ab'.repeat(32),
  topic: 'org.parley.app',
  isSandbox: false,
} as const;
const channelId = channelIdOf(7n);
const place = { channelId, messageId: messageIdOf(channelId, 30), seq: 30, number: 12 } as const;
const noteOf = (content: PushContent, count = 1): PushNote => ({
  ...{ kind: 'message', ...place, count, content, badge: 4 },
});
const sent = (note: PushNote) => {
  const { headers, body } = apnsRequestOf(target, note, now);
  return { headers, body, payload: apnsPayload.parse(JSON.parse(body)) };
};
const alertOf = (content: PushContent, count?: number) => sent(noteOf(content, count)).payload.aps.alert;

const full = { preview: 'FULL', authorName: 'Ada', channelName: null, text: 'Hi' } as const;
const sender = { preview: 'SENDER', authorName: 'Ada', channelName: null } as const;
const inGroup = { channelName: 'Garden' } as const;

describe('what a phone shows of a message', () => {
  it.each([
    [full, 1, 'MESSAGE_FROM', ['Ada', 'Hi']],
    [{ ...full, ...inGroup }, 1, 'MESSAGE_FROM_IN', ['Ada', 'Hi', 'Garden']],
    [full, 3, 'MESSAGES_FROM', ['Ada', 'Hi', '3']],
    [{ ...full, ...inGroup }, 3, 'MESSAGES_FROM_IN', ['Ada', 'Hi', 'Garden', '3']],
    [sender, 1, 'NEW_MESSAGE_FROM', ['Ada']],
    [{ ...sender, ...inGroup }, 1, 'NEW_MESSAGE_FROM_IN', ['Ada', 'Garden']],
    [sender, 3, 'NEW_MESSAGES_FROM', ['Ada', '3']],
    [{ ...sender, ...inGroup }, 3, 'NEW_MESSAGES_FROM_IN', ['Ada', 'Garden', '3']],
  ] as const)('of %j, %d due: %s', (content, count, key, args) => {
    expect(alertOf(content, count)).toEqual({ 'loc-key': key, 'loc-args': args });
  });

  it('is grouped by its channel, with the badge, and may be changed by the app before it is seen', () => {
    expect(sent(noteOf(full, 2)).payload).toEqual({
      aps: {
        alert: { 'loc-key': 'MESSAGES_FROM', 'loc-args': ['Ada', 'Hi', '2'] },
        ...{ badge: 4, sound: 'default', 'thread-id': channelId, 'mutable-content': 1 },
      },
      parley: { ...place, count: 2 },
    });
  });

  it('makes no sound when nothing is new', () => {
    const note = { ...noteOf(full), isQuiet: true } as const;
    expect(sent(note).payload.aps).not.toHaveProperty('sound');
    expect(sent(noteOf(full)).payload.aps.sound).toBe('default');
  });

  it('is nothing but that there is something, where somebody wants that', () => {
    const { payload } = sent(noteOf({ preview: 'NOTHING' }, 9));
    expect(payload.aps.alert).toEqual({ 'loc-key': 'NEW_MESSAGE' });
    expect(payload.parley).toEqual({ channelId, seq: 30 });
  });
});

describe('what is sent', () => {
  it('names device, app, kind, end and the channel that it replaces something of', () => {
    expect(sent(noteOf(full)).headers).toEqual({
      ':method': 'POST',
      ':path': `/3/device/${target.token}`,
      'apns-topic': 'org.parley.app',
      'apns-push-type': 'alert',
      'apns-priority': '10',
      'apns-expiration': String(Date.parse('2026-03-02T12:00:00Z') / 1_000),
      'apns-collapse-id': channelId,
    });
  });

  it('is silent when something is to disappear', () => {
    const { headers, payload } = sent({ kind: 'clear', channelId, number: 12, badge: 0 });
    expect(payload).toEqual({
      aps: { 'content-available': 1, badge: 0 },
      parley: { clear: { channelId, number: 12 } },
    });
    expect(headers).toMatchObject({ 'apns-push-type': 'background', 'apns-priority': '5' });
    expect(headers['apns-collapse-id']).toBe(channelId);
  });

  it('of a trial replaces nothing', () => {
    const { headers, payload } = sent({ kind: 'test' });
    expect(payload).toEqual({
      aps: { alert: { 'loc-key': 'TEST' }, sound: 'default' },
      parley: { test: true },
    });
    expect(headers).not.toHaveProperty('apns-collapse-id');
  });

  it('has a short name of its channel, however long its id', () => {
    const long = 'chn'.repeat(30);
    expect(collapseIdOf(long)).not.toBe(collapseIdOf(`${long}a`));
    expect(collapseIdOf(long)).toMatch(/^[\w-]{43}$/);
    expect(collapseIdOf('c'.repeat(64))).toBe('c'.repeat(64));
  });
});

describe('a text that is too long', () => {
  const families = '👨‍👩‍👧‍👦';
  const textIn = (content: PushContent) => alertOf(content)?.['loc-args']?.[1] ?? '';
  const bytesOf = (content: PushContent) => Buffer.byteLength(sent(noteOf(content, 99)).body);

  it('is cut between graphemes, as late as possible', () => {
    const text = families.repeat(1_000);
    const cut = textIn({ ...full, text });
    expect(cut).toMatch(/^(?:👨‍👩‍👧‍👦)+…$/u);
    const bytes = Buffer.byteLength(sent(noteOf({ ...full, text })).body);
    expect(bytes).toBeLessThanOrEqual(maxPayloadBytes);
    expect(bytes).toBeGreaterThan(maxPayloadBytes - Buffer.byteLength(families));
  });

  it('is whole when it just fits', () => {
    const room = maxPayloadBytes - Buffer.byteLength(sent(noteOf({ ...full, text: '' })).body);
    expect(textIn({ ...full, text: 'a'.repeat(room) })).toBe('a'.repeat(room));
    expect(textIn({ ...full, text: 'a'.repeat(room + 1) })).toBe(`${'a'.repeat(room - 3)}…`);
  });

  it.each([
    ['plain', 'a'],
    ['quoted', '"'],
    ['of characters that JSON writes in six', '\u0001'],
    ['of accents without end on one letter', '\u0301'],
    ['of emoji', families],
    ['of halves of pairs', '\ud83d'],
  ])('never exceeds what Apple takes: %s', (_, character) => {
    for (const length of [1, 100, 700, 4_000, 20_000]) {
      const many = character.repeat(length);
      expect(
        bytesOf({ preview: 'FULL', authorName: many, channelName: many, text: many }),
      ).toBeLessThanOrEqual(maxPayloadBytes);
      expect(bytesOf({ preview: 'SENDER', authorName: many, channelName: many })).toBeLessThanOrEqual(
        maxPayloadBytes,
      );
    }
  });

  it('leaves names that people have whole', () => {
    const [author, , channel] = z.array(z.string()).parse(
      alertOf({
        ...full,
        authorName: 'ß'.repeat(64),
        channelName: '界'.repeat(80),
        text: 'a'.repeat(9_000),
      })?.['loc-args'],
    );
    expect([author, channel]).toEqual(['ß'.repeat(64), '界'.repeat(80)]);
  });
});
