import {
  maxAgeMs,
  type NotificationFacts,
  type NotificationVerdict,
} from '../notification/notification.policy.ts';
import type { PushAnswer } from '../ports/push.ts';
import type { StoredMessage } from '../stream/event.ts';
import type { KeptAnswer, KeptOutcome } from './keep-decisions.ts';
import { isShown, type Looked, type Told } from './wake-rows.ts';

/** What was decided of one message for one device. */
export type Decided = { readonly message: StoredMessage; readonly verdict: NotificationVerdict };

/** Everything up to here is over and done with: behind it comes the first that is not. `decided` ascending, from behind `from` on. */
export function settledUpTo(
  decided: readonly Decided[],
  from: number,
  isOver: (outcome: NotificationVerdict['outcome']) => boolean,
): number {
  const first = decided.findIndex(({ verdict }) => !isOver(verdict.outcome));
  const over = first < 0 ? decided : decided.slice(0, first);
  return Math.max(from, over.at(-1)?.message.number ?? 0);
}

/** When the first of those that wait is to be asked about again; undefined when none waits. */
export function askAgainAt(decided: readonly Decided[]): number | undefined {
  const times = decided.flatMap(({ verdict }) => verdict.askAgainAt ?? []);
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
}

/** Does what a device was told of a message still hold? What they want to be told now does not matter: it is there. */
export const stillStands = ({ message, person }: NotificationFacts): boolean =>
  !message.isDeleted && !person.isBlocked && person.isMember && person.readNumber < message.number;

/** What a device is to be told. */
export type Step =
  | {
      readonly kind: 'message';
      readonly newest: StoredMessage;
      readonly count: number;
      readonly isQuiet: boolean;
    }
  | { readonly kind: 'clear'; readonly number: number };

type Shown = {
  /** Due now, and not told yet; ascending, as the next. */
  readonly due: readonly StoredMessage[];
  /** Told before, and still so. */
  readonly standing: readonly StoredMessage[];
};

/** Nothing, when what it shows is right. What is told takes the place of all that was told before. */
export function stepOf(told: Told, { due, standing }: Shown): Step | undefined {
  const all = [...standing, ...due].toSorted((a, b) => a.number - b.number);
  const newest = all.at(-1);
  const isNew = due.length > 0;
  if (!isNew && !isShown(told)) return undefined;
  if (newest === undefined) return { kind: 'clear', number: told.pushedNumber };
  if (!isNew && standing.some(({ seq }) => seq === told.pushedSeq)) return undefined;
  return { kind: 'message', newest, count: all.length, isQuiet: !isNew };
}

/** What a push service said, and when; 'held' while it wants to be left alone, up to `until`. */
export type Tried =
  | { readonly answer: PushAnswer; readonly at: number }
  | { readonly answer: 'held'; readonly until: number };

/** A service that is busy or down is asked again after so long, in milliseconds: doubled each time, up to the second. */
const pauseMs = { first: 5_000, most: 10 * 60_000 } as const;
/** Not before, and how often in a row it was so. */
export type Hold = { readonly until: number | undefined; readonly tries: number };

/** What is so when a device has been looked at. */
export type Outcome = Looked & {
  /** Of what was due. */
  readonly ofDue: { readonly outcome: KeptOutcome; readonly answer: KeptAnswer | null };
  /** Undefined: as before. */
  readonly hold: Hold | undefined;
};
type Before = {
  readonly told: Told;
  readonly decided: readonly Decided[];
  /** How often in a row its service was busy or down. */
  readonly tries: number;
};

/** What is due and was sent, or will never be, is over; what is to be tried again is not. */
export function outcomeOf(before: Before, step: Step | undefined, tried: Tried | undefined): Outcome {
  const { told, decided } = before;
  const isOver = tried?.answer !== 'held' && tried?.answer.outcome !== 'later';
  const settledNumber = settledUpTo(
    decided,
    told.settledNumber,
    (outcome) => outcome === 'SUPPRESS' || (isOver && outcome === 'SEND'),
  );
  const ofDue = { outcome: 'POSTPONED', answer: null } as const;
  const same = {
    ...told,
    settledNumber,
    lookAt: askAgainAt(decided),
    pushedAt: undefined,
    ofDue,
    hold: undefined,
  };
  if (step === undefined || tried === undefined) return same;
  if (tried.answer === 'held') return { ...same, lookAt: earlier(same.lookAt, tried.until) };
  const { answer, at } = tried;
  const { outcome, status, reason } = answer;
  const given = { ...same, ofDue: { outcome: outcomes[outcome], answer: { outcome, status, reason, at } } };
  if (outcome === 'later') return postponed(given, { ...before, step, at, answer });
  const hold = before.tries > 0 && outcome === 'accepted' ? { until: undefined, tries: 0 } : undefined;
  if (outcome === 'gone') return { ...given, lookAt: undefined };
  if (outcome === 'accepted') return { ...given, ...shownBy(step, told, at), hold };
  return isNews(step) ? given : { ...given, ...givenUp(told) };
}

const outcomes = { accepted: 'SENT', later: 'POSTPONED', gone: 'FAILED', refused: 'FAILED' } as const;
const earlier = (a: number | undefined, b: number) => Math.min(a ?? b, b);

const shownBy = (step: Step, told: Told, at: number) =>
  step.kind === 'clear'
    ? { clearedNumber: step.number }
    : {
        pushedSeq: step.newest.seq,
        pushedNumber: step.newest.number,
        clearedNumber: Math.min(told.clearedNumber, step.newest.number - 1),
        pushedAt: at,
      };

/** As many as a day has room for. */
const mostTries = (24 * 60 * 60 * 1_000) / pauseMs.most;

type Late = Pick<Before, 'told' | 'tries'> & {
  readonly step: Step;
  readonly at: number;
  readonly answer: PushAnswer;
};

/** Nothing is put off for longer than anybody would be told of it: the rules see to that for what is new. */
function postponed(given: Outcome, { step, told, tries, at, answer }: Late): Outcome {
  const ownMs = Math.min(pauseMs.first * 2 ** Math.min(tries, mostTries), pauseMs.most);
  const until = at + Math.min(Math.max(answer.retryAfterMs ?? 0, ownMs), maxAgeMs);
  const hold = { until, tries: tries + 1 };
  if (tries >= mostTries && !isNews(step)) return { ...given, ...givenUp(told), hold };
  return { ...given, lookAt: earlier(given.lookAt, until), hold };
}

/** Something to be told that was not told before. */
export const isNews = (step: Step): step is Extract<Step, { kind: 'message' }> =>
  step.kind === 'message' && !step.isQuiet;

/** What cannot be taken away from a device is not tried for ever. */
const givenUp = (told: Told) => ({ clearedNumber: told.pushedNumber });
