#!/usr/bin/env node
// Prints what failed in a JSON report of vitest, a name and a reason each: of a long log often only the end is kept.
// Usage: node .ci/failed-tests.mjs <report>. Bounds: 10 failures, 1,200 characters of each reason.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

const [report] = process.argv.slice(2);
const files = report && existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults : [];

/** A file that cannot be loaded has no tests, only a message of its own. */
const failuresOf = ({ name, status, message, assertionResults }) => {
  const tests = assertionResults.filter((test) => test.status === 'failed');
  const unloaded =
    status === 'failed' && tests.length === 0
      ? [{ fullName: 'the whole file', failureMessages: [message] }]
      : [];
  return [...tests, ...unloaded].map((test) => ({ file: relative(process.cwd(), name), ...test }));
};

for (const { file, fullName, failureMessages } of files.flatMap(failuresOf).slice(0, 10)) {
  process.stdout.write(`\nFAILED: ${file} > ${fullName}\n${failureMessages.join('\n').slice(0, 1_200)}\n`);
}
