import type { Seq, UserId } from '../ids.ts';
import { problemOfText } from '../one-line.ts';
import type { Role } from '../stream/event.ts';
import { allowed, denied, type InvalidInput, invalidInput, type Verdict } from '../verdict.ts';

/**
 * How somebody stands towards a channel: `role` undefined for who is no member, or whose joining the log does not have yet;
 * `isBlocked` when it is one of two people, and one has blocked the other.
 */
export type Standing = {
  readonly role: Role | undefined;
  readonly wasMember: boolean;
  readonly isBlocked: boolean;
};

/**
 * May they send? Who was a member and is none any more learns that; to everybody else the channel does not exist. Who is blocked
 * is told what who blocks is told, and neither why.
 */
export function canSend({ role, wasMember, isBlocked }: Standing): Verdict {
  if (role === undefined) return denied(wasMember ? 'NOT_A_MEMBER' : 'NOT_FOUND');
  return isBlocked ? denied('NOT_ACCEPTING') : allowed;
}

/** A message that is to be changed or answered, and who wants it. `isVisible` false also when there is none. */
export type MessageStanding = Standing & {
  readonly viewerId: UserId | undefined;
  readonly isVisible: boolean;
  readonly authorId: UserId | undefined;
  readonly isDeleted: boolean;
};

/** May they edit it? Only its author, only while it is there, and where they may say something. */
export function canEdit({ isVisible, viewerId, authorId, isDeleted, ...standing }: MessageStanding): Verdict {
  if (standing.role === undefined || !isVisible) return denied('NOT_FOUND');
  if (authorId !== viewerId) return denied('NOT_YOURS');
  if (isDeleted) return denied('ALREADY_DELETED');
  return canSend(standing);
}

/** Would an edit overwrite a change that its author has not seen? */
export const canOverwrite = (revision: Seq, ifRevision: Seq | null | undefined): Verdict =>
  typeof ifRevision === 'number' && ifRevision !== revision ? denied('STALE') : allowed;

/** May they answer it? Whoever may send, and sees it, while it is there. */
export function canReply(standing: MessageStanding): Verdict {
  const verdict = canSend(standing);
  if (!verdict.allowed) return verdict;
  if (!standing.isVisible) return denied('NOT_FOUND');
  return standing.isDeleted ? denied('ALREADY_DELETED') : allowed;
}

/** May they delete it? Its author, and owners and admins of the channel; what one said can be taken back whoever has blocked whom. */
export function canDelete({ role, isVisible, viewerId, authorId, isDeleted }: MessageStanding): Verdict {
  if (role === undefined || !isVisible) return denied('NOT_FOUND');
  if (authorId !== viewerId && role === 'MEMBER') return denied('NOT_YOURS');
  return isDeleted ? denied('ALREADY_DELETED') : allowed;
}

/** What is wrong with a text, whatever the settings; undefined when nothing is. */
export function checkText(text: string): InvalidInput | undefined {
  const problem = problemOfText(text);
  return problem && invalidInput(problem, 'text');
}

type TextLimits = { readonly charactersPerMessage: number; readonly bytesPerMessage: number };

/** Is a text too long for this server? Undefined when it is not. Characters are Unicode's, bytes those of UTF-8. */
export function checkLength(text: string, limits: TextLimits): InvalidInput | undefined {
  const { charactersPerMessage, bytesPerMessage } = limits;
  if ([...text].length > charactersPerMessage)
    return invalidInput('TOO_LONG', 'text', `A text has at most ${charactersPerMessage} characters.`);
  return Buffer.byteLength(text) > bytesPerMessage
    ? invalidInput('TOO_LONG', 'text', `A text has at most ${bytesPerMessage} bytes in UTF-8.`)
    : undefined;
}
