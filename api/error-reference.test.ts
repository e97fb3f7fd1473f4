import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorAdvice, errorCatalogue } from '../schema/errors.ts';
import { refusalAdvice, refusals } from '../schema/verdict.ts';
import { errorReference } from './error-reference.ts';
import { closeReasons } from './socket/close-code.ts';

const page = readFileSync(join(import.meta.dirname, '../docs/errors.md'), 'utf8');
const sectionOf = (heading: string) => page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';

describe('docs/errors.md', () => {
  it('is printed from the catalogues that run (npm run schema:print)', () => {
    expect(page).toBe(errorReference());
  });

  it.each([
    ['Errors', errorCatalogue, errorAdvice],
    ['Refusals', refusals, refusalAdvice],
  ] as const)('says of all %s what they mean and what a client does', (heading, meanings, advice) => {
    const rows = sectionOf(heading).match(/^\| `[A-Z_]+` \|.*$/gm) ?? [];
    expect(rows).toHaveLength(Object.keys(meanings).length);
    for (const [index, words] of Object.values<string>(advice).entries()) {
      expect(words).toMatch(/^[A-Z].*\.$/);
      expect(rows[index]).toContain(words);
    }
  });

  it('says of all close codes what they mean, whether to come back, and what a client does', () => {
    for (const { code, meaning, mayRetry, advice } of Object.values(closeReasons)) {
      expect(advice).toMatch(/^[A-Z].*\.$/);
      expect(sectionOf('Close codes')).toContain(`${meaning} | ${mayRetry ? 'yes' : 'no'} | ${advice} |`);
      expect(sectionOf('Close codes')).toContain(`| \`${code}\` |`);
    }
  });
});
