import { createManualClock, type ManualClock } from '../../../schema/ports/clock.manual.ts';
import { createRandom, upTo } from '../../../schema/ports/random.contract.ts';
import { type Cast, openCast } from './cast.ts';
import { createDeeds, type Deed, type Deeds } from './deeds.ts';
import { type Faults, type Fleet, openFleet } from './fleet.ts';
import { becomesTrue } from './patience.ts';
import { createTruth } from './truth.ts';
import { problemOf, problemOfNews, sliceMs } from './verdict.ts';
import { createWatcher, type Watcher } from './watcher.ts';

/** Of the time of the clock, in milliseconds; the access tokens live for half as long again. */
const longMs = 600_000;
const anything: readonly Deed[] = [
  ...(['connect', 'connect', 'connect', 'connect', 'close', 'close', 'flap', 'freeze'] as const),
  ...(['kill', 'stop', 'start', 'start', 'setActivity', 'setActivity', 'hide', 'revoke'] as const),
  ...(['setTyping', 'setTyping', 'setTyping'] as const),
];
/** Of no length that a bound has. */
const pauses = [500, 500, 1_500, 4_000, 9_500, 12_500, 40_000] as const;

type Play = {
  readonly clock: ManualClock;
  readonly fleet: Fleet;
  readonly script: Deeds;
  readonly pick: Pick;
  readonly watchers: readonly Watcher[];
  /** What is wrong with what somebody was told since the last look, or with what they see now. */
  readonly look: () => string | undefined;
};

export type Played = {
  /** The first thing that somebody was shown and should not have been, or what is left at the end. */
  readonly problem: string | undefined;
  /** How often all together were told each state, and that somebody writes. */
  readonly heard: Readonly<Record<string, number>>;
};

export type Script = {
  readonly faults?: Faults | undefined;
  /** What happens, one as often as the other. */
  readonly deeds?: readonly Deed[];
  readonly playMs?: number;
};

/** Plays a seed on a fleet. */
export async function playOn(seed: number, script: Script = {}): Promise<Played> {
  const clock = createManualClock(1_717_171_717_171);
  const fleet = await openFleet(clock, script.faults);
  try {
    for (const _ of upTo(3)) await fleet.openServer();
    const play = openPlay({ fleet, clock, cast: await openCast(fleet.world), seed });
    const problem = (await playAll(play, script)) ?? (await whatIsLeft(play));
    return { problem: problem && `seed ${seed}: ${problem}`, heard: heardBy(play.watchers) };
  } finally {
    await fleet.close();
  }
}

function heardBy(watchers: readonly Watcher[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const { heard } of watchers) for (const [what, count] of heard) all[what] = (all[what] ?? 0) + count;
  return all;
}

type Pick = <T>(list: readonly T[]) => T;
function createPick(seed: number): Pick {
  const random = createRandom(seed);
  return <T>(list: readonly T[]) => {
    const picked = list[Math.floor(random() * list.length)];
    if (picked === undefined) throw new Error('Nothing to pick from.');
    return picked;
  };
}

type Settings = {
  readonly fleet: Fleet;
  readonly clock: ManualClock;
  readonly cast: Cast;
  readonly seed: number;
};
function openPlay({ fleet, clock, cast, seed }: Settings): Play {
  const pick = createPick(seed);
  // By luck of their own: when they lose a server is for the network to say.
  const pickServer = createPick(seed + 1_000);
  const truth = createTruth(clock.now);
  const users = cast.people.map(([{ userId }]) => userId);
  const looking = cast.lookers.map(({ person, sights }) => ({
    handle: person.handle,
    looks: users.map((userId, index) => ({ truth, userId, sight: sights[index] ?? 'nothing' })),
    watcher: createWatcher({
      ...{ person, userIds: users, channelId: cast.channelId, now: clock.now },
      anyServer: () => pickServer([...fleet.servers]),
    }),
  }));
  const look = () => {
    for (const { handle, watcher, looks } of looking)
      for (const one of looks) {
        const news = watcher.news.filter(({ userId }) => userId === one.userId);
        const problem =
          news.map((some) => problemOfNews(one, some)).find(Boolean) ??
          problemOf({ ...one, watcher, now: clock.now() });
        if (problem) return `${handle}, of ${one.userId}: ${problem}`;
      }
    return undefined;
  };
  const script = createDeeds({ fleet, cast, truth, pick });
  return { clock, fleet, script, pick, look, watchers: looking.map(({ watcher }) => watcher) };
}

async function playAll(
  play: Play,
  { deeds = anything, playMs = longMs }: Script,
): Promise<string | undefined> {
  const { clock, script, pick } = play;
  const until = clock.now() + playMs;
  await settle(play);
  for (let step = 1; clock.now() < until; step += 1) {
    const deed = pick(deeds);
    await script.deeds[deed]();
    const problem = await goOn(play, Math.min(pick(pauses), until - clock.now()));
    if (problem) return `step ${step} (${deed}): ${problem}`;
  }
  return undefined;
}

/** All that needs no time is done, and every client has answered. */
async function settle({ fleet, script, watchers }: Play): Promise<void> {
  await fleet.quiet();
  for (const watcher of watchers) await watcher.settle();
  await script.settle();
  await fleet.quiet();
}

/** Lets time go on, by so little at once that the network keeps up with it, and looks after each step. */
async function goOn(play: Play, ms: number): Promise<string | undefined> {
  const { clock, fleet, watchers, look } = play;
  for (let left = ms; left > 0; left -= sliceMs) {
    await settle(play);
    await clock.advance(Math.min(left, sliceMs));
    await fleet.quiet();
    // What has been sent may still be on its way.
    if (!(await becomesTrue(() => look() === undefined))) return look();
    for (const { news } of watchers) news.length = 0;
  }
  return undefined;
}

/** When all have gone, nothing stays of it, whoever has died meanwhile. */
async function whatIsLeft({ clock, fleet, script, watchers }: Play): Promise<string | undefined> {
  await script.leaveAll();
  for (const watcher of watchers) watcher.stop();
  await clock.advance(700_000); // for ten minutes the leases remember when something changed
  await fleet.quiet();
  for (const { product } of fleet.servers) {
    const { connected, watched } = product.presence.counts;
    const held = product.presence.shares.total + product.typing.shares.total;
    if (connected + watched + held > 0) return `a server still holds ${connected}, ${watched}, ${held}`;
  }
  return fleet.space.keys.size > 0 ? `${fleet.space.keys.size} people are still claimed` : undefined;
}
