import { vi } from 'vitest';

/**
 * A condition is waited for, not timed: on a busy machine it may take a while. `vi.waitFor` gives up after a second, and nothing but its
 * own arguments says otherwise.
 */
const patient = { timeout: 30_000 };
const { waitFor, waitUntil } = vi;
vi.waitFor = (condition, options) =>
  waitFor(condition, typeof options === 'number' ? options : { ...patient, ...options });
vi.waitUntil = (condition, options) =>
  waitUntil(condition, typeof options === 'number' ? options : { ...patient, ...options });
