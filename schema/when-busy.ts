import { hasCode } from './errors.ts';
import type { ViewerScope } from './scope.ts';
import { type Denied, denied } from './verdict.ts';

/** What waits for a channel is gone by then: it takes about a second. */
const retryAfterMs = 1_000;

/** Too much waits for this channel already: that is a refusal like any other, and the same may be asked again. */
export async function deniedWhenBusy<R>({ clock }: ViewerScope, attempt: Promise<R>): Promise<R | Denied> {
  try {
    return await attempt;
  } catch (failure) {
    if (!hasCode(failure, 'RATE_LIMITED')) throw failure;
    return denied('RATE_LIMITED', new Date(clock.now() + retryAfterMs));
  }
}
