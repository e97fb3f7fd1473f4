import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { openTestDatabase } from '../../../prisma/test/test-database.ts';
import { type FuzzOptions, runFuzz } from '../fuzz/run-fuzz.ts';

// O5: a server in a process of its own, and anything at all over its sockets. `npm run fuzz` does this a million times.

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Given = Pick<FuzzOptions, 'frames' | 'seed' | 'settleMs'> & { readonly broken?: readonly string[] };

async function fuzz({ broken = [], ...given }: Given) {
  const [database, folder] = [await openTestDatabase(), await makeTempFolder()];
  closers.push(database.close, folder.remove);
  const words: string[] = [];
  const report = await runFuzz({
    ...given,
    from: 'source',
    folder: folder.path,
    settings: { DATABASE_URL: database.url },
    broken: broken.map((name) => join(import.meta.dirname, '..', 'fuzz', 'broken', `${name}.mjs`)),
    onProgress: (line) => words.push(line),
  });
  return { ...report, words };
}

describe('O5: ten thousand frames of anything', { timeout: 400_000 }, () => {
  it('crash nothing, leave nothing behind, and disturb nobody who is there as well', async () => {
    const seed = Date.now() % 1_000_000;
    process.stdout.write(`Seed of the fuzzing: ${seed}.\n`);
    const { crashes, leaks, frames, words } = await fuzz({ frames: 10_000, seed });
    expect({ crashes, leaks }, `Seed ${seed}: ${words.join(' ')}`).toEqual({ crashes: [], leaks: [] });
    expect(frames).toBe(10_000);
  });
});

describe('O5: fuzzing', { timeout: 240_000 }, () => {
  const few = { frames: 800, seed: 1, settleMs: 1_000 };

  it('finds a server that ends, and says why', async () => {
    const { crashes } = await fuzz({ ...few, broken: ['crashes'] });
    expect(crashes).toContain('The server has ended.');
    expect(crashes.join()).toContain('broken on purpose');
  });

  it('finds a server that fails', async () => {
    const { crashes } = await fuzz({ ...few, broken: ['fails'] });
    expect(crashes.join()).toMatch(/INTERNAL_SERVER_ERROR|An operation failed unexpectedly/);
    expect(crashes.join()).toContain('The log: ');
  });

  it('finds a server that loses somebody who did nothing wrong, and one that keeps what it should let go', async () => {
    const { crashes, leaks } = await fuzz({ ...few, broken: ['cuts', 'leaks'] });
    expect(crashes.join()).toContain('The control client: The socket was closed');
    expect(leaks.join()).toMatch(/\d+ handles, more than \d+/);
    expect(leaks.join()).toMatch(/heap has grown by \d+ MB/);
  });
});
