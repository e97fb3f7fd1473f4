import { builder } from '../builder.ts';
import { ChannelAbilitiesRef } from '../member/abilities.graphql.ts';
import { VerdictRef } from '../refusal.graphql.ts';
import { canSend } from './message.policy.ts';
import { standingOf } from './standing.ts';

builder.objectField(ChannelAbilitiesRef, 'send', (t) =>
  t.field({
    type: VerdictRef,
    description: 'Send messages, with `sendMessage`.',
    resolve: ({ membership }) => canSend(standingOf(membership)),
  }),
);
