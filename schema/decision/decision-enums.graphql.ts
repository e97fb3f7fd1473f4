import { builder } from '../builder.ts';
import { notificationReasons } from '../notification/notification.policy.ts';

export const NotificationRuleEnum = builder.enumType('NotificationRule', {
  description:
    'What is asked about a message and a device, in this order. The first rule that stops it, or has it wait, decides; the rest is ' +
    'not asked then. Grows with releases: show `explanation` for what you do not know.',
  values: {
    SENDER: { description: 'Nobody is told of what they say themselves.' },
    BLOCKED: { description: 'Nor of what is said by somebody whom they have blocked.' },
    MEMBER: { description: 'Only who is in the channel, and may see the message, is told of it.' },
    DELETED: { description: 'Nobody is told of what has been deleted.' },
    TOO_OLD: { description: 'Nor of what is older than a day: not after an outage either.' },
    READ: { description: 'Nor of what they have read, on whichever device.' },
    ACTIVE: {
      description: 'Who is active on a device that has it sees it there. It is asked again while they are.',
    },
    MUTED: { description: 'A channel that is muted or put away is silent: see `muteChannel`.' },
    DO_NOT_DISTURB: { description: 'So is everything while they want not to be disturbed.' },
    CHANNEL: { description: 'What they want to hear of in this channel.' },
    GLOBAL: { description: 'What they want to hear of, where they have not said it of the channel.' },
    IDLE: { description: 'A device is left alone for as long as they want after they were active.' },
    ENDPOINT: { description: 'Only a device that asked for pushes before this was said can be reached.' },
    OTHER: { description: 'A rule that this server does not have: one of another release decided by it.' },
  },
});

/** By the words of the rules themselves, so that none can be given that is not described here. */
const reasons = Object.entries(notificationReasons).map(([key, description]) => [key, { description }]);

export const NotificationReasonEnum = builder.enumType('NotificationReason', {
  description:
    'What a rule found: a key for translations of your own. Grows with releases: show `explanation` for what you do not know.',
  values: {
    ...Object.fromEntries(reasons),
    OTHER: { description: 'A reason that this server does not know: one of another release gave it.' },
  },
});

export const NotificationStepResultEnum = builder.enumType('NotificationStepResult', {
  description: 'What a rule makes of a message for a device.',
  values: {
    PASSES: { description: 'Nothing is in the way: the next rule is asked.' },
    STOPS: { description: 'The device is not told, now or later.' },
    WAITS: { description: 'Not now: it is all asked again later.' },
  },
});

export const NotificationOutcomeEnum = builder.enumType('NotificationOutcome', {
  description: 'What became of a message for a device; in a simulation, what would.',
  values: {
    SENT: { description: 'The device was told, as far as its push service says.' },
    SUPPRESSED: { description: 'The device was not told, and will not be.' },
    POSTPONED: {
      description: 'Not yet: it is asked again later, or sent again when the push service was busy.',
    },
    FAILED: { description: 'It should have been told, and its push service did not take it: see `answer`.' },
  },
});
