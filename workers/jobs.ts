import type { JobHandlers } from '../schema/ports/jobs.ts';
import type { Product } from '../schema/scope.ts';
import { clearPush } from '../schema/wake/clear-push.ts';
import { sendPush } from '../schema/wake/send-push.ts';
import { sweep } from '../schema/wake/sweep.ts';
import { wakeChannel } from '../schema/wake/wake-channel.ts';

/** Which operation does which job. One without a handler does not compile. */
export const handlersOf = (product: Product): JobHandlers => ({
  wakeChannel: (payload) => wakeChannel(product, payload),
  sendPush: (payload) => sendPush(product, payload),
  clearPush: (payload) => clearPush(product, payload),
  sweep: () => sweep(product),
});
