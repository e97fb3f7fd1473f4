import { createHash } from 'node:crypto';
import type { PushContent, PushNote, PushTarget } from '../../schema/ports/push.ts';
import { cutToBytes } from './push.apns-text.ts';

/** Apple refuses longer ones (PayloadTooLarge). */
export const maxPayloadBytes = 4_096;
/** Of a name, so that the text keeps its place: a name of a person or channel is shorter but for one that means harm. */
const maxNameBytes = 320;
/** Apple refuses longer ones (BadCollapseId). */
const maxCollapseBytes = 64;
/** What was said a day ago wakes nobody any more. */
const keptSeconds = 24 * 60 * 60;

/** What one device is sent: a path, headers and a body of HTTP/2. */
export type ApnsRequest = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

type MessageNote = Extract<PushNote, { kind: 'message' }>;
type Alert = { readonly 'loc-key': string; readonly 'loc-args'?: readonly string[] };

/**
 * A note as Apple wants it, at most 4,096 bytes long whatever the texts: names are cut first, then the text, between graphemes.
 *
 * No sentence is ours: an app has these keys in its `Localizable.strings`, in the languages of its people, with their arguments by
 * place (`%1$@`). Arguments are strings, the count also: Apple knows no others.
 *
 * | Key | Arguments | When |
 * |---|---|---|
 * | `MESSAGE_FROM` | author, text | two people talk |
 * | `MESSAGE_FROM_IN` | author, text, channel | in a group |
 * | `MESSAGES_FROM`, `MESSAGES_FROM_IN` | the same, then the count | several are due: the text is the newest |
 * | `NEW_MESSAGE_FROM` | author | the text is not to be shown |
 * | `NEW_MESSAGE_FROM_IN` | author, channel | |
 * | `NEW_MESSAGES_FROM`, `NEW_MESSAGES_FROM_IN` | the same, then the count | |
 * | `NEW_MESSAGE` | none | nothing is to be shown: the app asks `changes`, and may change the notification before it is seen |
 * | `TEST` | none | somebody tries out whether it works |
 *
 * Beside `aps` stands `parley`, for the app: `{ channelId, messageId, seq, number, count }`; `{ channelId, seq }` where nothing is to
 * be shown; `{ clear: { channelId, number } }` for what is to disappear up to that number; `{ test: true }`.
 */
export function apnsRequestOf(
  target: Extract<PushTarget, { service: 'APNS' }>,
  note: PushNote,
  now: number,
): ApnsRequest {
  const isSilent = note.kind === 'clear';
  return {
    headers: {
      ':method': 'POST',
      ':path': `/3/device/${encodeURIComponent(target.token)}`,
      'apns-topic': target.topic,
      'apns-push-type': isSilent ? 'background' : 'alert',
      // Apple refuses silent ones of a higher priority.
      'apns-priority': isSilent ? '5' : '10',
      'apns-expiration': String(Math.floor(now / 1_000) + keptSeconds),
      ...(note.kind !== 'test' && { 'apns-collapse-id': collapseIdOf(note.channelId) }),
    },
    body: bodyOf(note),
  };
}

/** One for each channel, so that what comes later replaces what was there, in the hands of Apple and on the device. */
export const collapseIdOf = (channelId: string): string =>
  Buffer.byteLength(channelId) <= maxCollapseBytes
    ? channelId
    : createHash('sha256').update(channelId).digest('base64url');

function bodyOf(note: PushNote): string {
  if (note.kind === 'test')
    return JSON.stringify({
      aps: { alert: { 'loc-key': 'TEST' }, sound: 'default' },
      parley: { test: true },
    });
  if (note.kind === 'message') return messageBodyOf(note);
  const { channelId, number, badge } = note;
  return JSON.stringify({ aps: { 'content-available': 1, badge }, parley: { clear: { channelId, number } } });
}

function messageBodyOf(note: MessageNote): string {
  const { content } = note;
  if (content.preview !== 'FULL') return fullBodyOf(note, alertOf(content, note.count, ''));
  const room = maxPayloadBytes - Buffer.byteLength(fullBodyOf(note, alertOf(content, note.count, '')));
  return fullBodyOf(note, alertOf(content, note.count, cutToBytes(content.text, room)));
}

function fullBodyOf(note: MessageNote, alert: Alert) {
  const { channelId, messageId, seq, number, count, content, badge, isQuiet } = note;
  const shown = {
    ...{ alert, badge },
    // Nothing is new: what was shown before has only changed.
    ...(!isQuiet && { sound: 'default' }),
    ...{ 'thread-id': channelId, 'mutable-content': 1 },
  };
  const isShown = content.preview !== 'NOTHING';
  return JSON.stringify({
    aps: shown,
    parley: isShown ? { channelId, messageId, seq, number, count } : { channelId, seq },
  });
}

function alertOf(content: PushContent, count: number, text: string): Alert {
  if (content.preview === 'NOTHING') return { 'loc-key': 'NEW_MESSAGE' };
  const { preview, authorName, channelName } = content;
  const isOne = count <= 1;
  const what = isOne ? 'MESSAGE_FROM' : 'MESSAGES_FROM';
  const where = channelName === null ? '' : '_IN';
  return {
    'loc-key': `${preview === 'FULL' ? '' : 'NEW_'}${what}${where}`,
    'loc-args': [
      cutToBytes(authorName, maxNameBytes),
      ...(preview === 'FULL' ? [text] : []),
      ...(channelName === null ? [] : [cutToBytes(channelName, maxNameBytes)]),
      ...(isOne ? [] : [String(count)]),
    ],
  };
}
