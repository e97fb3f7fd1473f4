import type { DemoIds } from '../seed.ts';
import {
  around,
  changes,
  channels,
  contact,
  createGroup,
  type DemoPerson,
  directChannel,
  events,
  history,
  messageAdded,
  people,
  presence,
  read,
  reply,
  send,
  server,
  signIn,
  typing,
} from './example-documents.ts';

/** One tab of GraphiQL. */
export type Example = { readonly query: string; readonly variables?: string };

/** With whom and with what the examples work as they stand. Where there is no demo, they say what is to be filled in. */
type Given = { readonly person?: DemoPerson; readonly ids?: DemoIds };

const numbered = (number: number, about: readonly string[], query: string) =>
  `${about.map((line, index) => (index === 0 ? `# ${number}. ${line}` : `#    ${line}`)).join('\n')}\n${query}\n`;

type Tab = {
  readonly about: readonly string[];
  /** What the reader has to put into the variables where there is no demo. */
  readonly missing?: string;
  readonly query: string | ((person: DemoPerson) => string);
  readonly variables?: (ids: Record<keyof DemoIds, string>) => object;
};
const aChannel = 'the id of a channel of tab 2';
const inChannel = ({ channelId }: { readonly channelId: string }) => ({ channelId });

const tabs: readonly Tab[] = [
  {
    about: ['Sign in: from then on you are signed in on all tabs.'],
    query: signIn,
  },
  { about: ['Who am I, and what is new? The first screen of a chat.'], query: channels },
  { about: ['The newest messages of a channel.'], missing: aChannel, query: history, variables: inChannel },
  {
    about: [
      'Run this, and send (tab 5) from a second window.',
      'With the `syncCursor` of tab 2 in `after` it tells',
      'first what has happened since. Over a WebSocket.',
    ],
    query: events,
    variables: () => ({ after: [] }),
  },
  {
    about: ['The nonce is yours to choose: with the same one,', 'repeating this sends nothing twice.'],
    missing: aChannel,
    query: send,
    variables: inChannel,
  },
  {
    about: ['Answer a message.'],
    missing: 'ids of a channel and message of tab 2',
    query: reply,
    variables: ({ channelId, messageId }) => ({ channelId, messageId }),
  },
  {
    about: ['Jump to a message, a date or a number.'],
    missing: aChannel,
    query: around,
    variables: ({ channelId }) => ({ channelId, place: { number: 1 } }),
  },
  { about: ['Find people by the beginning of a handle or name.'], query: people },
  {
    about: ['A channel of two: the same one, however often.'],
    missing: 'the id of somebody of tab 8',
    query: directChannel,
    variables: ({ peerId }) => ({ userId: peerId }),
  },
  {
    about: ['Ask somebody for contact. They answer it with', '`answerContactRequest`, or by asking you.'],
    missing: 'the id of somebody of tab 8',
    query: contact,
    variables: ({ peerId }) => ({ userId: peerId }),
  },
  {
    about: ['Whether somebody is there, and each change. With', 'the channel of tab 9 you may see it.'],
    missing: 'the id of somebody of tab 8',
    query: presence,
    variables: ({ peerId }) => ({ userId: peerId }),
  },
  { about: ['A group of your own. `memberIds` are ids of users.'], query: createGroup },
  {
    about: ['What you have read, and how far the others are:', 'the events of tab 4 tell them.'],
    missing: aChannel,
    query: read,
    variables: inChannel,
  },
  {
    about: [
      'Say that you write, as you do with each third key:',
      'who looks by `typing(channelIds:)` sees it for 6 s.',
    ],
    missing: aChannel,
    query: typing,
    variables: inChannel,
  },
  {
    about: ['One channel only, from its first message on.'],
    missing: aChannel,
    query: messageAdded,
    variables: inChannel,
  },
  {
    about: [
      'The events of tab 4 by page, where nothing streams:',
      'it waits up to ten seconds for something new.',
      'Put the `syncCursor` of tab 2 into the variables.',
    ],
    query: changes,
    variables: () => ({ after: [''] }),
  },
  { about: ['What this server accepts at most, and where its sockets are.'], query: server },
];

/**
 * What GraphiQL shows in its tabs to somebody who has not been there before: what a developer tries in the first ten minutes.
 * A test runs each as it stands, with nothing filled in but what its own words tell the reader to.
 */
export const examplesFor = ({ person, ids }: Given): Example[] =>
  tabs.map(({ about, missing, query, variables }, index) => {
    const isMissing = missing !== undefined && ids === undefined;
    const how = person ? 'Or click on a name above.' : 'Put in a handle and a password.';
    const words = [
      ...about,
      ...(query === signIn ? [how] : []),
      ...(isMissing ? [`Put ${missing} into the variables.`] : []),
    ];
    const text = typeof query === 'string' ? query : query(person ?? { handle: '', password: '' });
    const values = variables?.(ids ?? { channelId: '', messageId: '', peerId: '' });
    return {
      query: numbered(index + 1, words, text),
      ...(values && { variables: JSON.stringify(values, null, 2) }),
    };
  });
