import { builder } from '../builder.ts';
import { ChannelRef } from '../channel/channel.graphql.ts';
import { MessageRef } from '../message/message.graphql.ts';
import { lastMessage } from '../message/message.ts';
import { pageComplexity } from '../page.ts';
import { historyOf } from './history.ts';
import { aroundComplexity, messagesAround, usualCount } from './messages-around.ts';

const MessageEdge = builder.edgeObject({
  name: 'MessageEdge',
  description: 'A message in a page of history.',
  type: MessageRef,
});
const MessageConnection = builder.connectionObject(
  { name: 'MessageConnection', description: 'A page of history.', type: MessageRef },
  MessageEdge,
);

const MessagePlace = builder.inputType('MessagePlace', {
  description: 'A place in the history of a channel.',
  isOneOf: true,
  fields: (t) => ({
    messageId: t.id({ description: 'A message of this channel that the viewer may see.' }),
    date: t.field({ type: 'DateTime', description: 'An instant: the first message at or after it.' }),
    number: t.field({
      type: 'Position',
      description: 'The `number` of a message, or of where one would be.',
    }),
  }),
});

builder.objectFields(ChannelRef, (t) => ({
  messages: t.connection(
    {
      type: MessageRef,
      description: 'Oldest to newest. At most 100 a page; with neither `first` nor `last`, the newest 50.',
      complexity: pageComplexity,
      resolve: (channel, args, scope) => historyOf(scope, channel.id, args),
    },
    MessageConnection,
  ),
  messagesAround: t.field({
    type: MessageConnection,
    description:
      'A page with this place in it: the message itself, or the first one at or after the date or number, and messages before ' +
      'and after it. Go on with `messages` and the cursors of this page. Behind the newest message, those before it.',
    complexity: aroundComplexity,
    args: {
      place: t.arg({ type: MessagePlace, required: true, description: 'Where.' }),
      countBefore: t.arg.int({
        defaultValue: usualCount,
        description: 'At most so many before it; with `countAfter` at most 100.',
      }),
      countAfter: t.arg.int({ defaultValue: usualCount, description: 'At most so many after it.' }),
    },
    resolve: (channel, args, scope) => messagesAround(scope, channel.id, args),
  }),
  lastMessage: t.field({
    type: MessageRef,
    nullable: true,
    description: 'The newest that the viewer may see; null when there is none.',
    resolve: (channel, _, scope) => lastMessage(scope, channel.id),
  }),
}));
