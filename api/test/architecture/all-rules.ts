import { portRules } from './ports.ts';
import type { Rule } from './rule.ts';
import { sizeRules } from './sizes.ts';
import { sliceRules } from './slices.ts';
import { sqlRule } from './sql.ts';
import { styleRules } from './style.ts';
import { packagesAtHome, wallRules } from './walls.ts';
import { webDemoRules } from './web-demo.ts';

/** The house, executable. */
export const allRules: readonly Rule[] = [
  ...wallRules,
  packagesAtHome,
  ...sliceRules,
  ...styleRules,
  ...sizeRules,
  ...portRules,
  sqlRule,
  ...webDemoRules,
];
