import { fullTimeOf, shortTimeOf } from './times.ts';
import './time.css';

/** When, as short as it can be understood. */
export function Time({ at }: { readonly at: string }) {
  return (
    <time className="time" dateTime={at} title={fullTimeOf(at)}>
      {shortTimeOf(at, Date.now())}
    </time>
  );
}
