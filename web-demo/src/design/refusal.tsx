import { Notice } from './notice.tsx';
import { momentOf } from './times.ts';

export type RefusalShown = {
  readonly code: string;
  readonly explanation: string;
  readonly until?: string | null | undefined;
};

/** Why the server did not do it, in its words, and when it makes sense to try again. */
export function Refusal({ refusal }: { readonly refusal: RefusalShown }) {
  return <Notice kind="error">{refusalWords(refusal)}</Notice>;
}

/** The same as one line of text, for a reason in a menu, say. */
export const refusalWords = ({ explanation, until }: RefusalShown): string =>
  until ? `${explanation} Possible again ${momentOf(until, Date.now())}.` : explanation;
