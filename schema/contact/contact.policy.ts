import { allowed, denied, type Verdict } from '../verdict.ts';

/** What one person has towards another, a block aside. */
export type Link = 'NONE' | 'REQUESTED_BY_ME' | 'REQUESTED_BY_THEM' | 'CONTACT';
export type Side = { readonly state: Link; readonly isBlocked: boolean };
/** What two people have towards each other. Each sees their own side; the other one may show more than they are to know. */
export type Sides = { readonly mine: Side; readonly theirs: Side };

export const areBlocked = ({ mine, theirs }: Sides): boolean => mine.isBlocked || theirs.isBlocked;

/** What the viewer is shown of their own side. */
export const contactStateOf = ({
  state,
  isBlockedByViewer,
}: {
  readonly state: Link;
  readonly isBlockedByViewer: boolean;
}): Link | 'BLOCKED_BY_ME' => (isBlockedByViewer ? 'BLOCKED_BY_ME' : state);

/** Somebody whom somebody else wants as a contact. `isBlocked`: one of the two has blocked the other. */
export type Asked = { readonly isSelf: boolean; readonly state: Link; readonly isBlocked: boolean };

/**
 * May they ask? What was asked or agreed before is answered first, whoever has blocked whom since: so who is blocked learns no
 * more than who was declined or removed.
 */
export function canRequestContact({ isSelf, state, isBlocked }: Asked): Verdict {
  if (isSelf) return denied('MALFORMED');
  if (state !== 'NONE') return allowed;
  return isBlocked ? denied('NOT_ACCEPTING') : allowed;
}

/** May they answer? Only what was asked; accepting it once more changes nothing. */
export function canAnswerRequest({ state }: Side, accept: boolean): Verdict {
  if (state === 'REQUESTED_BY_THEM' || (accept && state === 'CONTACT')) return allowed;
  return denied('NOT_FOUND');
}

const withStates = ({ mine, theirs }: Sides, own: Link, other: Link): Sides => ({
  mine: { ...mine, state: own },
  theirs: { ...theirs, state: other },
});

/**
 * I ask. Who has asked me meets me, also when I declined it before: they were not told, so for them it is an answer, and a
 * request of mine would tell them.
 */
export function whenRequested(sides: Sides): Sides {
  const { mine, theirs } = sides;
  if (mine.state === 'REQUESTED_BY_ME' || mine.state === 'CONTACT') return sides;
  const isMutual = mine.state === 'REQUESTED_BY_THEM' || theirs.state === 'REQUESTED_BY_ME';
  return isMutual
    ? withStates(sides, 'CONTACT', 'CONTACT')
    : withStates(sides, 'REQUESTED_BY_ME', 'REQUESTED_BY_THEM');
}

/** I answer what they asked. A decline is silent: they go on waiting, so they learn nothing, and need not ask again. */
export function whenAnswered(sides: Sides, accept: boolean): Sides {
  if (sides.mine.state !== 'REQUESTED_BY_THEM') return sides;
  return accept ? withStates(sides, 'CONTACT', 'CONTACT') : withStates(sides, 'NONE', sides.theirs.state);
}

/** What is mutual ends for both, and what I asked is withdrawn. What they asked is not mine to take back. */
export function whenRemoved(sides: Sides): Sides {
  const { mine, theirs } = sides;
  if (mine.state !== 'CONTACT' && mine.state !== 'REQUESTED_BY_ME') return sides;
  return withStates(sides, 'NONE', theirs.state === 'REQUESTED_BY_ME' ? theirs.state : 'NONE');
}

/** I block them: a contact ends as by removal, a request of mine is withdrawn, one of theirs is declined, which is silent. */
export function whenBlocked(sides: Sides): Sides {
  const { mine, theirs } = whenRemoved(whenAnswered(sides, false));
  return { mine: { ...mine, isBlocked: true }, theirs };
}

/** I do not block them any more. Nothing comes back by that. */
export const whenUnblocked = ({ mine, theirs }: Sides): Sides => ({
  mine: { ...mine, isBlocked: false },
  theirs,
});
