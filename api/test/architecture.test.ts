import { describe, expect, it } from 'vitest';
import { allRules } from './architecture/all-rules.ts';
import { readProject } from './architecture/read-project.ts';
import { violationsOf } from './architecture/rule.ts';

describe('the house', () => {
  const project = readProject();

  it('is looked at as a whole', () => {
    const paths = project.sources.map(({ path }) => path);
    expect(paths).toContain('schema/index.ts');
    expect(paths).toContain('api/test/architecture.test.ts');
    expect(paths).toContain('prisma/generate.mjs');
    expect(paths).toContain('web-demo/src/main.tsx');
    expect(paths).toContain('codegen.ts');
    expect(paths.filter((path) => /generated|node_modules|\/gql\//.test(path))).toEqual([]);
  });

  it.each(allRules)('$name', (rule) => {
    expect(violationsOf(rule, project)).toEqual([]);
  });
});
