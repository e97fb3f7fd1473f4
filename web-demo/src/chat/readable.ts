import { useSyncExternalStore } from 'react';
import type { Readable } from '../sync/readable.ts';

/** The value now, and again whenever it changes. */
export const useReadable = <T>(readable: Readable<T>): T =>
  useSyncExternalStore(readable.subscribe, readable.get);
