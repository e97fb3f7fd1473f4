import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { documentIdOf } from '../../manifest.ts';

/** A folder as a build of the web demo leaves it, with nothing of the real one in it. Remove it. */
export type BuiltDemo = { readonly folder: string; remove(): Promise<void> };

export const builtScript = `export const say = ${JSON.stringify('chat '.repeat(500))};`;
export const builtDocument = 'query Built { hello }';

const usual: Readonly<Record<string, string>> = {
  'index.html': `<!doctype html><title>Chat</title>${'<p>chat</p>'.repeat(50)}`,
  'assets/index-D0p5aVnr.js': builtScript,
  'assets/index-B_x-1Y9q.css': 'p { color: red }',
  'assets/licence.txt': 'MIT',
  'service-worker.js': 'self.addEventListener("install", () => {});',
  'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'manifest.webmanifest': '{ "name": "Chat" }',
  'precache.json': '["/"]',
  'persisted-documents.json': JSON.stringify({ [documentIdOf(builtDocument)]: builtDocument }),
};

/** `files` are added; an empty one is left out. */
export async function writeBuiltDemo(files: Readonly<Record<string, string>> = {}): Promise<BuiltDemo> {
  const { path: folder, remove } = await makeTempFolder();
  for (const [name, content] of Object.entries({ ...usual, ...files })) {
    if (content === '') continue;
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return { folder, remove };
}
