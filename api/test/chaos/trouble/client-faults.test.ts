import { describe, expect, it } from 'vitest';
import { createRandom } from '../../smoke/random.ts';
import { clientFaults } from './client-faults.ts';
import { madeUpLoad } from './made-up-load.ts';
import { madeUpStage } from './made-up-stage.ts';

describe('what happens to clients', () => {
  it.for([
    ['clients-reset', /^reset \d+$/],
    ['clients-half-open', /^half-open \d+ for 5000 ms$/],
    ['clients-slow', /^slow \d+ to 4096 for 5000 ms$/],
    ['clients-storm', /^storm$/],
  ] as const)('%s asks the load for it', async ([name, words]) => {
    const asked: string[] = [];
    const load = madeUpLoad((what) => asked.push(what));
    const fault = clientFaults.find((one) => one.name === name);
    const { signal } = new AbortController();
    const stage = madeUpStage();
    expect(fault?.isPossible(stage)).toBe(true);
    const [on = ''] = fault?.targets(stage) ?? [];
    const begun = await fault?.begin({ stage, load, random: createRandom(1), signal, on, lastsMs: 5_000 });
    expect(asked).toEqual([expect.stringMatching(words)]);
    expect(begun?.detail).toMatch(/^([1-9]|10) devices$/);
    await begun?.heal();
  });
});
