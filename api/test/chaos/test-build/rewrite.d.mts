import type { Change } from './change.ts';

export declare function rewrite(source: string, changes: readonly Pick<Change, 'from' | 'to'>[]): string;
