import { UserRef } from '../account/account.graphql.ts';
import { builder } from '../builder.ts';
import { ChannelRef } from '../channel/channel.graphql.ts';
import { channelOf } from '../channel/channel.ts';
import { resultOf } from '../refusal.graphql.ts';
import type { TypingTold } from './open-typing.ts';
import { type SetTypingPayload, setTyping } from './set-typing.ts';
import { watchTyping } from './watch-typing.ts';

/** Everybody who is told is told the same. */
const sameForAll = { sameForAll: true };

const TypingStateRef = builder.objectRef<TypingTold>('TypingState').implement({
  description: 'Somebody writes in a channel, or has stopped: never stored, and soon over by itself.',
  fields: (t) => ({
    channelId: t.exposeID('channelId', { description: 'Where.', extensions: sameForAll }),
    channel: t.field({
      type: ChannelRef,
      description: 'The channel.',
      extensions: sameForAll,
      resolve: async ({ channelId }, _, scope) => (await channelOf(scope, channelId)) ?? channelId,
    }),
    user: t.field({
      type: UserRef,
      description: 'Who.',
      extensions: sameForAll,
      resolve: ({ userId }) => userId,
    }),
    isTyping: t.exposeBoolean('isTyping', {
      description: 'False when they have stopped without sending.',
      extensions: sameForAll,
    }),
    validUntil: t.field({
      type: 'DateTime',
      description: 'Who says no more until then has stopped. A message of theirs says so, too.',
      extensions: sameForAll,
      resolve: ({ validUntil }) => new Date(validUntil),
    }),
  }),
});

builder.subscriptionField('typing', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: TypingStateRef,
    description:
      'Who else writes in these channels, from now on; of channels that the viewer is not in nothing comes, and nothing of people between ' +
      'whom and the viewer there is a block. Name those on the screen, and no others: of all subscriptions of a person together, 4,000 at most.',
    args: {
      channelIds: t.arg.idList({
        required: true,
        description: 'At most as many as `server { limits { presenceWatch } }` says.',
      }),
    },
    subscribe: (_, { channelIds }, scope) => watchTyping(scope, channelIds),
    resolve: (told) => told,
  }),
);

const SetTypingInput = builder.inputType('SetTypingInput', {
  description: 'Who writes is the viewer.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'Where.' }),
    isTyping: t.boolean({
      required: true,
      description: 'Say true again every 3 s, as long as it is so: 6 s without that mean that it is not.',
    }),
  }),
});
const SetTypingPayloadRef = builder.objectRef<SetTypingPayload>('SetTypingPayload').implement({
  description: 'Those who look at the channel now are told.',
  fields: (t) => ({
    channel: t.field({ type: ChannelRef, description: 'Where.', resolve: ({ channel }) => channel }),
  }),
});
const SetTypingResult = resultOf('SetTypingResult', SetTypingPayloadRef);

builder.mutationField('setTyping', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: SetTypingResult,
    description:
      'Says that the viewer writes in a channel, or has stopped, to those who look at it now. Who may not send there may not say that, ' +
      'either (`viewerCan.send`).',
    args: { input: t.arg({ type: SetTypingInput, required: true, description: 'Where, and whether.' }) },
    resolve: (_, { input }, scope) => setTyping(scope, input),
  }),
);
