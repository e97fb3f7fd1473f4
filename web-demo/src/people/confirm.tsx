import type { ReactNode } from 'react';
import { Button } from '../design/button.tsx';
import { Dialog, DialogActions } from '../design/dialog.tsx';
import { ProblemNotice } from './problem.tsx';
import type { Problem } from './problem-of.ts';

type Props = {
  readonly title: string;
  /** What will be so then. */
  readonly children: ReactNode;
  readonly label: string;
  readonly isDanger?: boolean;
  readonly isBusy: boolean;
  readonly problem: Problem | undefined;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
};

/** Asks once more, and says what it does. It stays open until it is done, so that a refusal stands where it was asked for. */
export function Confirm({ title, children, label, isDanger = true, isBusy, problem, ...on }: Props) {
  return (
    <Dialog title={title} onClose={on.onClose}>
      <p dir="auto">{children}</p>
      <ProblemNotice problem={problem} />
      <DialogActions>
        <Button onClick={on.onClose}>Cancel</Button>
        <Button kind={isDanger ? 'danger' : 'primary'} isBusy={isBusy} onClick={on.onConfirm}>
          {label}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
