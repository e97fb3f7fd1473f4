/** What stands in a module of the product, exactly once, and what stands there in a test build. White space does not count. */
export type Change = {
  /** From the root of the repository, without ending: it is `.js` in `dist/`, and `.ts` under tsx. */
  readonly file: string;
  readonly from: string;
  /** JavaScript, which may call what the aids have put into `globalThis.testBuild`. */
  readonly to: string;
};

export type TestBuild = {
  /** Of the bug or the crash point, for the sentence that says that it does not fit the product any more. */
  readonly name: string;
  readonly changes: readonly Change[];
  /** Files beside this one that are loaded first. */
  readonly aids?: readonly string[];
};

export const instead = (file: string, from: string, to: string): Change => ({ file, from, to });
export const before = (file: string, from: string, more: string): Change => ({
  ...{ file, from },
  to: `${more}\n${from}`,
});
export const behind = (file: string, from: string, more: string): Change => ({
  ...{ file, from },
  to: `${from}\n${more}`,
});

/** What Node is told so that a process is one of this build. Several builds in one process are made one on top of the other. */
export function nodeOptionsOf({ name, changes, aids = [] }: TestBuild): string[] {
  const register = new URL('register.mjs', import.meta.url);
  register.searchParams.set('told', JSON.stringify({ name, changes }));
  const files = [...aids.map((aid) => new URL(aid, import.meta.url)), register];
  return files.flatMap(({ href }) => ['--import', href]);
}
