import { chatError } from '../errors.ts';
import { typeOfId, type UserId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { ViewerScope } from '../scope.ts';
import {
  createEnd,
  createPulledReader,
  type End,
  listenUntil,
  pullPatiently,
} from '../stream/pulled-reader.ts';
import type { Reader } from '../stream/stream.ts';
import type { Presence } from './open-presence.ts';
import type { PresenceHint } from './presence-topics.ts';
import {
  createReadRows,
  createWatchedPeople,
  type PresenceDelivery,
  type ReadRows,
  type Wanted,
} from './watched-people.ts';

/** What changes within that time is told together, in milliseconds: whoever flaps is looked at four times a second at most. */
const stateMs = 250;
/** The same for what is written of people, which costs the database something. */
const personMs = 2_000;
/** Everybody is looked at and told anew so often, in milliseconds: well before what was said last has run out. */
const renewMs = 60_000;
/** Ends with whoever asked; without that, never by itself. */
const never = new AbortController().signal;

/**
 * Who of these people is there: first all whom the viewer may see, then each change, and everybody again each minute. Of the others
 * nothing is said, but once when somebody is not to be seen any more. Nothing is queued but the last word of each. Rejects with
 * `BAD_USER_INPUT` for more people than the server lets anybody watch, and with `RATE_LIMITED` for who watches too many already.
 */
export async function watchPresence(
  scope: ViewerScope,
  userIds: readonly UserId[],
): Promise<Reader<PresenceDelivery>> {
  const { presence, clock, limits, viewer, signal = never } = scope;
  const distinct = [...new Set(userIds)];
  if (distinct.length > limits.presenceWatch)
    throw chatError('BAD_USER_INPUT', `\`userIds\` has at most ${limits.presenceWatch} entries.`);
  // An id of anything else is nobody's, and will be nobody's.
  const asked = distinct.filter((id) => typeOfId(id) === 'User');
  const leave = presence.shares.take(viewer.id, asked.length);
  const end = createEnd(signal);
  end.whenOver(leave);
  const watch = { viewerId: viewer.id, userIds: asked, readRows: createReadRows(scope) };
  return followPeople({ presence, clock }, watch, end);
}

type Watch = {
  readonly viewerId: UserId;
  readonly userIds: readonly UserId[];
  readonly readRows: ReadRows;
};
type Followed = { readonly presence: Omit<Presence, 'shares'>; readonly clock: Clock };

/** The same until this end, for people who are written wherever `readRows` finds them. */
export async function followPeople(
  { presence, clock }: Followed,
  { viewerId, userIds, readRows }: Watch,
  end: End,
): Promise<Reader<PresenceDelivery>> {
  const people = createWatchedPeople({ presence, readRows }, userIds);
  const due = createDue(clock, end);
  const queue: PresenceDelivery[] = [];

  async function look(): Promise<void> {
    const taken = due.take();
    try {
      queue.push(...(await people.look(taken)));
    } catch (failure) {
      due.giveBack(taken);
      throw failure;
    }
  }

  async function pull(): Promise<PresenceDelivery | undefined> {
    while (!end.isOver()) {
      const next = queue.shift();
      if (next !== undefined) return next;
      if (!(await due.wait())) continue;
      // Tried again until it works: what is due stays due.
      await pullPatiently(look, clock, end);
    }
    return undefined;
  }

  const onHint = (userId: UserId) => (hint: PresenceHint) => {
    // What there is between two others is nobody's business, and changes nothing here.
    if (hint.what === 'relation' && hint.to !== viewerId) return;
    people.onHint(userId, hint);
    due.onHint(userId, hint);
  };
  end.whenOver(presence.onLost(() => due.onLost(userIds)));
  // First all ears, then the first look.
  await listenUntil(
    end,
    userIds.map((userId) => () => presence.listen(userId, onHint(userId))),
  );
  return createPulledReader(end, pull);
}

/** Who is to be looked at, and when. */
function createDue(clock: Clock, end: End) {
  const [rows, profiles, states] = [new Set<UserId>(), new Set<UserId>(), new Set<UserId>()];
  const waiting = { relation: rows, profile: profiles, state: states };
  let [personsAt, statesAt, renewAt] = [0, 0, clock.now()];
  let wake = new AbortController();
  end.whenOver(() => wake.abort());
  const since = (isWaiting: boolean, at: number) => (isWaiting ? at : Number.POSITIVE_INFINITY);
  /** It is time, or further off than anything is put off: then the clock was set back. */
  const isTime = (at: number, putOffMs: number) => clock.now() >= at || at - clock.now() > putOffMs;
  /** What waited in a set, which then is empty. */
  const taken = (set: Set<UserId>): Set<UserId> => {
    const all = new Set(set);
    set.clear();
    return all;
  };

  return {
    onHint(userId: UserId, { what }: PresenceHint): void {
      waiting[what].add(userId);
      wake.abort();
    },
    /** Any of them may be otherwise, or not to be seen any more. */
    onLost(userIds: readonly UserId[]): void {
      for (const userId of userIds) {
        rows.add(userId);
        states.add(userId);
      }
      wake.abort();
    },
    /** Waits until it is time to look, or there is something new; says whether it is time. */
    async wait(): Promise<boolean> {
      const at = Math.min(
        renewAt,
        since(rows.size + profiles.size > 0, personsAt),
        since(states.size > 0, statesAt),
      );
      if (isTime(at, renewMs)) return true;
      wake = new AbortController();
      await clock.sleep(at - clock.now(), wake.signal);
      return false;
    },
    /** Who is to be looked at now. What comes while that is done is looked at again. */
    take(): Wanted {
      const now = clock.now();
      const isRenewal = isTime(renewAt, renewMs);
      const none = new Set<UserId>();
      const arePersonsDue = isRenewal || isTime(personsAt, personMs);
      const [dueRows, dueProfiles] = arePersonsDue ? [taken(rows), taken(profiles)] : [none, none];
      const dueStates = taken(states);
      // Who changes just after everybody was looked at anyway does not wait for that.
      if (dueStates.size > 0) statesAt = now + stateMs;
      if (isRenewal || dueRows.size + dueProfiles.size > 0) personsAt = now + personMs;
      // Not all at once, when many began to watch at the same time.
      if (isRenewal) renewAt = now + Math.round(renewMs * (0.75 + Math.random() / 4));
      return { isRenewal, rows: dueRows, profiles: dueProfiles, states: dueStates };
    },
    /** It could not be done, and is still due. */
    giveBack(wanted: Wanted): void {
      [personsAt, statesAt] = [clock.now(), clock.now()];
      for (const userId of wanted.rows) rows.add(userId);
      for (const userId of wanted.profiles) profiles.add(userId);
      for (const userId of wanted.states) states.add(userId);
      if (wanted.isRenewal) renewAt = clock.now();
    },
  };
}
