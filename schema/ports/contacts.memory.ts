import type { UserId } from '../ids.ts';
import { type Contacts, maxContactsMoved } from './contacts.ts';
import { type Channel, isActive, move, type User } from './memberships.memory-rows.ts';
import type { FeedMoved } from './memberships.ts';

// Contacts of the people of `memberships.memory.ts`, whose feeds they move, and what the operations of contacts do to both.

type Users = ReadonlyMap<UserId, User>;

export const contactsOf = (users: Users): Contacts => ({
  async movedIn(userId, { after, upTo }) {
    const moved = [...(users.get(userId)?.contacts ?? [])]
      .map(([otherId, feedVersion]) => ({ otherId, feedVersion }))
      .filter(({ feedVersion }) => feedVersion > after && feedVersion <= upTo)
      .sort((a, b) => a.feedVersion - b.feedVersion);
    return moved.length > maxContactsMoved ? undefined : moved;
  },
});

/** What somebody has towards somebody else changes. */
export function touchContact(users: Users, userId: UserId, otherId: UserId): FeedMoved {
  const user = users.get(userId);
  if (!user) throw new Error('There is no such user.');
  user.feedVersion += 1;
  user.contactsVersion = user.feedVersion;
  user.contacts.set(otherId, user.feedVersion);
  return { userId, version: user.feedVersion };
}

/** Has one of these two blocked the other? */
export const areBlocked = (users: Users, one: UserId, other: UserId): boolean =>
  users.get(one)?.blocked.has(other) === true || users.get(other)?.blocked.has(one) === true;

export type Block = { readonly by: UserId; readonly of: UserId; readonly isBlocked: boolean };

/** Somebody blocks somebody else, or does so no more. What both may do in their direct channel changes with it. */
export function block(
  { users, channels }: { readonly users: Users; readonly channels: Iterable<Channel> },
  { by, of, isBlocked }: Block,
): readonly FeedMoved[] {
  const before = areBlocked(users, by, of);
  if (isBlocked) users.get(by)?.blocked.add(of);
  else users.get(by)?.blocked.delete(of);
  const moved = [touchContact(users, by, of)];
  if (areBlocked(users, by, of) === before) return moved;
  for (const { facts, rows } of channels)
    if (facts.pair?.includes(by) && facts.pair.includes(of))
      for (const row of rows.values()) if (isActive(row)) moved.push(move(users, row));
  return moved;
}
