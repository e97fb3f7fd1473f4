import type { TestProject } from 'vitest/node';
import { buildDemo } from './browser/build-demo.ts';
import { missingBrowser } from './browser/find-chromium.ts';

/**
 * At the beginning: the page that a browser looks at, if there is one. At the very end: what was skipped, and why. A skipped test proves
 * nothing, so nobody should have to look for it.
 */
export default async function setup(project: TestProject) {
  const { vitest } = project;
  // Only the tests that look at the page fail when it cannot be built.
  const demoProblem = missingBrowser === undefined ? await buildDemo().then(() => '', String) : '';
  project.provide('demoProblem', demoProblem);
  return () => {
    const skipped = vitest.state
      .getTestModules()
      .flatMap(({ children }) => [...children.allTests('skipped')])
      .flatMap((test) => {
        const result = test.result();
        const why = ('note' in result && result.note) || undefined;
        // Who asks for tests by name knows that all others are skipped.
        if (why === undefined && vitest.config.testNamePattern) return [];
        return { name: test.fullName, why: why ?? 'no reason is given' };
      });
    const reasons = new Set(skipped.map(({ why }) => why));
    for (const reason of reasons) {
      const names = skipped.filter(({ why }) => why === reason).map(({ name }) => `  ${name}`);
      vitest.logger.log(`${names.length} skipped (${reason}):\n${names.join('\n')}`);
    }
  };
}
