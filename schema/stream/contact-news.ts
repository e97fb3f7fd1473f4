import type { UserId } from '../ids.ts';
import type { ContactMoved, Contacts } from '../ports/contacts.ts';
import type { FeedPage, Memberships } from '../ports/memberships.ts';
import type { StreamRules } from './rules.ts';

/** A page of somebody's feed with the contacts in it that changed; undefined when too many did. */
export type FeedNews = FeedPage & { readonly contacts: readonly ContactMoved[] | undefined };

type Rows = {
  readonly memberships: Pick<Memberships, 'feedOf'>;
  readonly contacts: Contacts;
  readonly rules: StreamRules;
};

/** Everything that changed in a feed after a version. */
export async function readNews(rows: Rows, userId: UserId, after: number): Promise<FeedNews> {
  return withContacts(rows, userId, { page: await rows.memberships.feedOf(userId, after), after });
}

/**
 * Adds the contacts that changed after a version to a page that begins there or earlier. Contacts go on changing while they are
 * read, so they are read up to the version of the page: what is told of a later one would say that all before it was told.
 */
export async function withContacts(
  { contacts, rules }: Omit<Rows, 'memberships'>,
  userId: UserId,
  { page, after }: { readonly page: FeedPage; readonly after: number },
): Promise<FeedNews> {
  if (page.contactsVersion <= after) return { ...page, contacts: [] };
  const upTo = rules.readsContactsOfPage ? page.version : Number.MAX_SAFE_INTEGER;
  return { ...page, contacts: await contacts.movedIn(userId, { after, upTo }) };
}
