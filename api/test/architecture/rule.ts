import type { SourceFile } from './source-file.ts';

/** What the rules look at. */
export type Project = {
  /** Every source file that a person writes. */
  readonly sources: readonly SourceFile[];
  /** Every README.md by its path. */
  readonly readmes: ReadonlyMap<string, string>;
};

export type Offence = { readonly file: string; readonly what: string };

/** A rule of the house. `why` is part of every message: a wall without a reason is climbed. */
export type Rule = {
  readonly name: string;
  readonly why: string;
  readonly offences: (project: Project) => Iterable<Offence>;
};

/** One line per offence: where, what, why. */
export const violationsOf = ({ why, offences }: Rule, project: Project): string[] =>
  [...offences(project)].map(({ file, what }) => `${file}: ${what}. Why not: ${why}.`);

/** A rule that looks at one file at a time. */
export const perFile = (
  name: string,
  why: string,
  whatIsWrong: (source: SourceFile) => Iterable<string>,
): Rule => ({
  name,
  why,
  offences: ({ sources }) =>
    sources.flatMap((source) => [...whatIsWrong(source)].map((what) => ({ file: source.path, what }))),
});

/** Tests, contracts and simulations, with what only they use. */
export const isTest = (path: string) =>
  /\.(test|contract|sim)\.tsx?$/.test(path) || /(^|\/)(test|sim)\//.test(path);

/** The slice that a file belongs to: a folder of `schema/`, without the ports, the stream and the tests. */
export const sliceOf = (path: string): string | undefined => {
  const folder = /^schema\/([a-z-]+)\//.exec(path)?.[1];
  return folder === undefined || ['ports', 'stream', 'test'].includes(folder) ? undefined : folder;
};
