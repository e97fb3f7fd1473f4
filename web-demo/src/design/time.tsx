import { useState } from 'react';
import { fullTimeOf, shortTimeOf } from './times.ts';
import './time.css';

/** When, as short as it can be understood; whoever points at it is told in full. */
export function Time({ at }: { readonly at: string }) {
  const [isAsked, setAsked] = useState(false);
  return (
    <time
      className="time"
      dateTime={at}
      title={isAsked ? fullTimeOf(at) : undefined}
      onPointerEnter={() => setAsked(true)}
    >
      {shortTimeOf(at, Date.now())}
    </time>
  );
}
