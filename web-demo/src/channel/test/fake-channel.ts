import type { Source } from '../timeline-frame.ts';
import type { Row, Stretch } from '../timeline-window.ts';

export type Said = { readonly id: string; readonly number: number; readonly revision: number };
type Asked = { answer(): void; fail(): void };

const pageSize = 5;

/** A channel at a server, and the requests that are under way: each is answered when the test says so. */
export function createChannel(firstVisible = 1) {
  const messages: Said[] = [];
  let lastNumber = firstVisible - 1;
  const asked: Asked[] = [];
  const row = (message: Said): Row<Said> => ({ message, cursor: `at ${message.number}` });
  const stretch = (from: number, to: number): Stretch<Said> => ({
    rows: messages.slice(Math.max(0, from), to).map(row),
    hasOlder: from > 0,
    hasNewer: to < messages.length,
  });
  const newest = () => ({
    ...stretch(messages.length - pageSize, messages.length),
    lastNumber: messages.at(-1)?.number ?? 0,
  });
  const indexOf = (number: number) => messages.findIndex((message) => message.number >= number);
  /** The server looks when it is asked, or only just before it answers. */
  const ask = <P>(look: () => P, isLate = false) =>
    new Promise<P>((resolve, reject) => {
      const seen = isLate ? undefined : look();
      asked.push({ answer: () => resolve(seen ?? look()), fail: () => reject(new Error('offline')) });
    });
  let isLate = false;
  const source: Source<Said> = {
    newest: () => ask(newest, isLate),
    older: ({ message }) =>
      ask(() => stretch(indexOf(message.number) - pageSize, indexOf(message.number)), isLate),
    newer: ({ message }) =>
      ask(() => stretch(indexOf(message.number) + 1, indexOf(message.number) + 1 + pageSize), isLate),
    around: (place) => {
      const number = 'number' in place ? place.number : Number(place.messageId.slice(1));
      return ask(() => {
        const at = indexOf(number) < 0 ? messages.length : indexOf(number);
        return stretch(at - 2, Math.min(at + 3, messages.length));
      }, isLate);
    },
    patch: (held, changed) => (held.id === changed.id && held.revision < changed.revision ? changed : held),
  };
  return {
    source,
    asked,
    messages,
    lookLate(late: boolean): void {
      isLate = late;
    },
    send(skip = 0): Said {
      lastNumber += 1 + skip;
      const message = { id: `m${lastNumber}`, number: lastNumber, revision: 1 };
      messages.push(message);
      return message;
    },
    edit(index: number): Said {
      const { id, number, revision } = messages[index] ?? { id: '', number: 0, revision: 0 };
      const message = { id, number, revision: revision + 1 };
      messages[index] = message;
      return message;
    },
  };
}

/** Lets everything run that needs no answer any more. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
export async function answerAll({ asked }: { readonly asked: Asked[] }): Promise<void> {
  for (let one = asked.shift(); one; one = asked.shift()) {
    one.answer();
    await settle();
  }
}
