import type { Flow } from './flow.ts';

/** How long anything is waited for, in milliseconds: more than the five seconds after which a server says that it does not know. */
const answerMs = 8_000;
/** The same for who reads slowly: the answer stands behind everything else. */
const slowAnswerMs = 40_000;
/** After so long without a word the other side is asked for a sign of life, and then given up. */
const askLifeMs = 8_000;
const silentMs = 13_000;
const openMs = 8_000;

type Watched = {
  readonly now: () => number;
  /** What has no answer yet, the oldest first. */
  readonly asked: ReadonlyMap<string, { readonly since: number }>;
  readonly flow: Pick<Flow, 'isSlow' | 'send'>;
  readonly drop: (because: string) => void;
};

/** Notices when nothing comes any more, as far as it is awake. */
export function createWatch({ now, asked, flow, drop }: Watched) {
  let heardAt = now();
  let awakeSince = heardAt;
  let hasAsked = false;
  let isAsleep = false;
  return {
    heard(): void {
      heardAt = now();
      hasAsked = false;
    },
    freeze(isFrozen: boolean): void {
      isAsleep = isFrozen;
      awakeSince = now();
    },
    tick(isOpen: boolean): void {
      if (isAsleep) return;
      const since = (at: number) => now() - Math.max(at, awakeSince);
      const [first] = asked.values();
      const mostMs = flow.isSlow() ? slowAnswerMs : answerMs;
      if (!isOpen && since(heardAt) > openMs) drop('not acknowledged');
      else if (first && since(first.since) > mostMs) drop('no answer');
      else if (since(heardAt) > Math.max(silentMs, flow.isSlow() ? slowAnswerMs : 0)) drop('silent');
      else if (since(heardAt) > askLifeMs && isOpen && !hasAsked) {
        hasAsked = true;
        flow.send('{"type":"ping"}');
      }
    },
  };
}
