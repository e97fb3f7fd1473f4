import { posix } from 'node:path';
import { isTest, perFile, type Rule } from './rule.ts';
import { nameOf, type Placed, type SourceFile } from './source-file.ts';

const textOf = ({ text }: SourceFile, { node }: Placed) => text.slice(node.start, node.end);

/** A service worker is what browsers call it, and a push service what the standards do. */
const emptyWords =
  /(^|[-.])(utils?|helpers?|common|types|managers?|(?<!push-|apns-)services?(?!-worker)|misc)(?=[-.])/;
const sayingNames = perFile(
  'a file is named after what is in it',
  'utils, helpers, common, types, manager and service name everything, so nobody finds anything in them',
  ({ path }) => {
    const word = emptyWords.exec(posix.basename(path))?.[2];
    return word === undefined ? [] : [`is called \`${word}\``];
  },
);

const isConfiguration = (path: string) =>
  /(^|\/)([a-z]+\.config\.ts|codegen\.ts|global-setup\.ts)$/.test(path);
const namedExports = perFile(
  'no default exports',
  'what has one name everywhere is found by searching for it',
  ({ path, nodes }) =>
    isConfiguration(path)
      ? []
      : nodes.flatMap(({ node }) => {
          const isRenamed = node.type === 'ExportSpecifier' && nameOf(node.exported) === 'default';
          return isRenamed || node.type === 'ExportDefaultDeclaration' ? ['has a default export'] : [];
        }),
);

const readsEnvironment = (source: SourceFile) =>
  source.nodes.some((placed) => {
    if (placed.node.type === 'MemberExpression')
      return /^process(\??\.|\[')env\b/.test(textOf(source, placed));
    if (placed.node.type !== 'VariableDeclarator') return false;
    return /^\{[^}]*\benv\b[^}]*\}\s*=\s*process$/.test(textOf(source, placed));
  }) || source.imports.some(({ target }) => target === 'node:process');
/** A tool reads its own settings. */
const readers = new Set([
  ...['api/config.ts', 'vitest.config.ts', 'web-demo/vite.config.ts'],
  'api/test/chaos/test-build/crash.mjs',
]);
const settingsInOnePlace = perFile(
  'only api/config.ts reads process.env',
  'a setting is parsed once, documented in one table and passed on by name',
  (source) => (!readers.has(source.path) && readsEnvironment(source) ? ['reads the environment'] : []),
);

/** Where something untyped comes in and is checked by hand: drivers talk to vendors. */
const isDriver = (path: string) => path.startsWith('api/drivers/');
const noAny = perFile(
  'no `any`, and no cast through `unknown`, outside drivers',
  'there the compiler stops looking; parse what comes in, trust it afterwards',
  (source) =>
    isDriver(source.path)
      ? []
      : source.nodes.flatMap((placed) => {
          if (placed.node.type === 'TSAnyKeyword') return ['says `any`'];
          if (placed.node.type !== 'TSAsExpression') return [];
          return /\bas\s+unknown\s+as\b/.test(textOf(source, placed)) ? ['casts `as unknown as`'] : [];
        }),
);

const silencers = /^\s*(?:\/\/|\/?\*+)\s*@ts-(ignore|nocheck|expect-error)/gm;
const noSilencing = perFile(
  'the compiler is not silenced',
  'a silenced error is one that nobody sees when it becomes real (a test may expect one)',
  ({ path, text }) =>
    isDriver(path)
      ? []
      : [...text.matchAll(silencers)]
          .map((match) => match[1])
          .filter((word) => !(word === 'expect-error' && isTest(path)))
          .map((word) => `says @ts-${word}`),
);

const clocks = /^(Date\.now|performance\.now|setTimeout|setInterval|setImmediate|new Date\(\))/;
const timeFromTheClock = perFile(
  'the product takes time only from the Clock',
  'tests and the simulation move the clock by hand, and must move all of it',
  (source) =>
    !source.path.startsWith('schema/') || source.path.startsWith('schema/ports/clock.') || isTest(source.path)
      ? []
      : source.nodes.flatMap((placed) => {
          if (placed.node.type !== 'CallExpression' && placed.node.type !== 'NewExpression') return [];
          const found = clocks.exec(textOf(source, placed))?.[1];
          return found === undefined ? [] : [`uses ${found}`];
        }),
);

const impure = /^(Date\.now|new Date\(\)|Math\.random|performance\.now|crypto\.|console\.)/;
const purePolicies = perFile(
  'a policy waits for nothing and asks no clock',
  'a policy is pure: the same facts always give the same verdict',
  (source) =>
    source.path.endsWith('.policy.ts')
      ? source.nodes.flatMap((placed) => {
          if (placed.node.async === true || placed.node.type === 'AwaitExpression') return ['waits'];
          if (placed.node.type !== 'CallExpression' && placed.node.type !== 'NewExpression') return [];
          const found = impure.exec(textOf(source, placed))?.[1];
          return found === undefined ? [] : [`uses ${found}`];
        })
      : [],
);

export const styleRules: readonly Rule[] = [
  sayingNames,
  namedExports,
  settingsInOnePlace,
  noAny,
  noSilencing,
  timeFromTheClock,
  purePolicies,
];
