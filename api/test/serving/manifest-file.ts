import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTempFolder } from '../../../prisma/temp-folder.ts';
import { documentIdOf } from '../../manifest.ts';

/** A manifest in a file of its own, as code generation leaves it. Remove it. */
export type ManifestFile = { readonly path: string; remove(): Promise<void> };

export async function writeManifest(texts: readonly string[]): Promise<ManifestFile> {
  return writeManifestOf(JSON.stringify(Object.fromEntries(texts.map((text) => [documentIdOf(text), text]))));
}

/** The same with anything in it. */
export async function writeManifestOf(content: string): Promise<ManifestFile> {
  const { path, remove } = await makeTempFolder();
  const file = join(path, 'persisted-documents.json');
  await writeFile(file, content);
  return { path: file, remove };
}
