import type { MessageNote, NoteContent } from './note.ts';

export type Words = { readonly title: string; readonly body: string };

export const testWords: Words = {
  title: 'Notifications work',
  body: 'This is the test that you asked for. New messages will look like this.',
};

/** In English, as all of this page. A group is told apart from its members by its name. */
export function wordsOf({ count }: Pick<MessageNote, 'count'>, content: NoteContent | undefined): Words {
  if (content === undefined)
    return {
      title: 'Parley',
      body: count === 1 ? 'There is a new message.' : `There are ${count} new messages.`,
    };
  const { authorName, channelName } = content;
  const text = content.preview === 'FULL' ? content.text : undefined;
  const by =
    channelName === null ? text : text === undefined ? `From ${authorName}` : `${authorName}: ${text}`;
  if (count === 1) return { title: channelName ?? authorName, body: by ?? 'New message' };
  const where = channelName === null ? `from ${authorName}` : `in ${channelName}`;
  const newest = channelName !== null && text === undefined ? `The newest is from ${authorName}.` : by;
  return { title: `${count} new messages ${where}`, body: newest ?? '' };
}

/** A reply that is not sent, or not yet. What was written stands in it: nobody has to write it again. */
export function wordsOfReply(text: string, refusal: string | undefined): Words {
  const said = `“${text}”`;
  return refusal === undefined
    ? {
        title: 'Your reply is not sent yet',
        body: `It is kept here, and sent when the server answers: ${said}`,
      }
    : { title: 'Your reply was not sent', body: `${refusal} You wrote: ${said}` };
}
