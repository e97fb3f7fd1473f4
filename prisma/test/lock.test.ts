import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Lock, takeLock } from '../embedded/lock.ts';
import { makeTempFolder } from '../temp-folder.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function tempFolder(): Promise<string> {
  const { path, remove } = await makeTempFolder();
  closers.push(remove);
  return path;
}

/** The lock, or nothing if it was refused. */
async function attempt(folder: string): Promise<Lock | undefined> {
  try {
    const lock = await takeLock(folder);
    closers.push(lock.release);
    return lock;
  } catch {
    return undefined;
  }
}

describe('the lock of a data folder', () => {
  it('has one holder at a time', async () => {
    const folder = await tempFolder();
    const lock = await takeLock(folder);
    expect(await attempt(folder)).toBeUndefined();
    await lock.release();
    expect(await attempt(folder)).toBeDefined();
  });

  it('never has two holders, however many want it at once', async () => {
    const folder = await tempFolder();
    for (let round = 0; round < 20; round++) {
      const held = (await Promise.all(Array.from({ length: 6 }, () => attempt(folder)))).filter(Boolean);
      expect(held.length).toBeLessThanOrEqual(1);
      for (const lock of held) await lock?.release();
    }
    expect(await attempt(folder)).toBeDefined();
    expect(await readdir(folder)).toHaveLength(1);
  });

  it('is free when only the remains of a dead holder are there', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'lock-0badcafe'), ''); // nobody listens there
    expect(await attempt(folder)).toBeDefined();
    expect(await readdir(folder)).not.toContain('lock-0badcafe');
  });

  it('is held under every name of a folder, however long', async () => {
    const folder = join(await tempFolder(), 'a'.repeat(100), 'b'.repeat(100));
    await mkdir(folder, { recursive: true });
    expect(await attempt(folder)).toBeDefined();
    await expect(takeLock(folder)).rejects.toThrow(`in use by another Parley (process ${process.pid})`);
  });
});
