import type { Answered, Invoked, Line, Wanted } from '../history.ts';

/**
 * What somebody asked for, with all its attempts and what became of it. `…Line` is a place in the history, which is the order in which
 * things happened, finer than its clock. Infinity: not, as far as anybody knows.
 */
export type Asked = {
  readonly op: number;
  readonly device: string;
  readonly userId: string;
  readonly what: Wanted;
  readonly invokedLine: number;
  readonly invokedT: number;
  /** Of the newest attempt. */
  lastInvokedT: number;
  attempts: number;
  /** An attempt of it ended without an answer: it may still be done later, by a server that was stopped with it in its hands. */
  hasUnknown: boolean;
  isRefused: boolean;
  doneLine: number;
  doneT: number;
  message: SentMessage | undefined;
  seq: number | undefined;
  /** It was acknowledged again, as another message. */
  isTwo: boolean;
};
export type SentMessage = { readonly id: string; readonly seq: number; readonly number: number };
type Ok = Extract<Answered, { readonly kind: 'ok' }>;

/** It was asked once, and answered: what it did was done between the two, and not again. */
export const isTight = ({ attempts, hasUnknown, doneT }: Asked): boolean =>
  attempts === 1 && !hasUnknown && doneT !== Number.POSITIVE_INFINITY;

export const isDone = ({ doneT }: Asked): boolean => doneT !== Number.POSITIVE_INFINITY;

/** It was not done, for certain: an attempt before the refusal could be. */
export const isSurelyNotDone = ({ isRefused, attempts, hasUnknown, doneT }: Asked): boolean =>
  isRefused && attempts === 1 && !hasUnknown && doneT === Number.POSITIVE_INFINITY;

/** A server that was stopped in the middle goes on when it is let: 40 seconds later at most, and some more until it has. */
const goesOnMs = 120_000;
/** From then on it has had its effect, and has no other. */
export const settledT = (asked: Asked): number =>
  isTight(asked) ? asked.doneT : Math.max(asked.doneT, asked.lastInvokedT) + goesOnMs;

/** All that was asked, by number, in the order in which it was asked first. An answer to nothing is passed over. */
export function gatherAsked(lines: readonly Line[]): ReadonlyMap<number, Asked> {
  const all = new Map<number, Asked>();
  lines.forEach((line, at) => {
    if (line.kind === 'invoke') invoke(all, line, at);
    else if (line.kind === 'ok') acknowledge(all.get(line.op), line, at);
    else if (line.kind === 'unknown' || line.kind === 'fail') {
      const asked = all.get(line.op);
      if (asked === undefined) return;
      if (line.kind === 'unknown') asked.hasUnknown = true;
      else asked.isRefused = true;
    }
  });
  return all;
}

function invoke(all: Map<number, Asked>, { op, device, userId, what, t }: Invoked, at: number): void {
  const known = all.get(op);
  if (known !== undefined) {
    known.attempts += 1;
    known.lastInvokedT = t;
    return;
  }
  // Field by field: a million objects that others were spread into are several times as slow.
  all.set(op, {
    op,
    device,
    userId,
    what,
    invokedLine: at,
    invokedT: t,
    lastInvokedT: t,
    attempts: 1,
    hasUnknown: false,
    isRefused: false,
    doneLine: Number.POSITIVE_INFINITY,
    doneT: Number.POSITIVE_INFINITY,
    message: undefined,
    seq: undefined,
    isTwo: false,
  });
}

function acknowledge(asked: Asked | undefined, { message, seq, t }: Ok, at: number): void {
  if (asked === undefined) return;
  if (isDone(asked)) {
    const { message: before } = asked;
    asked.isTwo ||= message !== undefined && before !== undefined && message.seq !== before.seq;
    return;
  }
  asked.doneLine = at;
  asked.doneT = t;
  if (message !== undefined) asked.message = message;
  if (seq !== undefined) asked.seq = seq;
}
