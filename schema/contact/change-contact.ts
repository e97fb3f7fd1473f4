import { rowIdOf, type UserId } from '../ids.ts';
import type { FeedMoved } from '../ports/memberships.ts';
import type { Viewer, ViewerScope } from '../scope.ts';
import { type Denied, denied, invalidInput, isDenied, type Refusal } from '../verdict.ts';
import type { Sides } from './contact.policy.ts';
import {
  type ContactsWritten,
  isUnchanged,
  lockPair,
  type Pair,
  readSides,
  writeSides,
} from './contact-rows.ts';

export type ContactInput = { readonly userId: UserId };
export type ContactPayload = { readonly userId: UserId; readonly viewer: Viewer };
/** What the two have towards each other then, or why not. Pure; may run again. */
export type Decide = (sides: Sides) => Sides | Denied;

/**
 * Changes what the viewer and somebody else have towards each other, and tells the devices of both what concerns them. Looks
 * before it locks: what changes nothing, or is refused, holds nobody up.
 */
export async function changeContact(
  scope: ViewerScope,
  userId: UserId,
  decide: Decide,
): Promise<ContactPayload | Refusal> {
  const { viewer, prisma } = scope;
  if (userId === viewer.id) return invalidInput('MALFORMED', 'userId', 'That is you: choose somebody else.');
  const pair = { me: rowIdOf.user(viewer.id), them: rowIdOf.user(userId) };
  const before = await readSides(prisma, pair);
  if (before === undefined) return denied('NOT_FOUND');
  const wanted = decide(before);
  if (isDenied(wanted)) return wanted;
  if (!isUnchanged(before, wanted)) {
    const written = await write(scope, pair, decide);
    if (isDenied(written)) return written;
    announce(scope, written);
    // What the two are to each other says what they see of each other's presence, a block too. It tells nobody why.
    scope.presence.announce(viewer.id, userId);
    scope.presence.announce(userId, viewer.id);
  }
  return { userId, viewer };
}

function write(
  { prisma, clock }: ViewerScope,
  pair: Pair,
  decide: Decide,
): Promise<ContactsWritten | Denied> {
  return prisma.$transaction(async (tx) => {
    await lockPair(tx, pair);
    const before = await readSides(tx, pair);
    if (before === undefined) return denied('NOT_FOUND');
    const after = decide(before);
    if (isDenied(after)) return after;
    if (isUnchanged(before, after)) return { moved: [] };
    return writeSides(tx, pair, { before, after, now: clock.now() });
  });
}

function announce({ stream }: ViewerScope, { moved, channelId }: ContactsWritten): void {
  if (channelId !== undefined) stream.forgetRights(channelId);
  const newest = new Map<UserId, FeedMoved>(moved.map((one) => [one.userId, one]));
  for (const one of newest.values()) stream.announceFeed(one);
}
