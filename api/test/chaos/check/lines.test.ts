import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createRandom } from '../../smoke/random.ts';
import { formatLine, openLineFile, parseLine, parseLines, readLines } from './lines.ts';
import { walkAtRandom } from './made-up-walk.ts';

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-lines-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'history.jsonl');
}

it('writes a history to a file, and reads the same from it', async () => {
  const path = await place();
  const lines = walkAtRandom(createRandom(1), 300);
  const file = openLineFile(path);
  for (const line of lines) file.write(line);
  file.close();
  expect(await readLines(path)).toEqual(lines);
  await expect(readLines(path, { most: 100 })).rejects.toThrow('more than 100 lines');
});

it('says which line is none, and why', async () => {
  const good = '{"kind":"heal","t":1,"fault":2}';
  expect(parseLines(`${good}\n\n${good}\n`)).toHaveLength(2);
  expect(formatLine(parseLine(good))).toBe(good);
  for (const [text, words] of [
    ['{"kind":', 'Line 2 is not JSON: {"kind":'],
    ['7', 'Line 2: it is no object.'],
    ['{"kind":"toString","t":1}', 'Line 2: nobody knows the kind "toString".'],
    ['{"kind":"heal","fault":1}', 'Line 2: `t` is missing in a line of the kind “heal”, or odd.'],
    ['{"kind":"reset","t":1,"device":"a","attempt":1,"channelId":7,"reason":""}', '`channelId` is missing'],
    [
      '{"kind":"subscribe","t":1,"device":"a","userId":"a","attempt":1,"held":{"c":"1"}}',
      '`held` is missing',
    ],
  ] as const)
    expect(() => parseLines(`${good}\n${text}`)).toThrow(words);
  const path = await place();
  await writeFile(path, `${good}\nnothing\n`);
  await expect(readLines(path)).rejects.toThrow('Line 2 is not JSON: nothing');
});
