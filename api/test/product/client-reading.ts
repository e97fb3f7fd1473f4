import {
  afterDeleted,
  afterSent,
  afterWriting,
  type Counted,
  type Said,
  ticksOf,
} from '../clients/counting.ts';

/**
 * What a client holds of who has read what in a channel. It counts on by itself, by the code of docs/clients.md: of the server's
 * own counts it takes only those that come with a query or with `ViewerChannelChanged`.
 */

export type Place = number | null;
/** How far a member is; absent where that was not asked for. */
export type Placed = { readonly readNumber?: Place; readonly deliveredNumber?: Place };
/** The viewer's own. */
export type Reading = Counted & { readonly isMarkedUnread: boolean };
export type Ticks = { readonly readByAllNumber: Place; readonly deliveredToAllNumber: Place };

export const placedFields = 'readNumber deliveredNumber';
export const readingFields = 'unreadCount countedToNumber countedToRevision isMarkedUnread';
export const tickFields = 'readByAllNumber deliveredToAllNumber';

/** The rules, each of which a client may forget: then it is wrong sooner or later. */
export const readingRules = [
  'who has read everything has read what they write next',
  'what is counted already is not counted again',
  'what was left out already is not taken off again',
] as const;
export type ReadingRule = (typeof readingRules)[number];

type Member = Placed & { readonly id: string; readonly user: { readonly id: string } };
/** What is held where something happens. */
type Held<M extends Member> = {
  reading: Reading;
  readonly members: Map<string, M>;
  readonly memberId: string;
};
const placeOf = ({ readNumber = null, deliveredNumber = null }: Placed) => ({ readNumber, deliveredNumber });

/** A client of this person, without one of the rules. */
export function createReadingRules(userId: string, forgotten?: ReadingRule) {
  const [lifts, countsOnce, leavesOutOnce] = readingRules.map((rule) => rule !== forgotten);
  return {
    /** Somebody sent a message. */
    sent<M extends Member>(held: Held<M>, message: Said): void {
      const author = [...held.members.values()].find(({ user }) => user.id === message.author?.id);
      if (author && lifts)
        held.members.set(author.id, { ...author, ...afterWriting(placeOf(author), message) });
      const before = countsOnce ? held.reading : { ...held.reading, countedToNumber: 0 };
      held.reading = afterSent(before, message, userId);
    },
    /** A message was deleted. */
    deleted<M extends Member>(held: Held<M>, message: Said | null, revision: number | null): void {
      const before = leavesOutOnce ? held.reading : { ...held.reading, countedToRevision: 0 };
      const readNumber = held.members.get(held.memberId)?.readNumber ?? 0;
      held.reading = afterDeleted(before, { message, revision }, { id: userId, readNumber });
    },
  };
}

/** A member as something shows them: what was not asked for stays as it is. */
export const keepMember = <M extends { readonly id: string }>(members: Map<string, M>, member: M) =>
  members.set(member.id, { ...members.get(member.id), ...member });

/** Up to where all the others are who share it. */
export const ticksIn = <M extends Placed>(members: ReadonlyMap<string, M>, memberId: string): Ticks =>
  ticksOf([...members].flatMap(([id, member]) => (id === memberId ? [] : [placeOf(member)])));

/** Watches the places of everybody, as they are shown and as the client makes them: none of them ever goes back. */
export function createWitness() {
  const highest = new Map<string, number>();
  const wentBack: string[] = [];
  const see = (key: string, place: Place | undefined) => {
    if (typeof place !== 'number') return;
    const known = highest.get(key) ?? 0;
    if (place < known) wentBack.push(`${key}: ${known} → ${place}`);
    highest.set(key, Math.max(known, place));
  };
  return {
    wentBack,
    see({ id, readNumber, deliveredNumber }: Placed & { readonly id: string }): void {
      see(`${id} read`, readNumber);
      see(`${id} received`, deliveredNumber);
      if (typeof readNumber === 'number' && (deliveredNumber ?? 0) < readNumber)
        wentBack.push(`${id} has read ${readNumber} and received ${deliveredNumber}`);
    },
  };
}
