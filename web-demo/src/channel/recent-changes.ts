import type { Numbered } from './timeline-window.ts';

/** A page is under way for seconds at most; so many changes do not come in that time. */
const maxChanges = 200;

/**
 * The last changes that the stream has told. A page that the server had made before a change may arrive after it: what is on
 * such a page is brought up to date by these.
 */
export function createRecentChanges<M extends Numbered>(patch: (held: M, changed: M) => M) {
  const changes = new Map<string, M>();
  return {
    add(message: M): void {
      changes.delete(message.id);
      changes.set(message.id, message);
      const [oldest] = changes.keys();
      if (changes.size > maxChanges && oldest !== undefined) changes.delete(oldest);
    },
    apply: (held: M): M => [...changes.values()].reduce(patch, held),
    clear: () => changes.clear(),
  };
}
