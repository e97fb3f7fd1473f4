import { beforeEach, inject } from 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    /** What must be there on this machine, with commas between. From PARLEY_REQUIRE; see vitest.config.ts. */
    required: string;
    /** The Python that has the package `gql`. From PARLEY_PYTHON. */
    python: string;
    /** Why the web demo could not be built; empty when it could. */
    demoProblem: string;
  }
}

/** What not every machine has. */
export type Requirement = 'python' | 'redis' | 'cassandra' | 'browser' | 'haproxy' | 'psql' | 'faketime';

const isRequired = (name: Requirement) =>
  inject('required')
    .split(',')
    .some((word) => word.trim() === name);

/**
 * Skips the tests of this file, by name and with the reason, where something is missing; where PARLEY_REQUIRE names it they
 * fail. `missing` says what, and how to get it; undefined when all is there. Returns whether it is.
 */
export function requires(name: Requirement, missing: string | undefined): boolean {
  if (missing === undefined) return true;
  beforeEach(({ skip }) => {
    if (isRequired(name)) throw new Error(`PARLEY_REQUIRE names ${name}, but ${missing}`);
    skip(`${name}: ${missing}`);
  });
  return false;
}
