import type {
  NotificationOutcome,
  NotificationReason,
  NotificationRule,
  PushAnswerFieldsFragment,
} from '../gql/graphql.ts';

/** What a rule is about, in a few words. Those of later releases are shown by the explanation of the server alone. */
const rules: { readonly [rule in NotificationRule]?: string } = {
  SENDER: 'Who wrote it',
  BLOCKED: 'Blocking',
  MEMBER: 'Being in the channel',
  DELETED: 'Deletion',
  TOO_OLD: 'Age',
  READ: 'Reading',
  ACTIVE: 'Being there',
  MUTED: 'Muting',
  DO_NOT_DISTURB: 'Do not disturb',
  CHANNEL: 'This channel',
  GLOBAL: 'All channels',
  IDLE: 'A while after you were there',
  ENDPOINT: 'This device',
};
export const ruleWords = (rule: NotificationRule): string => rules[rule] ?? 'Another rule';

/** The same as the server says of anybody, said to whoever looks. */
const reasons: { readonly [reason in NotificationReason]?: string } = {
  BY_SOMEBODY_ELSE: 'Somebody else wrote it.',
  OWN: 'You wrote it yourself.',
  NOT_BLOCKED: 'You have not blocked who wrote it.',
  BLOCKED: 'You have blocked who wrote it.',
  IS_MEMBER: 'You are in the channel.',
  NO_MEMBER: 'You are not in the channel any more, or may not see this message.',
  STANDS: 'It has not been deleted.',
  DELETED: 'It has been deleted.',
  RECENT: 'It was less than a day old.',
  OLD: 'It was more than a day old.',
  UNREAD: 'You had not read it.',
  READ: 'You had read it.',
  AWAY: 'You were active on no device.',
  NOT_DELIVERED: 'You were active, but no device had confirmed it in time.',
  ON_ITS_WAY: 'You were active, and it was on its way to your device.',
  ACTIVE: 'You were active on a device that had it.',
  STAYED_ACTIVE: 'You stayed active on a device that had it.',
  NOT_MUTED: 'You have not muted the channel.',
  MUTED_REPLY: 'You have muted the channel, but want replies to you all the same.',
  MUTED: 'You have muted the channel.',
  ARCHIVED: 'You have archived the channel.',
  MAY_DISTURB: 'You could be disturbed.',
  DO_NOT_DISTURB: 'You did not want to be disturbed for a while.',
  QUIET_HOURS: 'It was in your quiet hours.',
  CHANNEL_UNSET: 'You want of this channel what you want of all.',
  CHANNEL_ALL: 'You want to hear of everything here.',
  CHANNEL_REPLY: 'You want to hear of replies to you here, and it is one.',
  CHANNEL_REPLIES_ONLY: 'You want to hear only of replies to you here.',
  CHANNEL_NOTHING: 'You want to hear of nothing here.',
  CHANNEL_DECIDES: 'What you want of this channel comes first.',
  GLOBAL_ALL: 'You want to hear of everything.',
  GLOBAL_REPLY: 'You want to hear of replies to you, and it is one.',
  GLOBAL_REPLIES_ONLY: 'You want to hear only of replies to you.',
  GLOBAL_NOTHING: 'You want to hear of nothing.',
  IDLE: 'You had not been active for as long as you want.',
  NOT_IDLE_YET: 'You were active a moment before, and want to be left alone for a while then.',
  REACHABLE: 'The device could be reached.',
  NO_ENDPOINT: 'The device was signed out, or has notifications turned off.',
  REGISTERED_LATER: 'Notifications were turned on there only after it was written.',
};
export const reasonWords = (because: NotificationReason, explanation: string): string =>
  reasons[because] ?? explanation;

export const outcomeWords: { readonly [outcome in NotificationOutcome]: string } = {
  SENT: 'You were told',
  SUPPRESSED: 'You were not told',
  POSTPONED: 'Not yet',
  FAILED: 'It could not be sent',
};

/** What the push service of a browser said, which stands between the server and the screen. */
export function answerWords({ outcome, status, reason }: PushAnswerFieldsFragment): string {
  const details = [status, reason?.replace(/\.$/, '')].filter(Boolean).join(', ');
  const about = details === '' ? '' : ` (${details})`;
  switch (outcome) {
    case 'ACCEPTED':
      return `The push service has taken it${about}.`;
    case 'GONE':
      return `The push service does not know this device any more${about}. Turn notifications off and on again there.`;
    case 'LATER':
      return `The push service was busy or did not answer${about}.`;
    case 'REFUSED':
      return `The push service did not take it${about}. Whoever runs this server has to look.`;
    default:
      return `The push service said something that this app does not know${about}.`;
  }
}
