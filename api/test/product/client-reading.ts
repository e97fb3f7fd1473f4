/**
 * What a client holds of who has read what in a channel. It counts on by itself, by the rules that the schema's descriptions give:
 * of the server's own counts it takes only those that come with a query or with `ViewerChannelChanged`.
 */

export type Place = number | null;
/** How far a member is; absent where that was not asked for. */
export type Placed = { readonly readNumber?: Place; readonly deliveredNumber?: Place };
/** The viewer's own, counted up to a message and a deletion. */
export type Reading = {
  readonly unreadCount: number;
  readonly countedToNumber: number;
  readonly countedToRevision: number;
  readonly isMarkedUnread: boolean;
};
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

/** What is held where something happens. */
type Held<M extends Placed> = {
  reading: Reading;
  readonly members: Map<string, M>;
  readonly memberId: string;
};
type Message = { readonly number: number; readonly author: { readonly id: string } | null };

/** A client of this person, without one of the rules. */
export function createReadingRules(userId: string, forgotten?: ReadingRule) {
  const [lifts, countsOnce, leavesOutOnce] = readingRules.map((rule) => rule !== forgotten);
  return {
    /** Somebody sent a message. */
    sent<M extends Placed & { readonly user: { readonly id: string } }>(
      held: Held<M>,
      message: Message,
    ): void {
      const { number, author } = message;
      for (const [id, member] of held.members) {
        const { readNumber, deliveredNumber } = member;
        if (!lifts || member.user.id !== author?.id || readNumber !== number - 1) continue;
        held.members.set(id, {
          ...member,
          readNumber: number,
          deliveredNumber: Math.max(deliveredNumber ?? 0, number),
        });
      }
      const { unreadCount, countedToNumber } = held.reading;
      if (countsOnce && number <= countedToNumber) return;
      const more = author?.id === userId ? 0 : 1;
      held.reading = { ...held.reading, unreadCount: unreadCount + more, countedToNumber: number };
    },
    /** A message was deleted, by this revision; null for one that was deleted already. The message is null where the viewer may not see it. */
    deleted<M extends Placed>(held: Held<M>, message: Message | null, revision: number | null): void {
      const { unreadCount, countedToRevision } = held.reading;
      if (revision === null || (leavesOutOnce && revision <= countedToRevision)) return;
      const read = held.members.get(held.memberId)?.readNumber ?? 0;
      const less = message !== null && message.author?.id !== userId && message.number > read ? 1 : 0;
      held.reading = { ...held.reading, unreadCount: unreadCount - less, countedToRevision: revision };
    },
  };
}

/** A member as something shows them: what was not asked for stays as it is. */
export const keepMember = <M extends Placed & { readonly id: string }>(members: Map<string, M>, member: M) =>
  members.set(member.id, { ...members.get(member.id), ...member });

const smallest = (places: readonly (Place | undefined)[]): Place => {
  const shared = places.filter((place) => typeof place === 'number');
  return shared.length > 0 ? Math.min(...shared) : null;
};

/** Up to where all the others are who share it. */
export function ticksOf<M extends Placed>(members: ReadonlyMap<string, M>, memberId: string): Ticks {
  const others = [...members].flatMap(([id, member]) => (id === memberId ? [] : [member]));
  return {
    readByAllNumber: smallest(others.map(({ readNumber }) => readNumber)),
    deliveredToAllNumber: smallest(others.map(({ deliveredNumber }) => deliveredNumber)),
  };
}

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
