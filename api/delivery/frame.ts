import type { ExecutionResult } from 'graphql';
import type { MaskError } from '../mask-errors.ts';

/**
 * The result as it stands in a frame, for everybody who gets the same one: data first, then errors, as stock graphql-ws writes
 * it. A result that JSON cannot hold (a BigInt that slipped through) becomes an error.
 */
export function payloadOf(result: ExecutionResult, mask: MaskError): string {
  const { errors, ...rest } = result;
  try {
    return JSON.stringify(errors ? { ...rest, errors: errors.map((error) => error.toJSON()) } : rest);
  } catch (error) {
    return JSON.stringify({ data: null, errors: [mask(error).toJSON()] });
  }
}

/** Everything that stands before the payload in the `next` frames of one operation. */
export const frameStart = (operationId: string): string =>
  `{"id":${JSON.stringify(operationId)},"type":"next","payload":`;

/** A finished frame: the operation's id spliced into what was serialised once. */
export const frameOf = (start: string, payload: string): string => `${start}${payload}}`;
