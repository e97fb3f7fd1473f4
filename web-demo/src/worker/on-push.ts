import { WhatIsNewDocument } from '../gql/graphql.ts';
import { askSignedIn } from './ask.ts';
import { onClear, onMessage } from './decide.ts';
import { readOwner, readTold, writeTold } from './kept.ts';
import { type ClearNote, type MessageNote, type NoteContent, noteOf } from './note.ts';
import { channelActions, keptOf, show, showBadge, shownFor } from './notify.ts';
import { openWindows } from './windows.ts';
import { testWords, wordsOf } from './words.ts';

let last = Promise.resolve();

/** One push after the other, so that each sees what the one before has left. Never rejects. */
export function onPush(text: string): Promise<void> {
  last = last.then(() => take(text)).catch(() => undefined);
  return last;
}

async function take(text: string): Promise<void> {
  const note = noteOf(text);
  const owner = await readOwner();
  // Who has signed out meanwhile is told of nothing any more.
  if (note === undefined || owner === undefined) return;
  if (note.kind === 'test') await show({ tag: 'parley.test', words: testWords, isAnew: true });
  else if (note.kind === 'clear') await clear(note);
  else await tell(note, owner.viewerId);
}

async function tell(note: MessageNote, viewerId: string): Promise<void> {
  const { channelId, number } = note;
  const notification = await shownFor(channelId);
  const { act, told, isNews } = onMessage(note, {
    told: await readTold(channelId),
    shown: notification && { number: keptOf(notification).number ?? 0 },
    windows: await openWindows(viewerId),
  });
  if (isNews) await showBadge(note.badge);
  if (act === 'leave') return writeTold(channelId, told);
  const content = note.content ?? (await fetchContent(note));
  if (content !== 'gone')
    await show({
      ...{ tag: channelId, words: wordsOf(note, content), data: { channelId, number } },
      ...{ isAnew: act === 'showAnew', actions: channelActions() },
    });
  await writeTold(channelId, told);
}

async function clear(note: ClearNote): Promise<void> {
  const notification = await shownFor(note.channelId);
  const { act, told, isNews } = onClear(note, {
    told: await readTold(note.channelId),
    shown: notification && { number: keptOf(notification).number ?? 0 },
  });
  if (act === 'close') notification?.close();
  if (isNews) await showBadge(note.badge);
  await writeTold(note.channelId, told);
}

/** What a push is about that says nothing of it: `gone` when it has been read or deleted, undefined when nobody knows. */
async function fetchContent({
  channelId,
  messageId,
  number,
}: MessageNote): Promise<NoteContent | 'gone' | undefined> {
  const answer = await askSignedIn(WhatIsNewDocument, { channelId, messageId });
  if (!answer?.data) return undefined;
  const { channel, message } = answer.data;
  if (!channel || !message || message.text === null) return 'gone';
  if ((channel.viewerState.member.readNumber ?? 0) >= number) return 'gone';
  return {
    preview: 'FULL',
    authorName: message.author?.displayName ?? 'Somebody',
    channelName: channel.directPeer ? null : channel.name,
    text: message.text,
  };
}
