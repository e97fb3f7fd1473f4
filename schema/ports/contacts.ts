import type { UserId } from '../ids.ts';

/** What one person has towards another changed last at this version of the person's feed. */
export type ContactMoved = { readonly otherId: UserId; readonly feedVersion: number };

/** Versions above `after`, up to `upTo`. */
export type VersionRange = { readonly after: number; readonly upTo: number };

/** Who changes in a range at most: whoever missed more reads the lists anew, which is cheaper than so many events. */
export const maxContactsMoved = 1_000;

/**
 * Contacts and blocks of people, as the stream sees them: a part of each person's feed, in one order of versions with their
 * memberships and their own things. Rows are never deleted. The operations of contacts write them, beside this port.
 */
export interface Contacts {
  /**
   * Towards whom something of this user's changed last in this range, ascending, each other person once: whoever changed again
   * behind it is not in it. Undefined when they are more than 1,000. To be asked when `FeedPage.contactsVersion` says that there is something.
   */
  movedIn(userId: UserId, range: VersionRange): Promise<readonly ContactMoved[] | undefined>;
}
