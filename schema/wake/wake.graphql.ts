import { builder } from '../builder.ts';
import type { PushAnswer } from '../ports/push.ts';
import { type PushTested, testPush } from '../push-endpoint/test-push.ts';
import { resultOf } from '../refusal.graphql.ts';

/** What a push service answered, and when (milliseconds since 1970); `unknown`: another release kept it, in a word of its own. */
type GivenAnswer = Pick<PushAnswer, 'status' | 'reason'> & {
  readonly outcome: PushAnswer['outcome'] | 'unknown';
  readonly at: number;
};

const PushOutcomeEnum = builder.enumType('PushOutcome', {
  description: 'What became of a push, as far as its service says.',
  values: {
    ACCEPTED: {
      value: 'accepted',
      description: 'The service has taken it. When the device shows it is between the two.',
    },
    GONE: {
      value: 'gone',
      description: 'The service does not know this endpoint any more: it was removed here, too.',
    },
    LATER: { value: 'later', description: 'The service was busy, down or too slow: it is tried again.' },
    REFUSED: {
      value: 'refused',
      description:
        'The service did not take it, and would not the next time: whoever runs the server has to look.',
    },
    OTHER: {
      value: 'unknown',
      description: 'Something that this server does not know: one of another release wrote it down.',
    },
  },
});

export const PushAnswerRef = builder.objectRef<GivenAnswer>('PushAnswer').implement({
  description:
    'What a push service answered. Select it always whole, or let the cache merge it: it is a value, not an entity.',
  fields: (t) => ({
    outcome: t.expose('outcome', { type: PushOutcomeEnum, description: 'What became of the push.' }),
    status: t.exposeInt('status', {
      nullable: true,
      description: 'The HTTP status; null when there was no answer.',
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: "In a few words, the service's own where it gives one. Not for programs: it may change.",
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When that was.' }),
  }),
});

const TestPushInput = builder.inputType('TestPushInput', {
  description: 'Which device is to be tried.',
  fields: (t) => ({
    pushEndpointId: t.id({ required: true, description: 'One of the viewer: see `Viewer.pushEndpoints`.' }),
  }),
});
const TestPushPayload = builder.objectRef<PushTested>('TestPushPayload').implement({
  description: 'It was sent. Whether the device shows it, only whoever looks at it knows.',
  fields: (t) => ({
    answer: t.field({
      type: PushAnswerRef,
      description: 'What the push service said to it.',
      resolve: ({ answer }) => answer,
    }),
  }),
});
const TestPushResult = resultOf('TestPushResult', TestPushPayload);

builder.mutationField('testPush', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: TestPushResult,
    description:
      'Sends a notification to one device of the viewer, whatever they have set and whether they are there, and tells what its push ' +
      'service answered. Ten times an hour at most. An endpoint that the service does not know any more is removed.',
    args: { input: t.arg({ type: TestPushInput, required: true, description: 'Which device.' }) },
    resolve: (_, { input }, scope) => testPush(scope, input),
  }),
);
