import { builder } from '../builder.ts';
import { DeviceRef } from '../device/device.graphql.ts';
import { idPrefix } from '../ids.ts';
import { MessageRef } from '../message/message.graphql.ts';
import { idOf } from '../message/message.ts';
import { PushAnswerRef } from '../wake/wake.graphql.ts';
import {
  NotificationOutcomeEnum,
  NotificationReasonEnum,
  NotificationRuleEnum,
  NotificationStepResultEnum,
} from './decision-enums.graphql.ts';
import { type DeviceDecision, decisionOf, type MessageDecision } from './kept-decisions.ts';
import type { ShownStep } from './shown-trace.ts';

export const NotificationStepRef = builder.objectRef<ShownStep>('NotificationStep').implement({
  description:
    'What one rule said. Select it always whole, or let the cache merge it: it is a value, not an entity.',
  fields: (t) => ({
    rule: t.expose('rule', { type: NotificationRuleEnum, description: 'Which rule.' }),
    result: t.expose('result', { type: NotificationStepResultEnum, description: 'What it made of it.' }),
    because: t.expose('because', { type: NotificationReasonEnum, description: 'What it found.' }),
    explanation: t.exposeString('explanation', {
      description: 'The same for people, in English. `They` are the viewer.',
    }),
  }),
});

/** At most 13 steps of four words each, and none costs a look at anything: so that a whole page can be explained. */
export const traceComplexity = { field: 1, multiplier: 5 };
export const traceDescription = 'The rules that were asked, in order; the last one decided. Never empty.';

const DeviceDecisionRef = builder.objectRef<DeviceDecision>('DeviceDecision').implement({
  description: 'Why one device of the viewer was told of a message, or was not.',
  fields: (t) => ({
    id: t.id({
      description: 'One per device and message.',
      resolve: ({ messageId, deviceId }) =>
        `${idPrefix.DeviceDecision}${deviceId.slice(idPrefix.Device.length)}.${messageId.slice(idPrefix.Message.length)}`,
    }),
    deviceId: t.exposeID('deviceId', { description: 'Which device, also when it is gone.' }),
    device: t.field({
      type: DeviceRef,
      nullable: true,
      description: 'The device; null when it is gone.',
      resolve: ({ deviceId }) => deviceId,
    }),
    outcome: t.expose('outcome', { type: NotificationOutcomeEnum, description: 'What became of it.' }),
    decidedBy: t.field({
      type: NotificationRuleEnum,
      description: 'The rule that decided: that of the last step. When none was in the way, the last rule.',
      resolve: ({ trace }) => trace.decidedBy,
    }),
    trace: t.field({
      type: [NotificationStepRef],
      description: traceDescription,
      complexity: traceComplexity,
      resolve: ({ trace }) => trace.steps,
    }),
    answer: t.expose('answer', {
      type: PushAnswerRef,
      nullable: true,
      description:
        'What the push service answered last; null when nothing was sent, and of what is suppressed since.',
    }),
    decidedAt: t.expose('decidedAt', {
      type: 'DateTime',
      description: 'Since when it is so: what is asked again, and found just the same, keeps its time.',
    }),
  }),
});

const NotificationDecisionRef = builder.objectRef<MessageDecision>('NotificationDecision').implement({
  description: 'Why the devices of the viewer were told of a message, or were not.',
  fields: (t) => ({
    id: t.id({
      description: 'One per viewer and message.',
      resolve: ({ message }) => idPrefix.NotificationDecision + idOf(message).slice(idPrefix.Message.length),
    }),
    message: t.field({
      type: MessageRef,
      nullable: true,
      description: 'What was said; null when the viewer may not see it any more.',
      resolve: ({ message }) => message,
    }),
    devices: t.field({
      type: [DeviceDecisionRef],
      description: 'Each device that was asked about: those that had asked for pushes then.',
      resolve: ({ devices }) => devices,
    }),
  }),
});

// It depends on the viewer, so it is not marked for sharing: an event in which it is selected is made for each viewer.
builder.objectField(MessageRef, 'notificationDecision', (t) =>
  t.field({
    type: NotificationDecisionRef,
    nullable: true,
    description:
      "Why the viewer's own devices were told of it, or were not: for nobody else to see. Null when none of them was asked about, as " +
      'long as that is not decided (some seconds), and 30 days later.',
    resolve: (message, _, scope) => decisionOf(scope, message),
  }),
);
