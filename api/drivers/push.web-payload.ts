import { createHash } from 'node:crypto';
import type { PushContent, PushNote } from '../../schema/ports/push.ts';

/** A service takes 4,096 bytes of what is encrypted (RFC 8030), of which the encryption needs 103 (RFC 8291). */
export const maxPayloadBytes = 3_900;
/** Of each of the two names, as they stand in the JSON. */
const maxNameBytes = 400;
/** Stands where something was cut off. */
const ellipsis = '…';

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** Without the quotation marks. Half of a surrogate pair, or a control character, takes six bytes there. */
const bytesInJson = (text: string) => Buffer.byteLength(JSON.stringify(text)) - 2;

/** As much of a text as fits into so many bytes of JSON, cut between what people see as characters. */
function cutTo(text: string, maxBytes: number): string {
  if (text.length <= maxBytes && bytesInJson(text) <= maxBytes) return text;
  let left = maxBytes - bytesInJson(ellipsis);
  let end = 0;
  // A character takes one byte at least, so what is further behind cannot fit, and nobody needs to look at all of it.
  for (const { segment } of segmenter.segment(text.slice(0, maxBytes))) {
    left -= bytesInJson(segment);
    if (left < 0) break;
    end += segment.length;
  }
  return text.slice(0, end) + ellipsis;
}

function cutContent(content: PushContent, maxBytes: number): PushContent {
  if (content.preview === 'NOTHING') return content;
  const names = {
    authorName: cutTo(content.authorName, maxNameBytes),
    channelName: content.channelName === null ? null : cutTo(content.channelName, maxNameBytes),
  };
  if (content.preview === 'SENDER') return { preview: 'SENDER', ...names };
  const left = maxBytes - Buffer.byteLength(JSON.stringify({ ...content, ...names, text: '' }));
  return { preview: 'FULL', ...names, text: cutTo(content.text, left) };
}

/** What the service worker of a browser gets: JSON, 3,900 bytes at most, with the texts cut to fit. */
export function webPayloadOf(note: PushNote): string {
  if (note.kind === 'test') return JSON.stringify({ kind: note.kind });
  const { kind, channelId, number, badge } = note;
  if (kind === 'clear') return JSON.stringify({ kind, channelId, number, badge });
  const { messageId, seq, count, content, isQuiet } = note;
  const told = {
    ...{ kind, channelId, messageId, seq, number, count, badge },
    ...(isQuiet && { isQuiet }),
  };
  const left = maxPayloadBytes - Buffer.byteLength(JSON.stringify(told)) - ',"content":'.length;
  return JSON.stringify({ ...told, content: cutContent(content, left) });
}

/** How a note is handed to the service: for how long it keeps it, how soon the device is to wake, and what it replaces there. */
export type WebHeaders = {
  readonly TTL: number;
  readonly urgency: 'normal' | 'high';
  readonly topic?: string;
};

/** A day, in seconds: who was away for longer opens the app anyway. */
const ttlSeconds = 24 * 60 * 60;
/** Somebody waits for it. */
const testTtlSeconds = 60;

/**
 * `secret` is that of the device: with it in the topic, the service cannot see which devices are in a channel together.
 * A clearing has the topic of what it clears, so what a device has not fetched yet never appears.
 */
export function webHeadersOf(note: PushNote, secret: string): WebHeaders {
  if (note.kind === 'test') return { TTL: testTtlSeconds, urgency: 'high' };
  const topic = createHash('sha256').update(`${secret} ${note.channelId}`).digest('base64url').slice(0, 32);
  const isSilent = note.kind === 'clear' || note.isQuiet === true;
  return { TTL: ttlSeconds, urgency: isSilent ? 'normal' : 'high', topic };
}
