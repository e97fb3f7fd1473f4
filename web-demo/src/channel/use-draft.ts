import { useCallback, useState } from 'react';

/** What is not sent yet, for as long as this tab is open. Who has forbidden the storage loses it with the screen. */
export function useDraft(viewerId: string, channelId: string) {
  const key = `draft ${viewerId} ${channelId}`;
  const [text, setText] = useState(() => read(key));
  const set = useCallback(
    (next: string) => {
      setText(next);
      write(key, next);
    },
    [key],
  );
  return [text, set] as const;
}

function read(key: string): string {
  try {
    return sessionStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

function write(key: string, text: string): void {
  try {
    if (text === '') sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, text);
  } catch {
    // It is full or forbidden: the text is still in its field.
  }
}
