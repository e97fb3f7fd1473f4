import { afterEach, describe, expect, it, vi } from 'vitest';
import { upTo } from '../ports/random.contract.ts';
import { type Faults, type Model, openModel, viewerIds } from '../test/presence/model.ts';
import { type Act, createPlay, type Play } from '../test/presence/play.ts';
import { problemOf, type Watcher, watch } from '../test/presence/watching.ts';

const acts: readonly Act[] = [
  ...(['connect', 'connect', 'connect', 'close', 'close', 'flap', 'comeBack', 'setIdle', 'setIdle'] as const),
  ...(['crowd', 'crowd', 'kill', 'stall', 'breakStore'] as const),
  ...(['rename', 'hide', 'hide', 'share', 'relate', 'meet'] as const),
];
/** Of no length that a bound has; the store is out of reach for one of them, which is shorter than anybody's patience. */
const pauses = [10, 30, 300, 2_000, 9_000, 12_000, 30_000] as const;

async function run(seed: number, faults: Faults): Promise<string | undefined> {
  const model = openModel(seed, faults);
  vi.spyOn(Math, 'random').mockImplementation(model.random); // which says how far apart people are told again
  const play = createPlay(model);
  const eye = model.openProcess(); // who looks is on a process that lives on
  const watchers = await Promise.all(viewerIds.map((viewerId) => watch(model, eye, viewerId)));
  await model.clock.advance(1_000);
  for (const step of upTo(300)) {
    const name = play.pick(acts);
    play.act(name);
    await model.clock.advance(play.pick(pauses));
    play.mendStore();
    const problem = watchers.map((watcher) => problemOf(model, play, watcher)).find(Boolean);
    if (problem) return `seed ${seed} of ${JSON.stringify(faults)}, step ${step} (${name}): ${problem}`;
  }
  const left = await whatIsLeft(model, play, watchers);
  return left && `seed ${seed} of ${JSON.stringify(faults)}: ${left}`;
}

/** When all have gone, and nobody looks any more, nothing stays of it, whoever has died meanwhile. */
async function whatIsLeft(
  { clock, topics, space }: Model,
  play: Play,
  watchers: readonly Watcher[],
): Promise<string | undefined> {
  play.leaveAll();
  const stopping = Promise.all(watchers.map(({ stop }) => stop()));
  await clock.advance(700_000); // for ten minutes the leases remember when something changed
  await stopping;
  if (topics.size > 0) return `${topics.size} topics are still open`;
  return space.keys.size > 0 ? `${space.keys.size} people are still claimed` : undefined;
}

afterEach(() => vi.restoreAllMocks());

describe('who is shown as there', () => {
  it.each(upTo(30))(
    'is who is truly connected, within the bounds, to who may see it (seed %i)',
    async (seed) => {
      expect([await run(seed, { lostHints: 0, slowMs: 0 })]).toEqual([undefined]);
    },
  );

  it.each(upTo(30))('is so also when what happens at once gets in its own way (seed %i)', async (seed) => {
    expect([await run(seed, { lostHints: 0, slowMs: 40 })]).toEqual([undefined]);
  });

  it.each(upTo(20))('is so a minute later at most when hints are lost (seed %i)', async (seed) => {
    expect([await run(seed, { lostHints: 0.3, slowMs: 40 })]).toEqual([undefined]);
  });
});
