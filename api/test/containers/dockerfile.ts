import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../prisma/package-root.ts';

/** One line of it, with what was continued on the next ones. */
export type Instruction = { readonly name: string; readonly rest: string };
/** From one `FROM` to the next. */
export type Stage = {
  readonly name: string | undefined;
  readonly from: string;
  readonly instructions: readonly Instruction[];
};

export const dockerfile = join(packageRoot, '.docker', 'Dockerfile');

export function readDockerfile(): readonly Stage[] {
  const text = readFileSync(dockerfile, 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '');
  const stages: { name: string | undefined; from: string; instructions: Instruction[] }[] = [];
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    const [, from, as] = /^FROM (\S+)(?: AS (\S+))?$/.exec(line) ?? [];
    if (from !== undefined) stages.push({ name: as, from, instructions: [] });
    else stages.at(-1)?.instructions.push({ name, rest });
  }
  return stages;
}

/** The lines of the file beside it that keep things out, and let them in again behind a `!`. */
export const readIgnored = (): readonly string[] =>
  readFileSync(`${dockerfile}.dockerignore`, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
