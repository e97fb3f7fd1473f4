import { parseArgs } from 'node:util';
import { runNaive } from './run-naive.ts';
import { weathers } from './weather.ts';

/** `npx tsx api/test/naive/compare.ts`: a line of JSON for each design in each weather, or in those of `--weather`. */
const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '3000' },
    seed: { type: 'string', default: '1' },
    source: { type: 'boolean', default: false },
    weather: { type: 'string', multiple: true, default: [...weathers] },
  },
});
await runNaive({
  messages: Number(values.messages),
  seed: Number(values.seed),
  isBuilt: !values.source,
  weathers: weathers.filter((one) => values.weather.includes(one)),
  onResult: (result) => process.stdout.write(`${JSON.stringify(result)}\n`),
  onProgress: (words) => process.stderr.write(`${words}\n`),
});
