import type { Document } from './document-rules.ts';

const blocks =
  /(?:^<!-- (?<file>\S+?)(?:: (?<region>[\w-]+))? -->\n)?^```(?<language>\w+)\n(?<code>[\s\S]*?)^```$/gm;
const mark = /^\s*(?:\/\/|#) (?<what>region|endregion)(?: (?<name>[\w-]+))?$/;

const indentOf = (line: string) => line.length - line.trimStart().length;
function withoutIndent(lines: readonly string[]): string[] {
  const indent = Math.min(...lines.filter((line) => line.trim() !== '').map(indentOf));
  return lines.map((line) => line.slice(indent));
}

/**
 * What stands in a file between `region <name>` and `endregion`, without the indent that all of it has. A name that comes
 * several times gives all of its parts, with an empty line between them. Undefined when there is no such name.
 */
export function regionOf(text: string, name: string): string | undefined {
  const parts: string[][] = [];
  let isInside = false;
  for (const line of text.split('\n')) {
    const found = mark.exec(line)?.groups;
    if (found) isInside = found.what === 'region' && found.name === name;
    if (found && isInside) parts.push([]);
    else if (isInside) parts.at(-1)?.push(line);
  }
  const texts = parts.map((lines) => withoutIndent(lines).join('\n').trim());
  return texts.length > 0 ? `${texts.join('\n\n')}\n` : undefined;
}

/**
 * Code that a document quotes says where it is from, `<!-- <file>: <region> -->`, and is word for word what stands there:
 * there it runs. Below `docs/` all TypeScript and Python is quoted.
 */
export function quotationProblems({ path, text }: Document, read: (file: string) => string): string[] {
  return [...text.matchAll(blocks)].flatMap(({ groups = {} }) => {
    const { file, region, language = '', code = '' } = groups;
    const at = `${path}: \`${code.split('\n')[0]}\` …`;
    if (file === undefined)
      return path.startsWith('docs/') && /^(ts|python)$/.test(language)
        ? [`${at} does not say where it runs`]
        : [];
    const source = region === undefined ? read(file) : regionOf(read(file), region);
    return source === code ? [] : [`${at} is not what stands in ${file}${region ? ` as ${region}` : ''}`];
  });
}
