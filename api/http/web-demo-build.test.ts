import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { isStartError } from '../../prisma/start-error.ts';
import { builtScript, writeBuiltDemo } from '../test/serving/built-demo.ts';
import { readWebDemo } from './web-demo-build.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function build(files?: Readonly<Record<string, string>>): Promise<string> {
  const { folder, remove } = await writeBuiltDemo(files);
  closers.push(remove);
  return folder;
}

/** The words that a start ends in, the folder taken out. */
async function problemOf(reading: Promise<unknown>, folder: string): Promise<string> {
  const failure: unknown = await reading.catch((error: unknown) => error);
  if (!isStartError(failure)) throw failure;
  return failure.message.replaceAll(folder, 'FOLDER');
}

describe('a build of the web demo', () => {
  it('is all of its files by their paths, but for the documents, which are no business of a browser', async () => {
    const folder = await build();
    const demo = await readWebDemo({ WEB_DEMO: true }, folder);
    expect([...(demo?.files.keys() ?? [])].sort()).toEqual([
      '/',
      '/assets/index-B_x-1Y9q.css',
      '/assets/index-D0p5aVnr.js',
      '/assets/licence.txt',
      '/icon.svg',
      '/index.html',
      '/manifest.webmanifest',
      '/precache.json',
      '/service-worker.js',
    ]);
    expect(demo?.documents).toBe(join(folder, 'persisted-documents.json'));
    expect(demo?.files.get('/')).toBe(demo?.files.get('/index.html'));
  });

  it('is kept plain and compressed, compressed only where that is smaller, with a tag for each', async () => {
    const demo = await readWebDemo({ WEB_DEMO: true }, await build());
    const script = demo?.files.get('/assets/index-D0p5aVnr.js');
    expect(script?.plain.body.toString()).toBe(builtScript);
    expect(gunzipSync(script?.zipped?.body ?? '').toString()).toBe(builtScript);
    expect(script?.zipped?.body.length).toBeLessThan(100);
    expect(script?.zipped?.etag).not.toBe(script?.plain.etag);
    expect(demo?.files.get('/precache.json')?.zipped).toBeUndefined();
  });

  it('is what was there when it was read: nothing outside of its folder, even where something leads there', async () => {
    const folder = await build();
    await symlink('/etc', join(folder, 'etc'));
    await symlink('/etc/hostname', join(folder, 'hostname'));
    const demo = await readWebDemo({ WEB_DEMO: true }, folder);
    expect([...(demo?.files.keys() ?? [])].filter((path) => /etc|hostname/.test(path))).toEqual([]);
  });

  it('is served where it is there, unless it is not wanted', async () => {
    const folder = await build();
    expect(await readWebDemo({ WEB_DEMO: undefined }, folder)).toBeDefined();
    expect(await readWebDemo({ WEB_DEMO: false }, folder)).toBeUndefined();
    const nowhere = join(folder, 'nowhere');
    expect(await readWebDemo({ WEB_DEMO: undefined }, nowhere)).toBeUndefined();
    expect(await problemOf(readWebDemo({ WEB_DEMO: true }, nowhere), folder)).toBe(
      'WEB_DEMO=on, but the web demo is not in FOLDER/nowhere: run `npm run build`, or remove WEB_DEMO.',
    );
  });

  it('takes no more memory than one of ours could', async () => {
    const folder = await build({ 'assets/film-12345678.js': ' '.repeat(10_000_001) });
    expect(await problemOf(readWebDemo({ WEB_DEMO: undefined }, folder), folder)).toContain(
      'The files in FOLDER are larger than 10 MB',
    );
  });
});
