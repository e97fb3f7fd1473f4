import { describe, expect, it } from 'vitest';
import { type Span, usualSpan } from './fault.ts';
import { linkName, standstillsOf, stoppedBy } from './progress.ts';
import { gapMs, type Kind, type Planned, respiteMs, scheduleOf, standstillMs } from './schedule.ts';

const servers = ['server-1', 'server-2', 'server-3'] as const;
const workers = ['worker-1', 'worker-2'] as const;
const engines = ['postgres', 'redis', 'cassandra'] as const;
const links = [
  ...servers.map((server) => linkName('client', server)),
  ...[...servers, ...workers].flatMap((from) => engines.map((to) => linkName(from, to))),
];

type Wanted = {
  readonly on: readonly string[];
  readonly weight?: number;
  readonly lastsMs?: Span;
  readonly isMild?: true;
};
const kind = (name: string, { on, weight = 1, lastsMs = usualSpan, isMild }: Wanted): Kind => ({
  ...{ name, weight, lastsMs, healsMs: 5_000 },
  targets: on.map((target) => ({ on: target, stops: isMild ? [] : stoppedBy(target, servers) })),
});
/** As a run has them: many of servers and links, some of engines, that stop everything. */
const manyKinds: readonly Kind[] = [
  kind('server-freeze', { on: servers, weight: 2, lastsMs: { least: 500, most: 40_000 } }),
  ...['kill', 'stall', 'heap', 'clock'].map((name) => kind(`server-${name}`, { on: servers, weight: 2 })),
  ...['a', 'b', 'c', 'd', 'e'].map((point) =>
    kind(`crash-${point}`, { on: servers, weight: 2, lastsMs: { least: 15_000, most: 30_000 } }),
  ),
  ...['kill', 'freeze'].map((name) => kind(`worker-${name}`, { on: workers })),
  ...['silent', 'cut', 'narrow', 'reset'].map((name) => kind(`link-${name}`, { on: links, weight: 2 })),
  kind('link-late', { on: links, isMild: true }),
  ...['reset', 'slow'].map((name) => kind(`clients-${name}`, { on: ['clients'], isMild: true })),
  ...engines.flatMap((engine) =>
    ['kill', 'pause', 'wipe'].map((name) => kind(`${engine}-${name}`, { on: [engine] })),
  ),
];

const seeds = Array.from({ length: 20 }, (_, nth) => 1_000 + nth * 7_919);
const minutes = (count: number) => count * 60_000;
const planOf = (seed: number, ms = minutes(5), kinds = manyKinds) => scheduleOf({ seed, ms, kinds, servers });
const overlap = (one: Planned, other: Planned) => one.at < other.freeAt && other.at < one.freeAt;

/** The rest had no room when its turn came, and keeps its turn. */
const share = 0.5;

describe.each(seeds)('a plan by seed %i', (seed) => {
  const plan = planOf(seed);

  it('breaks something every two to five seconds, for as long as its kind may last', () => {
    const gaps = plan.map(({ at }, nth) => at - (plan[nth - 1]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(gapMs.least);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(gapMs.most);
    for (const { name, at, until, freeAt } of plan) {
      const { least, most } = manyKinds.find((one) => one.name === name)?.lastsMs ?? usualSpan;
      expect(until - at).toBeGreaterThanOrEqual(least);
      expect(until - at).toBeLessThanOrEqual(most);
      expect(freeAt).toBe(until + 5_000);
      expect(until).toBeLessThanOrEqual(minutes(5));
    }
  });

  it('never breaks two things of one target, and always lets one heal first', () => {
    for (const [nth, one] of plan.entries())
      for (const other of plan.slice(nth + 1))
        if (one.on === other.on) expect(overlap(one, other)).toBe(false);
  });

  it('never stops all servers for long, and lets them go on after that', () => {
    for (const { from, to } of standstillsOf(plan, servers, respiteMs))
      expect(to - from).toBeLessThanOrEqual(standstillMs);
  });

  it('breaks every kind that finds room once before any comes again', () => {
    const times = (name: string) => plan.filter((one) => one.name === name).length;
    for (const { name } of manyKinds) expect([name, times(name)]).not.toEqual([name, 0]);
    const again = plan.findIndex(({ name }, nth) =>
      plan.slice(0, nth).some((before) => before.name === name),
    );
    expect(again).toBeGreaterThanOrEqual(manyKinds.length * share);
  });
});

describe('plans', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(planOf(7)).toEqual(planOf(7));
    expect(planOf(8)).not.toEqual(planOf(7));
  });

  it('let several things be broken at once, and sometimes all servers', () => {
    const plans = seeds.map((seed) => planOf(seed));
    const atOnce = plans.flatMap((plan) =>
      plan.map(({ at }) => plan.filter((other) => other.at <= at && at < other.until).length),
    );
    expect(atOnce.filter((count) => count >= 3).length / atOnce.length).toBeGreaterThan(0.3);
    expect(plans.flatMap((plan) => standstillsOf(plan, servers, respiteMs)).length).toBeGreaterThan(
      seeds.length,
    );
  });

  it('break as often as they can where there is little to break', () => {
    const plan = planOf(3, minutes(3), [kind('redis-kill', { on: ['redis'] })]);
    expect(plan.length).toBeGreaterThan(5);
    for (const [nth, { at }] of plan.entries())
      if (nth > 0) expect(at).toBeGreaterThanOrEqual(plan[nth - 1]?.freeAt ?? 0);
  });

  it('shorten what would stop everything for too long', () => {
    const plan = planOf(4, minutes(10), [kind('postgres-pause', { on: ['postgres'] })]);
    expect(plan.length).toBeGreaterThan(10);
    expect(Math.max(...plan.map(({ at, until }) => until - at))).toBeLessThanOrEqual(standstillMs);
  });

  it('are empty where nothing can be broken, or there is no time', () => {
    expect(planOf(1, minutes(1), [])).toEqual([]);
    expect(planOf(1, gapMs.least)).toEqual([]);
    expect(planOf(1, minutes(1), [kind('disk-full', { on: [] })])).toEqual([]);
  });

  it('come to more than a thousand faults in an hour, each point of a crash at least twenty times', () => {
    const plan = planOf(5, minutes(60));
    expect(plan.length).toBeGreaterThanOrEqual(1_000);
    for (const point of ['a', 'b', 'c', 'd', 'e'])
      expect(plan.filter(({ name }) => name === `crash-${point}`).length).toBeGreaterThanOrEqual(20);
  });
});

describe('a standstill', () => {
  const stop = (at: number, until: number, ...stops: string[]) => ({ at, until, stops });

  it('is when every way is stopped, by one thing or by several', () => {
    expect(standstillsOf([stop(0, 10, 'a'), stop(5, 20, 'b')], ['a', 'b'], 1)).toEqual([{ from: 5, to: 10 }]);
    expect(standstillsOf([stop(3, 4, 'a', 'b')], ['a', 'b'], 1)).toEqual([{ from: 3, to: 4 }]);
    expect(standstillsOf([stop(0, 10, 'a')], ['a', 'b'], 1)).toEqual([]);
    expect(standstillsOf([stop(0, 10)], [], 1)).toEqual([]);
  });

  it('goes on where there is hardly any time between two', () => {
    const two = [stop(0, 10, 'a'), stop(14, 20, 'a')];
    expect(standstillsOf(two, ['a'], 5)).toEqual([{ from: 0, to: 20 }]);
    expect(standstillsOf(two, ['a'], 4)).toHaveLength(2);
  });

  it.for([
    ['postgres', [...servers]],
    ['cassandra', [...servers]],
    ['redis', []],
    ['worker-1', []],
    ['server-2', ['server-2']],
    ['client→server-2', ['server-2']],
    ['server-2→postgres', ['server-2']],
    ['server-2→cassandra', ['server-2']],
    ['server-2→redis', []],
    ['worker-2→postgres', []],
    ['clients', []],
  ] as const)('what is wrong with %s stops %j', ([on, stopped]) => {
    expect(stoppedBy(on, servers)).toEqual(stopped);
  });
});
