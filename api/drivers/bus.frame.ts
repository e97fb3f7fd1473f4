import type { BusPayload } from '../../schema/ports/bus.ts';

/**
 * What crosses Redis: one byte that names the format, then JSON. Servers of two releases run side by side while a fleet is renewed, and
 * a byte is looked at before anything else is believed.
 */
const version = '1';

export const frameOf = (payload: BusPayload): string => version + JSON.stringify(payload);

/** Why a frame is not taken: another release wrote it, or nobody of ours did. */
export type FrameProblem = 'unknown version' | 'damaged';

/** Never throws. The payload is in an object, as it may be anything, null included. */
export function payloadIn(
  frame: string,
): { readonly payload: BusPayload } | { readonly problem: FrameProblem } {
  if (!frame.startsWith(version)) return { problem: /^[!-~]/.test(frame) ? 'unknown version' : 'damaged' };
  try {
    return { payload: JSON.parse(frame.slice(version.length)) };
  } catch {
    return { problem: 'damaged' };
  }
}
