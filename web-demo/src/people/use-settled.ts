import { useEffect, useState } from 'react';

/** What it is once it has not changed for so long: for what is asked for while somebody types. */
export function useSettled(text: string, afterMs: number): string {
  const [settled, settle] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => settle(text), afterMs);
    return () => clearTimeout(timer);
  }, [text, afterMs]);
  return settled;
}

/** Long enough for the next letter, too short to be waited for. */
const typingPauseMs = 250;

/** What to search for: who writes `@bo` means the handle. Empty as long as there is nothing to look for. */
export function useSearchText(typed: string): string {
  const wanted = typed.trim().replace(/^@/, '');
  const settled = useSettled(wanted, typingPauseMs);
  return wanted === '' ? '' : settled;
}
