import { type Asked, isDone, settledT } from './asked.ts';
import type { Span } from './faults.ts';

/** Something that people turn on and off, muting for example, as it was asked for. */
export type Change = { readonly isOn: boolean; readonly asked: Asked };
/** When it was so, as far as somebody outside can know: it changes between being asked for and being settled. */
export type Switch = { readonly certainly: readonly Span[]; readonly possibly: readonly Span[] };

const neverOn: Switch = { certainly: [], possibly: [] };
const never = Number.POSITIVE_INFINITY;

/** Of something that is off at first. */
export function switchOf(changes: readonly Change[] | undefined): Switch {
  if (changes === undefined) return neverOn;
  const on = changes.filter(({ isOn }) => isOn).map(({ asked }) => asked);
  const off = changes.filter(({ isOn }) => !isOn).map(({ asked }) => asked);
  return {
    certainly: on.filter(isDone).flatMap((one) => {
      // Turned off later, or at the same time, or by an attempt from before that was held up.
      const ends = off.filter((other) => settledT(other) >= one.invokedT).map(({ invokedT }) => invokedT);
      const span = { from: one.doneT, to: Math.min(never, ...ends) };
      return span.to > span.from ? [span] : [];
    }),
    possibly: on.map((one) => {
      const ends = off.filter((other) => other.invokedT >= settledT(one)).map(({ doneT }) => doneT);
      return { from: one.invokedT, to: Math.min(never, ...ends) };
    }),
  };
}

export const isCertainly = ({ certainly }: Switch, { from, to }: Span): boolean =>
  certainly.some((span) => span.from <= from && to <= span.to);
export const isPossibly = ({ possibly }: Switch, { from, to }: Span): boolean =>
  possibly.some((span) => span.from <= to && from <= span.to);

/** All changes of one kind, by whatever they are about. */
export function gatherSwitches(
  asked: ReadonlyMap<number, Asked>,
  changeOf: (asked: Asked) => readonly [key: string, isOn: boolean] | undefined,
): (key: string) => Switch {
  const changes = new Map<string, Change[]>();
  for (const one of asked.values()) {
    const change = changeOf(one);
    if (change === undefined) continue;
    const [key, isOn] = change;
    const known = changes.get(key);
    if (known === undefined) changes.set(key, [{ isOn, asked: one }]);
    else known.push({ isOn, asked: one });
  }
  const switches = new Map([...changes].map(([key, all]) => [key, switchOf(all)]));
  return (key) => switches.get(key) ?? neverOn;
}

/** Who was put out of a channel, by `person channel`; being there from the beginning, or not, is not known by it. */
export const goneOf = (asked: ReadonlyMap<number, Asked>) =>
  gatherSwitches(asked, ({ what, userId }) => {
    if (what.type === 'leave') return [`${userId} ${what.channelId}`, true];
    if (what.type !== 'remove' && what.type !== 'add') return undefined;
    return [`${what.memberId} ${what.channelId}`, what.type === 'remove'];
  });

/** Whose session was ended, by device. */
export const signedOutOf = (asked: ReadonlyMap<number, Asked>) =>
  gatherSwitches(asked, ({ what, device }) => {
    if (what.type === 'revoke') return [what.ofDevice, true];
    return what.type === 'signIn' ? [device, false] : undefined;
  });
