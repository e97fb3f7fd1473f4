import { z } from 'zod';
import {
  type NotificationReason,
  type NotificationRule,
  type NotificationStep,
  notificationReasons,
  notificationRules,
} from '../notification/notification.policy.ts';

/** One rule that was asked, as people are shown it. */
export type ShownStep = {
  readonly rule: NotificationRule | 'OTHER';
  readonly result: NotificationStep['result'];
  readonly because: NotificationReason | 'OTHER';
  readonly explanation: string;
};
/** The rules that were asked, in order, never none; the last one decided. */
export type ShownTrace = { readonly steps: readonly ShownStep[]; readonly decidedBy: ShownStep['rule'] };

/** What the last rule must have made of it where that is not readable, by what became of it. */
const lastResults = { SENT: 'PASSES', SUPPRESSED: 'STOPS', POSTPONED: 'WAITS', FAILED: 'PASSES' } as const;
type Outcome = keyof typeof lastResults;

const unreadable: Omit<ShownStep, 'result'> = {
  rule: 'OTHER',
  because: 'OTHER',
  explanation: 'This server cannot read why: one of another release decided it.',
};

const keptTrace = z.array(z.unknown());
const keptStep = z.tuple([z.string(), z.string(), z.string()], z.unknown());
/** The words of rules and reasons, of whatever release: only such are shown. */
const wordForm = /^[A-Z][A-Z_]{0,63}$/;

const isRule = (word: string): word is NotificationRule => notificationRules.some((rule) => rule === word);
const isReason = (word: string): word is NotificationReason => Object.hasOwn(notificationReasons, word);
const isResult = (word: string): word is ShownStep['result'] => ['PASSES', 'STOPS', 'WAITS'].includes(word);

/**
 * A trace as it is kept: `[rule, result, because]` of each rule that was asked. Servers of several releases write and read it, while
 * one takes the place of the other and for 30 days afterwards. What this one does not know is shown as `OTHER`, and explained by the
 * word that was kept: never left out, because then another rule would seem to have decided.
 */
export function keptTraceOf(kept: unknown, outcome: Outcome): ShownTrace {
  const entries = keptTrace.safeParse(kept).data ?? [];
  const last = lastResults[outcome];
  const steps = entries.map((entry, at) => keptStepOf(entry, at === entries.length - 1 ? last : 'PASSES'));
  return traceOf(steps.length === 0 ? [{ ...unreadable, result: last }] : steps);
}

function keptStepOf(entry: unknown, otherwise: ShownStep['result']): ShownStep {
  const { data } = keptStep.safeParse(entry);
  if (data === undefined || !wordForm.test(data[0]) || !wordForm.test(data[2]))
    return { ...unreadable, result: otherwise };
  const [rule, result, because] = data;
  return {
    rule: isRule(rule) ? rule : 'OTHER',
    result: isResult(result) ? result : otherwise,
    because: isReason(because) ? because : 'OTHER',
    explanation: explanationOf(rule, because),
  };
}

function explanationOf(rule: string, because: string): string {
  const words = isReason(because) ? notificationReasons[because] : undefined;
  if (words !== undefined && isRule(rule)) return words;
  const found = words ?? `It found ${because}.`;
  return `A server of another release asked its rule ${rule}, which this one ${isRule(rule) ? 'has otherwise' : 'does not have'}. ${found}`;
}

/** What the rules of this release have just said. */
export const traceNow = (steps: readonly NotificationStep[]): ShownTrace =>
  traceOf(steps.map((step) => ({ ...step, explanation: notificationReasons[step.because] })));

const traceOf = (steps: readonly ShownStep[]): ShownTrace => ({
  steps,
  decidedBy: steps.at(-1)?.rule ?? 'OTHER',
});
