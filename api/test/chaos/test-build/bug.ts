import type { LogName } from '../../cluster/log-name.ts';
import type { Size } from '../load/options.ts';
import type { TestBuild } from './change.ts';

/** One promise that a server of this build breaks, sometimes; otherwise it works. */
export type Bug = Omit<TestBuild, 'name'> & { readonly needs?: Needs };

/** Without what a run would not show the bug, or not in some minutes. */
export type Needs = {
  /** It is one of this log only. */
  readonly log?: LogName;
  /** `hostile`: of those who do not read, which only that run has. */
  readonly run?: 'hostile';
  /** Faults that bring it about, as after `--faults`; any of them. All others may happen as well, unless `isOnly`. */
  readonly faults?: readonly string[];
  readonly isOnly?: true;
  /** What processes hold in the end is to be compared. */
  readonly resources?: true;
  /** Of the load. */
  readonly size?: Partial<Size>;
};
