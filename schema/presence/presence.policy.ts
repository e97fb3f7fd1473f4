import type { BusPayload } from '../ports/bus.ts';
import type { Claim } from '../ports/leases.ts';

/** How somebody is there. */
export type PresenceState = 'ONLINE' | 'IDLE' | 'OFFLINE';

/** What a device claims while it is connected. */
export const activityOf = (isIdle: boolean): BusPayload => ({ isIdle });
/** A claim of another release that says something else is of somebody who is there. */
export const isIdleIn = ({ value }: Pick<Claim, 'value'>): boolean =>
  typeof value === 'object' && value !== null && 'isIdle' in value && value.isIdle === true;

/** All devices of a person together: who is active on one of them is online, whatever the others do. */
export function stateOf(claims: readonly Pick<Claim, 'value'>[]): PresenceState {
  if (claims.length === 0) return 'OFFLINE';
  return claims.every(isIdleIn) ? 'IDLE' : 'ONLINE';
}

/** Somebody is there otherwise than before. */
export type Step = { readonly before: PresenceState; readonly after: PresenceState };

/**
 * What one claim made of somebody, by what had been claimed just before it, by all of their devices; undefined when nothing. It takes
 * the place of what the same process had claimed for the same device.
 */
export function stepBy(claimed: readonly Claim[], made: Claim): Step | undefined {
  const others = claimed.filter(({ entry, holder }) => entry !== made.entry || holder !== made.holder);
  const [before, after] = [stateOf(claimed), stateOf([...others, made])];
  return before === after ? undefined : { before, after };
}

/** A device that nobody looked at comes and goes without anybody being seen. */
export const wasSeen = ({ before, after }: Step): boolean => before === 'ONLINE' || after === 'ONLINE';

/** Who looks, and at whom. */
export type Look = {
  readonly isSelf: boolean;
  readonly isContact: boolean;
  /** Are the two in a channel together? Only asked where something depends on it. */
  readonly isCoMember: boolean;
  readonly isBlockedByViewer: boolean;
  readonly blocksViewer: boolean;
};

/** Whether anything depends on the two being in a channel together. */
export const dependsOnChannels = ({
  isSelf,
  isContact,
  isBlockedByViewer,
}: Omit<Look, 'isCoMember'>): boolean => !isSelf && !isContact && !isBlockedByViewer;

/** Who may see whether somebody is there: contacts, and those they share a channel with, unless they want nothing of them. */
export const canSeePresence = ({ isSelf, isContact, isCoMember, isBlockedByViewer }: Look): boolean =>
  isSelf || (!isBlockedByViewer && (isContact || isCoMember));

/** What of somebody is shown, as they set it. */
export type Shown = {
  readonly isInvisible: boolean;
  readonly lastSeenVisibleTo: 'NOBODY' | 'CONTACTS' | 'CO_MEMBERS';
};

/**
 * Who is invisible is not there for others, and who blocks somebody is not there for them, which looks the same. To themselves
 * everybody is as they are.
 */
export const isHidden = ({ isInvisible }: Shown, { isSelf, blocksViewer }: Look): boolean =>
  !isSelf && (isInvisible || blocksViewer);

/** Who may know when somebody was there last, of those who may see whether they are. */
export function canSeeLastSeen(
  { lastSeenVisibleTo }: Shown,
  { isSelf, isContact, blocksViewer }: Look,
): boolean {
  if (isSelf || blocksViewer) return isSelf;
  return lastSeenVisibleTo === 'CO_MEMBERS' || (lastSeenVisibleTo === 'CONTACTS' && isContact);
}
