import { chatError } from '../errors.ts';
import type { UserId } from '../ids.ts';
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
import type { PresenceHint } from './presence-hint.ts';
import { createWatchedPeople, type PresenceDelivery } from './watched-people.ts';

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
 * `BAD_USER_INPUT` for more people than the server lets anybody watch.
 */
export async function watchPresence(
  scope: ViewerScope,
  userIds: readonly UserId[],
): Promise<Reader<PresenceDelivery>> {
  const { presence, clock, limits, signal = never } = scope;
  const asked = [...new Set(userIds)];
  if (asked.length > limits.presenceWatch)
    throw chatError('BAD_USER_INPUT', `\`userIds\` has at most ${limits.presenceWatch} entries.`);
  const people = createWatchedPeople(scope, asked);
  const end = createEnd(signal);
  const due = createDue(clock, end);
  const queue: PresenceDelivery[] = [];

  async function look(): Promise<void> {
    const taken = due.take();
    try {
      queue.push(...(await people.look(taken.isRenewal ? 'all' : taken)));
    } catch (failure) {
      due.giveBack(taken);
      throw failure;
    }
  }

  async function pull(): Promise<PresenceDelivery | undefined> {
    while (!end.signal.aborted) {
      const next = queue.shift();
      if (next !== undefined) return next;
      if (!(await due.wait())) continue;
      // Tried again until it works: what is due stays due.
      await pullPatiently(look, clock, end);
    }
    return undefined;
  }

  const onHint = (userId: UserId) => (hint: PresenceHint) => {
    people.onHint(userId, hint);
    due.onHint(userId, hint);
  };
  // First all ears, then the first look.
  await listenUntil(
    end,
    asked.map((userId) => () => presence.listen(userId, onHint(userId))),
  );
  return createPulledReader(end, pull);
}

type Due = {
  readonly persons: ReadonlySet<UserId>;
  readonly states: ReadonlySet<UserId>;
  readonly isRenewal: boolean;
};

/** Who is to be looked at, and when. */
function createDue(clock: Clock, end: End) {
  const persons = new Set<UserId>();
  const states = new Set<UserId>();
  let [personsAt, statesAt, renewAt] = [0, 0, clock.now()];
  let wake = new AbortController();
  end.signal.addEventListener('abort', () => wake.abort(), { once: true });
  const since = (set: ReadonlySet<UserId>, at: number) => (set.size > 0 ? at : Number.POSITIVE_INFINITY);

  return {
    onHint(userId: UserId, { what }: PresenceHint): void {
      (what === 'person' ? persons : states).add(userId);
      wake.abort();
    },
    /** Waits until it is time to look, or there is something new; says whether it is time. */
    async wait(): Promise<boolean> {
      const at = Math.min(renewAt, since(persons, personsAt), since(states, statesAt));
      const waitMs = Math.min(at - clock.now(), renewMs); // also when the clock was set back
      if (waitMs <= 0) return true;
      wake = new AbortController();
      await clock.sleep(waitMs, wake.signal);
      return false;
    },
    /** Who is to be looked at now. What comes while that is done is looked at again. */
    take(): Due {
      const now = clock.now();
      const isRenewal = now >= renewAt;
      const taken = {
        persons: new Set(isRenewal || now >= personsAt ? persons : []),
        states: new Set(states),
        isRenewal,
      };
      states.clear();
      if (taken.persons.size > 0) persons.clear();
      statesAt = now + stateMs;
      if (taken.persons.size > 0 || isRenewal) personsAt = now + personMs;
      // Not all at once, when many began to watch at the same time.
      if (isRenewal) renewAt = now + renewMs * (0.75 + Math.random() / 4);
      return taken;
    },
    /** It could not be done. */
    giveBack(taken: Due): void {
      for (const userId of taken.persons) persons.add(userId);
      for (const userId of taken.states) states.add(userId);
      if (taken.isRenewal) renewAt = clock.now();
    },
  };
}
