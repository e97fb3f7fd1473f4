import type { Claim, Claimed, Orphan } from '../../schema/ports/leases.ts';

/** Begins the names of what Redis keeps of leases. All leases of an installation are on one Redis. */
export const space = 'leases:';
/** When the lease of each process ends, by the clock of Redis. */
export const lifetimes = `${space}ends`;
/** Since when each process has had its lease, by the clock of Redis. */
export const beginnings = `${space}since`;
export const claimsUnder = (key: string) => `${space}key:${plain(key)}`;
/** Where each claim is that a process made, and that was handed to it. */
export const setsOf = (holder: string) => ({
  held: `${space}held:${holder}`,
  handed: `${space}handed:${holder}`,
});

/** Without white space, which stands between words. */
const plain = (text: string) => text.replaceAll(/[%\s]/g, encodeURIComponent);

/** Which field of its key a claim is in, by who made it first, and where that is among all keys. */
export const placeOf = (from: string, entry: string) => `${from} ${plain(entry)}`;
export const memberOf = (key: string, place: string) => `${plain(key)} ${place}`;

function fromMember(member: string): Pick<Orphan, 'key' | 'from' | 'entry'> {
  const [key = '', from = '', entry = ''] = member.split(' ');
  return { key: decodeURIComponent(key), from, entry: decodeURIComponent(entry) };
}

/** The key and the field of a claim. */
export function fieldOf(member: string): [key: string, field: string] {
  const end = member.indexOf(' ');
  return [`${space}key:${member.slice(0, end)}`, member.slice(end + 1)];
}

/** When something is looked at, and what translates a time of Redis into one of this process. */
type Look = { readonly now: number; readonly toOwn: (redisMs: number) => number };

/** `ends`: when it runs out, by the clock of Redis; `said`: as whoever made it said that, by their own clock. */
type Row = Pick<Claim, 'holder' | 'value'> & {
  readonly ends: number | undefined;
  readonly said: number | undefined;
};

/** What api/drivers/lua/change-claim-4.lua writes. */
function rowIn(claim: string): Row {
  const [, holder = '', ends = '', said = '', json = ''] = /^(\S+) (\S+) (\S+) (.*)$/s.exec(claim) ?? [];
  const time = (word: string) => (word === '-' ? undefined : Number(word));
  return { holder, ends: time(ends), said: time(said), value: JSON.parse(json) };
}

/** What stands under one key `now`, by the clock of Redis. */
export function claimedIn(fields: Readonly<Record<string, string>>, { now, toOwn }: Look): Claimed {
  const { changed: change, ...places } = fields;
  if (change === undefined) return { claims: [], changedAt: undefined };
  const [changed = 0, countedTo = 0] = change.split(' ').map(Number);
  const claims: Claim[] = [];
  const ranOut: number[] = [];
  for (const [place, claim] of Object.entries(places)) {
    const { ends, said, holder, value } = rowIn(claim);
    const { entry } = fromMember(` ${place}`);
    if (ends !== undefined && ends <= now) ranOut.push(ends);
    else claims.push({ entry, holder, value, until: said ?? (ends === undefined ? undefined : toOwn(ends)) });
  }
  // As change-claim-4.lua counts it when something changes next.
  const changedAt = ranOut
    .toSorted((a, b) => a - b)
    .reduce((last, ends) => (ends > countedTo ? Math.max(last + 1, ends) : last), changed);
  return { claims, changedAt };
}

/** A claim as it was handed over. `now` is of this process. */
export function orphanIn(member: string, claim: string, { now, toOwn }: Look): Orphan {
  const { value, ends = 0, said } = rowIn(claim);
  const own = toOwn(ends);
  // What has run out is told as it was said; what has not is waited for, by the clock of this process.
  const until = said !== undefined && own <= now ? Math.min(said, now) : own;
  return { ...fromMember(member), value, until };
}

/** Whether a process holds this claim, as it stands. */
export const isHeldBy = (holder: string, claim: string) => rowIn(claim).holder === holder;
