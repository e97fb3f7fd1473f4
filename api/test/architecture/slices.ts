import { type Offence, type Project, type Rule, sliceOf } from './rule.ts';
import type { SourceFile } from './source-file.ts';

const maxFilesPerSlice = 12;
const maxImportsFromSlices = 5;
const last = 'sync';

/** The slices in the order in which `schema/index.ts` imports them, each once. */
export function sliceOrder({ sources }: Project): readonly string[] {
  const index = sources.find(({ path }) => path === 'schema/index.ts');
  return [...new Set(index?.imports.flatMap(({ target }) => sliceOf(target) ?? []))];
}

const otherSlicesOf = ({ path, imports }: SourceFile) =>
  imports.filter(({ target }) => sliceOf(target) !== undefined && sliceOf(target) !== sliceOf(path));

const inSlices = ({ sources }: Project) =>
  sources.flatMap((source) => {
    const slice = sliceOf(source.path);
    return slice === undefined ? [] : [{ source, slice }];
  });

const importsEarlierOnly: Rule = {
  name: 'a slice imports earlier slices only',
  why: 'the order of schema/index.ts keeps the slices free of circles: a field belongs to the slice that answers it',
  *offences(project) {
    const order = sliceOrder(project);
    for (const { source, slice } of inSlices(project))
      for (const { target } of otherSlicesOf(source)) {
        const other = sliceOf(target) ?? slice;
        if (order.indexOf(other) < order.indexOf(slice)) continue;
        yield { file: source.path, what: `imports ${target}, but \`${other}\` comes after \`${slice}\`` };
      }
  },
};

const hasPlaceInOrder: Rule = {
  name: 'every slice has its place in schema/index.ts, `sync` last',
  why: 'the order of imports is the order of dependence, and a slice that is not imported is not in the schema',
  *offences(project) {
    const order = sliceOrder(project);
    for (const slice of new Set(inSlices(project).map((found) => found.slice)))
      if (!order.includes(slice))
        yield { file: 'schema/index.ts', what: `does not import the slice \`${slice}\`` };
    if (order.includes(last) && order.at(-1) !== last)
      yield {
        file: 'schema/index.ts',
        what: `imports \`${order.at(-1)}\` after \`${last}\`, which sees all others`,
      };
  },
};

const isSmallEnough: Rule = {
  name: `a slice has at most ${maxFilesPerSlice} files`,
  why: 'a slice with more is two nouns',
  *offences(project) {
    const counts = new Map<string, number>();
    for (const { slice } of inSlices(project)) counts.set(slice, (counts.get(slice) ?? 0) + 1);
    for (const [slice, count] of counts)
      if (count > maxFilesPerSlice) yield { file: `schema/${slice}`, what: `has ${count} files` };
  },
};

const leansOnFew: Rule = {
  name: `a file has at most ${maxImportsFromSlices} imports from other slices`,
  why: 'a file that needs more of its neighbours stands in the wrong slice, or does two things',
  offences: (project) =>
    inSlices(project).flatMap(({ source }): Offence[] => {
      const count = otherSlicesOf(source).length;
      return count > maxImportsFromSlices
        ? [{ file: source.path, what: `has ${count} imports from other slices` }]
        : [];
    }),
};

export const sliceRules: readonly Rule[] = [importsEarlierOnly, hasPlaceInOrder, isSmallEnough, leansOnFew];
