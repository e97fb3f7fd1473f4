import type { Offered } from '../design/choice.tsx';
import type {
  NotificationLevel,
  NotificationPreview,
  NotificationSettingsFieldsFragment,
  Weekday,
} from '../gql/graphql.ts';

export type Preferences = NotificationSettingsFieldsFragment;
export type QuietHours = NonNullable<Preferences['quietHours']>;

export const levels: Offered<NotificationLevel> = [
  { value: 'ALL', label: 'Everything' },
  { value: 'REPLIES', label: 'Replies to me' },
  { value: 'NOTHING', label: 'Nothing' },
];

export const previews: Offered<NotificationPreview> = [
  { value: 'FULL', label: 'Who wrote, and what' },
  { value: 'SENDER', label: 'Who wrote' },
  { value: 'NOTHING', label: 'Nothing' },
];
export const previewHints: { readonly [preview in NotificationPreview]: string } = {
  FULL: 'It is encrypted on its way: the service of your browser that brings it cannot read it.',
  SENDER: 'The text is not sent along.',
  NOTHING:
    'Nothing is sent along. Your device fetches what it is about from this server by itself, if it can.',
};

export const quietSpans: Offered<string> = [
  { value: '0', label: 'As soon as I turn away' },
  { value: '60', label: '1 minute later' },
  { value: '300', label: '5 minutes later' },
  { value: '900', label: '15 minutes later' },
  { value: '3600', label: '1 hour later' },
];

/** Another client may have set another one: it is shown as it is. */
export function spansWith(seconds: number): Offered<string> {
  const value = String(seconds);
  if (quietSpans.some((span) => span.value === value)) return quietSpans;
  return [{ value, label: `${seconds} seconds later` }, ...quietSpans];
}

export const weekdays: readonly {
  readonly value: Weekday;
  readonly label: string;
  readonly short: string;
}[] = [
  { value: 'MONDAY', label: 'Monday', short: 'Mo' },
  { value: 'TUESDAY', label: 'Tuesday', short: 'Tu' },
  { value: 'WEDNESDAY', label: 'Wednesday', short: 'We' },
  { value: 'THURSDAY', label: 'Thursday', short: 'Th' },
  { value: 'FRIDAY', label: 'Friday', short: 'Fr' },
  { value: 'SATURDAY', label: 'Saturday', short: 'Sa' },
  { value: 'SUNDAY', label: 'Sunday', short: 'Su' },
];

/** Every night, by the clock of whoever looks. */
export const usualQuietHours = (): QuietHours => ({
  __typename: 'QuietHours',
  from: '22:00',
  to: '07:00',
  days: weekdays.map(({ value }) => value),
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
});

/** All that this browser knows, and the one that is set, should it be none of them. */
export function timeZonesWith(own: string): readonly string[] {
  const known = Intl.supportedValuesOf('timeZone');
  return known.includes(own) ? known : [own, ...known];
}

/** In the order of the week. */
export const withDay = (days: readonly Weekday[], day: Weekday, isWanted: boolean): Weekday[] =>
  weekdays.map(({ value }) => value).filter((value) => (value === day ? isWanted : days.includes(value)));
