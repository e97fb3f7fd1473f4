import type { UserId } from '../../../schema/ids.ts';
import { type Truth, typingMs } from './truth.ts';
import type { News, Watcher } from './watcher.ts';

/** What one of those who look may see of one person: all; that they are gone, whatever they do; or nothing. */
export type Sight = 'all' | 'gone' | 'nothing';

/** Something is told in this time that was true before, in milliseconds: so far time goes on at once. */
export const sliceMs = 500;

type Looking = { readonly truth: Truth; readonly userId: UserId; readonly sight: Sight };
type Look = Looking & { readonly now: number; readonly watcher: Watcher };

/** What is wrong with what somebody sees of a person now; undefined when nothing is. */
export const problemOf = (look: Look): string | undefined => problemOfPresence(look) ?? problemOfTyping(look);

/** What is wrong with what somebody was told at some moment; it may have been true a moment before. */
export function problemOfNews(
  { truth, userId, sight }: Looking,
  { at, presence, typing }: News,
): string | undefined {
  if (sight === 'nothing') return 'was told of somebody they may not see';
  if (typing && sight === 'gone') return 'was told that somebody writes, over a block';
  const wroteAt = typing && Date.parse(typing.validUntil) - typingMs;
  if (
    typing &&
    !truth.typedBy(userId).some((typed) => typed.at === wroteAt && typed.isTyping === typing.isTyping)
  )
    return 'was told that somebody writes who never did then, or not for others';
  if (!presence || sight === 'gone') return undefined;
  const states = truth.shownStates(userId, { at, marginMs: sliceMs });
  return states.has(presence.state)
    ? undefined
    : `was told ${presence.state} instead of ${[...states].join(' or ')}`;
}

function problemOfPresence({ truth, now, watcher, userId, sight }: Look): string | undefined {
  const told = watcher.presences.get(userId);
  if (sight === 'nothing') return undefined;
  if (!told) return 'was told nothing';
  if (Date.parse(told.validUntil) < now) return 'was told nothing anew';
  if (sight === 'gone')
    return told.state === 'OFFLINE' && told.lastSeenAt === null ? undefined : 'sees somebody who blocks them';
  const states = truth.shownStates(userId, { at: now, marginMs: 0 });
  if (!states.has(told.state)) return `sees ${told.state} instead of ${[...states].join(' or ')}`;
  return states.size > 1 ? undefined : problemOfLastSeen({ truth, userId, told });
}

type Told = NonNullable<ReturnType<Watcher['presences']['get']>>;
function problemOfLastSeen({
  truth,
  userId,
  told,
}: Pick<Look, 'truth' | 'userId'> & { readonly told: Told }): string | undefined {
  const bounds = truth.seenBounds(userId);
  const seenAt = told.lastSeenAt === null ? undefined : Date.parse(told.lastSeenAt);
  if (told.state === 'ONLINE')
    return seenAt === undefined ? undefined : 'is told when somebody was there last who is';
  if (truth.isHidden(userId))
    return (seenAt ?? 0) > truth.hiddenSince(userId)
      ? 'is told when somebody was there who hides'
      : undefined;
  if (seenAt !== undefined && (bounds === undefined || seenAt > bounds.latest))
    return `is told that they were there ${seenAt - (bounds?.latest ?? 0)} ms later than they can have been`;
  if (truth.wasEverHidden(userId) || bounds === undefined) return undefined;
  const earlyMs = bounds.earliest - (seenAt ?? 0);
  return earlyMs > 0 ? `is told that they were there ${earlyMs} ms earlier than they were` : undefined;
}

function problemOfTyping({ truth, now, watcher, userId, sight }: Look): string | undefined {
  if (sight !== 'all') return undefined;
  const told = watcher.typings.get(userId);
  const isShown = told?.isTyping === true && Date.parse(told.validUntil) > now;
  const last = truth.typedBy(userId).at(-1);
  const isSo = last?.isTyping === true && last.at + typingMs > now;
  if (isShown === isSo) return undefined;
  if (isShown) return 'sees somebody writing who does not';
  return last && last.at > watcher.hearsSince() ? 'does not see somebody writing who does' : undefined;
}
