import { builder } from '../builder.ts';
import { DeviceRef } from '../device/device.graphql.ts';
import { NotificationStepRef, traceComplexity, traceDescription } from './decision.graphql.ts';
import { NotificationOutcomeEnum, NotificationRuleEnum } from './decision-enums.graphql.ts';
import { type SimulatedDevice, type Simulation, simulateNotification } from './simulate-notification.ts';

const SimulatedDeviceRef = builder.objectRef<SimulatedDevice>('SimulatedDevice').implement({
  description: 'What would become of a message for one device.',
  fields: (t) => ({
    device: t.field({ type: DeviceRef, description: 'The device.', resolve: ({ device }) => device }),
    outcome: t.expose('outcome', {
      type: NotificationOutcomeEnum,
      description: 'What would become of it: never `FAILED`, as no push service is asked.',
    }),
    decidedBy: t.field({
      type: NotificationRuleEnum,
      description: 'The rule that decides: that of the last step. When none is in the way, the last rule.',
      resolve: ({ trace }) => trace.decidedBy,
    }),
    trace: t.field({
      type: [NotificationStepRef],
      description: traceDescription,
      complexity: traceComplexity,
      resolve: ({ trace }) => trace.steps,
    }),
    askAgainAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it would be asked again; null when it would not.',
      resolve: ({ askAgainAt }) => askAgainAt,
    }),
  }),
});

const NotificationSimulationRef = builder.objectRef<Simulation>('NotificationSimulation').implement({
  description: 'What would happen if something was said. Nothing of it is kept.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When it would be said.' }),
    devices: t.field({
      type: [SimulatedDeviceRef],
      description:
        'Each device on which the viewer is signed in, the one used last first; also those that have not asked for pushes.',
      resolve: ({ devices }) => devices,
    }),
  }),
});

const SimulateNotificationInput = builder.inputType('SimulateNotificationInput', {
  description: 'A message that nobody sends.',
  fields: (t) => ({
    channelId: t.id({ required: true, description: 'Where it is said: a channel that the viewer is in.' }),
    authorId: t.id({
      description:
        'Who says it: another member. Without it, anybody else; in a direct channel that is the other person.',
    }),
    replyToId: t.id({
      description:
        'The message that it answers: one of the same channel that the viewer may see. To see what a reply to the viewer does, one of ' +
        'their own.',
    }),
    at: t.field({
      type: 'DateTime',
      description:
        'When it is said: now without it, at most a year from now or ago. Hours and times of not being disturbed are looked at as of ' +
        'then, everything else as of now, and the viewer is taken to be away. Without it they are where they are.',
    }),
  }),
});

/** As much as 80 in one operation can cost: what each reads of rows, log and leases is like a short page. */
const simulationComplexity = { field: 250, multiplier: 1 };

builder.queryField('simulateNotification', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: NotificationSimulationRef,
    nullable: true,
    description:
      "Would it buzz? Asks the rules about a message that nobody sends, for each of the viewer's own devices. Null when the viewer is " +
      'not in the channel. `NOT_FOUND` for an author who is no member, and for a message to answer that the viewer may not see.',
    args: {
      input: t.arg({
        type: SimulateNotificationInput,
        required: true,
        description: 'What is said, and where.',
      }),
    },
    complexity: simulationComplexity,
    resolve: (_, { input }, scope) => simulateNotification(scope, input),
  }),
);
