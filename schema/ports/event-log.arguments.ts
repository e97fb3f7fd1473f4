import type { EventDraft } from '../stream/event.ts';
import { type MessageRange, StaleRevisionError, type Stretch } from './event-log.ts';

/** How many events one round, and one page of `read` or `messages`, may have. */
export const maxRound = 64;
export const maxPage = 1_000;

const lettered = /^[a-z]:/;
/** What no store keeps as it is: the character NUL, and half a surrogate pair. */
const unstorable = /[\0\p{Surrogate}]/u;

/** The two kinds of event that change a message which is there already. */
export const changesMessage = (kind: EventDraft['kind']) =>
  kind === 'message.edited' || kind === 'message.deleted';

/** The kinds of event that are about a message. */
export const isOfMessage = (kind: EventDraft['kind']) => kind === 'message.sent' || changesMessage(kind);

/** What makes a nonce one of a channel's: who chose it, and what it is. An id has no space in it. */
export const nonceKeyOf = (draft: Pick<EventDraft, 'authorId' | 'nonce'>) =>
  `${draft.authorId} ${draft.nonce}`;

/** Throws when a caller broke the contract of `append`, before anything is written; the same for every driver. */
export function checkRound(drafts: readonly EventDraft[], now: number): void {
  if (drafts.length < 1 || drafts.length > maxRound)
    throw new Error(`A round has 1 to ${maxRound} drafts, not ${drafts.length}.`);
  if (!Number.isSafeInteger(now)) throw new Error('`now` is a whole number of milliseconds.');
  const seen = new Set<string>();
  for (const draft of drafts) {
    checkDraft(draft);
    const key = nonceKeyOf(draft);
    if (seen.has(key)) throw new Error('Two drafts of one round have the same author and nonce.');
    seen.add(key);
  }
  if (drafts.length > 1 && drafts.some(({ ifRevision }) => ifRevision !== undefined))
    throw new Error('A draft with `ifRevision` is a round of its own: others must not be refused with it.');
}

function checkDraft({ kind, nonce, body, refSeq, ifRevision }: EventDraft): void {
  if (!lettered.test(nonce)) throw new Error('A stored nonce begins with the letter of who chose it.');
  if (unstorable.test(nonce) || unstorable.test(body))
    throw new Error('NUL and half a surrogate pair cannot be stored.');
  if (refSeq === undefined ? changesMessage(kind) : !isOfMessage(kind))
    throw new Error('An edit or deletion names a message by `refSeq`, a reply may, and nothing else does.');
  if (ifRevision !== undefined && kind !== 'message.edited')
    throw new Error('Only an edit insists on a revision.');
}

/** The error for an edit or deletion of, or a reply to, what is no message: the caller has to look before. */
export const notAMessage = () => new Error('`refSeq` is not the place of a message in this channel.');

export const staleRevision = () => new StaleRevisionError('The message has another revision by now.');

/** Throws unless a page of this size may be asked for. */
export function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > maxPage)
    throw new Error(`A page has 1 to ${maxPage} entries, not ${limit}.`);
}

/** Throws unless these stretches may be asked for at once. */
export function checkStretches(stretches: readonly Stretch[]): void {
  if (stretches.length > maxPage) throw new Error(`At most ${maxPage} stretches at once.`);
  if (stretches.some(({ after, upTo }) => after < 0 || upTo - after > maxPage))
    throw new Error(`A stretch has at most ${maxPage} places.`);
}

/** The range with its open ends closed: numbers strictly between `after` and `before`. */
export function closedRange(range: MessageRange): { readonly after: number; readonly before: number } {
  checkLimit(range.limit);
  return { after: range.after ?? 0, before: range.before ?? Number.MAX_SAFE_INTEGER };
}
