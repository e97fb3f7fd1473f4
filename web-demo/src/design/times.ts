/** Made when it is first needed: each takes some milliseconds, and most screens need one of them. */
function later<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
const format = (options: Intl.DateTimeFormatOptions) =>
  later(() => new Intl.DateTimeFormat(undefined, options));

const clock = format({ hour: 'numeric', minute: '2-digit' });
const clockSeconds = format({ hour: 'numeric', minute: '2-digit', second: '2-digit' });
const weekday = format({ weekday: 'short' });
const dayMonth = format({ day: 'numeric', month: 'short' });
const dayMonthYear = format({ day: 'numeric', month: 'short', year: 'numeric' });
const longDay = format({ weekday: 'long', day: 'numeric', month: 'long' });
const full = format({ dateStyle: 'full', timeStyle: 'short' });
const relative = later(() => new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' }));

const dayMs = 86_400_000;
const startOfDay = (ms: number) => new Date(ms).setHours(0, 0, 0, 0);
/** How many midnights lie between; rounded, as some days have 23 hours. */
const daysBetween = (from: number, to: number) => Math.round((startOfDay(to) - startOfDay(from)) / dayMs);

/** `14:05`. */
export const clockOf = (iso: string): string => clock().format(new Date(iso));
/** Everything about it, for a tooltip. */
export const fullTimeOf = (iso: string): string => full().format(new Date(iso));

/** As short as it can be understood: the time today, the day of the week in the last six days, else the date. */
export function shortTimeOf(iso: string, now: number): string {
  const at = new Date(iso);
  const days = daysBetween(at.getTime(), now);
  if (days === 0) return clock().format(at);
  if (days > 0 && days < 7) return weekday().format(at);
  return (at.getFullYear() === new Date(now).getFullYear() ? dayMonth() : dayMonthYear()).format(at);
}

/** For a line between days: `today`, `yesterday`, then the date. */
export function dayOf(iso: string, now: number): string {
  const at = new Date(iso);
  const days = daysBetween(at.getTime(), now);
  if (days === 0 || days === 1) return relative().format(-days, 'day');
  return (at.getFullYear() === new Date(now).getFullYear() ? longDay() : dayMonthYear()).format(at);
}

/** A moment to wait for: `at 14:05:10` today, `on 12 Mar, 14:05` otherwise. */
export function momentOf(iso: string, now: number): string {
  const at = new Date(iso);
  if (daysBetween(at.getTime(), now) === 0) {
    const isSoon = Math.abs(at.getTime() - now) < 600_000;
    return `at ${(isSoon ? clockSeconds() : clock()).format(at)}`;
  }
  return `on ${dayMonth().format(at)}, ${clock().format(at)}`;
}
