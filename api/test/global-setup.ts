import type { TestProject } from 'vitest/node';

/** At the very end: what was skipped, and why. A skipped test proves nothing, so nobody should have to look for it. */
export default function setup({ vitest }: TestProject) {
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
