/** When somebody wants not to be disturbed: every chosen day from one time to another, by the clock on their wall. */
export type QuietHours = {
  /** Minutes of the day, 0 to 1,439. `to` at or before `from` is of the next day. */
  readonly from: number;
  readonly to: number;
  /** 0 is Monday; the days on which it begins. Never empty. */
  readonly days: readonly number[];
  /** A name of the IANA time zone database, such as `Europe/Lisbon`. */
  readonly timeZone: string;
};

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
/** A formatter costs 50 µs and some kilobytes. There are about 600 names of zones, so no more of them. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** Undefined for a zone that clocks here do not know. The case of a name is no matter, here and there. */
function formatterOf(timeZone: string): Intl.DateTimeFormat | undefined {
  const key = timeZone.toLowerCase();
  const known = formatters.get(key);
  if (known) return known;
  const made = newFormatter(timeZone);
  if (made === undefined) return undefined;
  formatters.set(key, made);
  return made;
}

function newFormatter(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  } catch {
    return undefined;
  }
}

/** What a clock on the wall shows there; undefined where no clock is known. */
function wallTime(timeZone: string, at: number) {
  const parts = formatterOf(timeZone)?.formatToParts(at);
  if (parts === undefined) return undefined;
  const shown = new Map(parts.map(({ type, value }) => [type, value]));
  const minute = Number(shown.get('hour')) * 60 + Number(shown.get('minute'));
  return { day: weekdays.indexOf(String(shown.get('weekday'))), minute };
}

/**
 * `at` in milliseconds since 1970. `from` itself is quiet, `to` is not. What the clock shows counts: a time that it skips in
 * spring does not come, one that it shows twice in autumn is the same both times. In a zone that is not known it is never quiet:
 * zones get new names, and a server that has not heard of one must not fail.
 */
export function isQuietAt({ from, to, days, timeZone }: QuietHours, at: number): boolean {
  const shown = wallTime(timeZone, at);
  if (shown === undefined) return false;
  const { day, minute } = shown;
  if (to > from) return days.includes(day) && minute >= from && minute < to;
  const yesterday = (day + 6) % 7;
  return (days.includes(day) && minute >= from) || (days.includes(yesterday) && minute < to);
}

/**
 * Whether this is a time zone by its name that clocks here know. `+02:00` is none, though newer releases of Node.js take it: it
 * would be wrong for half of the year.
 */
export const isTimeZone = (name: string): boolean => /^[a-z]/i.test(name) && formatterOf(name) !== undefined;

/** Minutes of the day of a time such as `22:00`; undefined of anything else. */
export function minuteOf(time: string): number | undefined {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time) ?? [];
  return hours === undefined || minutes === undefined ? undefined : Number(hours) * 60 + Number(minutes);
}

/** The time of a minute of the day, such as `22:00`. */
export const timeOf = (minute: number): string =>
  [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');

/** The days of such bits, Monday the lowest, in the order of the week. */
export const daysIn = (bits: number): number[] => [...weekdays.keys()].filter((day) => (bits >> day) & 1);

/** The bits of these days. */
export const bitsOf = (days: readonly number[]): number => days.reduce((bits, day) => bits | (1 << day), 0);
