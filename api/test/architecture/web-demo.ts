import { isTest, type Rule } from './rule.ts';
import { isCode } from './sizes.ts';

const maxLinesOfSync = 400;
const sync = 'web-demo/src/sync/';

const isSmall: Rule = {
  name: `what keeps a client in step has at most ${maxLinesOfSync} lines of code in all`,
  why: 'whoever writes another client reads it in one go, and copies it',
  *offences({ sources }) {
    const counted = sources
      .filter(({ path }) => path.startsWith(sync) && !isTest(path))
      .map(({ text }) => text.split('\n').filter(isCode).length);
    const lines = counted.reduce((sum, count) => sum + count, 0);
    if (lines > maxLinesOfSync) yield { file: sync, what: `has ${lines} lines of code` };
  },
};

/** The proof that the public schema is enough. Its walls are among those of walls.ts. */
export const webDemoRules: readonly Rule[] = [isSmall];
