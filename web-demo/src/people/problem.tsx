import { Button } from '../design/button.tsx';
import { Refusal } from '../design/refusal.tsx';
import type { Problem } from './problem-of.ts';
import './problem.css';

type Props = {
  readonly problem: Problem | undefined;
  /** Where nothing else is there to be clicked again. */
  readonly onRetry?: () => void;
};

/** Why something was not done, beside what was clicked; nothing as long as nothing went wrong. */
export function ProblemNotice({ problem, onRetry }: Props) {
  if (problem === undefined) return null;
  return (
    <div className="problem">
      <Refusal refusal={problem} />
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}
