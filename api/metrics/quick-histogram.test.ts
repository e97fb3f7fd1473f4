import { Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createRandom, upTo } from '../../schema/ports/random.contract.ts';
import { createQuickHistogram } from './quick-histogram.ts';

const bounds = [0.001, 0.01, 0.1, 1];

it('says what the histogram of prom-client says', async () => {
  const seed = 20_261_123;
  const random = createRandom(seed);
  const registry = new Registry();
  const plain = new Histogram({ name: 'lag', help: 'Some lag.', buckets: bounds, registers: [registry] });
  const quick = createQuickHistogram('lag', 'Some lag.', bounds);
  const seconds = [...bounds, 0, 1.000_1, ...upTo(1_000).map(() => 10 ** (random() * 5 - 4))];
  for (const value of seconds) {
    plain.observe(value);
    quick.observe(value);
  }
  expect(quick.text().trim(), `seed ${seed}`).toBe((await registry.metrics()).trim());
});
