import type { Found } from '../history.ts';

/** Somebody saw a channel from their joining to their leaving, both included; Infinity: to the end. */
export type Stay = { readonly joined: number; readonly left: number };

/** Of a channel of which nobody knows who came and went, everybody is taken to see everything. */
const always: readonly Stay[] = [{ joined: 1, left: Number.POSITIVE_INFINITY }];
const never: readonly Stay[] = [];

/** By person, ascending. */
export type Members = ReadonlyMap<string, readonly Stay[]>;

/** Who was in a channel when, by its log. `onOdd`: somebody came who was there, or left who was not. */
export function membersOf(
  memberships: NonNullable<Found['memberships']>,
  onOdd: (what: string) => void,
): Members {
  const members = new Map<string, Stay[]>();
  for (const { seq, userId, change } of memberships) {
    const stays = members.get(userId) ?? [];
    members.set(userId, stays);
    const last = stays.at(-1);
    const isThere = last !== undefined && last.left === Number.POSITIVE_INFINITY;
    if (isThere === (change === 'joined')) onOdd(`${userId} ${change} at ${seq}`);
    else if (last !== undefined && isThere) stays[stays.length - 1] = { ...last, left: seq };
    else stays.push({ joined: seq, left: Number.POSITIVE_INFINITY });
  }
  return members;
}

export const staysOf = (members: Members | undefined, userId: string): readonly Stay[] =>
  members === undefined ? always : (members.get(userId) ?? never);

/** The stay that this place is in, or else the first one behind it. */
export function stayFrom(stays: readonly Stay[], seq: number): Stay | undefined {
  const last = stays.at(-1);
  if (last === undefined || last.left < seq) return undefined;
  if (last.joined <= seq) return last; // nearly always
  let [from, to] = [0, stays.length - 1];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((stays[middle]?.left ?? 0) < seq) from = middle + 1;
    else to = middle;
  }
  return stays[from];
}

export function stayAt(stays: readonly Stay[], seq: number): Stay | undefined {
  const stay = stayFrom(stays, seq);
  return stay !== undefined && stay.joined <= seq ? stay : undefined;
}

/** The first place behind this one that may be seen. */
export function nextVisible(stays: readonly Stay[], seq: number): number | undefined {
  const stay = stayFrom(stays, seq + 1);
  return stay && Math.max(stay.joined, seq + 1);
}

/** How many places behind `after`, up to `upTo`, may be seen. */
export function countVisible(stays: readonly Stay[], after: number, upTo: number): number {
  let count = 0;
  for (const { joined, left } of stays)
    count += Math.max(0, Math.min(left, upTo) - Math.max(joined - 1, after));
  return count;
}

/** Who is there at the end has this as their last stay. */
export function openStay(stays: readonly Stay[]): Stay | undefined {
  const last = stays.at(-1);
  return last?.left === Number.POSITIVE_INFINITY ? last : undefined;
}
