import { canJoin, checkNonce, type Standing } from '../channel/channel.policy.ts';
import type { UserId } from '../ids.ts';
import { problemOfLine, problemOfText } from '../one-line.ts';
import type { Candidate } from '../ports/memberships.ts';
import {
  allowed,
  denied,
  type InvalidInput,
  invalidInput,
  type RefusalCode,
  type Verdict,
} from '../verdict.ts';

/** A name is shown in a list, a topic above the conversation. */
export const maxNameLength = 100;
export const maxTopicLength = 500;

export type GroupInput = {
  readonly name: string;
  readonly topic?: string | null;
  readonly memberIds: readonly string[];
  readonly nonce: string;
};

/** What is wrong with the input of a new group; undefined when it can be used. */
export const checkGroup = ({ name, topic, nonce }: GroupInput): InvalidInput | undefined =>
  checkName(name) ?? checkTopic(topic?.trim() ?? '') ?? checkNonce(nonce);

function checkName(name: string): InvalidInput | undefined {
  const problem = problemOfLine(name, maxNameLength);
  return problem && invalidInput(problem, 'name', `A name is one line of 1 to ${maxNameLength} characters.`);
}

/** A group need not have one. */
function checkTopic(topic: string): InvalidInput | undefined {
  const isTooLong = [...topic].length > maxTopicLength;
  const problem = isTooLong ? 'TOO_LONG' : topic === '' ? undefined : problemOfText(topic);
  return problem && invalidInput(problem, 'topic', `A topic has at most ${maxTopicLength} characters.`);
}

/** Undefined stays; null removes what can be removed. */
export type GroupUpdate = {
  readonly name?: string | null | undefined;
  readonly topic?: string | null | undefined;
  readonly historyVisibility?: 'FROM_JOINING' | 'ALL' | null | undefined;
};

/** What is wrong with a change of a group; undefined when it can be made. Only a topic can be removed. */
export function checkUpdate({ name, topic, historyVisibility }: GroupUpdate): InvalidInput | undefined {
  const ofName = name === undefined ? undefined : checkName(name ?? '');
  if (ofName) return ofName;
  const ofTopic = checkTopic(topic?.trim() ?? '');
  if (ofTopic) return ofTopic;
  return historyVisibility === null
    ? invalidInput('EMPTY', 'historyVisibility', 'Leave it out, and it stays as it is.')
    : undefined;
}

/** Somebody who was not added, and why. */
export type NotAdded = { readonly userId: UserId; readonly code: RefusalCode };

/** Somebody whom somebody else wants to add to a group. `isBlocked`: one of the two has blocked the other. */
export type Newcomer = { readonly exists: boolean; readonly isMember: boolean; readonly isBlocked: boolean };

/** May they be added by that person? Who is blocked by somebody learns no more than who blocks somebody. */
export function canBeAdded({ exists, isMember, isBlocked }: Newcomer): Verdict {
  if (!exists) return denied('NOT_FOUND');
  if (isMember) return denied('ALREADY_A_MEMBER');
  return isBlocked ? denied('NOT_ACCEPTING') : allowed;
}

/** The same of a candidate whose row is locked, who exists if there is one: then it is known, too, in how many channels they are. */
export function canAddCandidate(
  candidate: Candidate | undefined,
  isMember: boolean,
  channelsPerUser: number,
): Verdict {
  const { isBlocked, channelCount } = candidate ?? { isBlocked: false, channelCount: 0 };
  const verdict = canBeAdded({ exists: candidate !== undefined, isMember, isBlocked });
  return verdict.allowed ? canJoin(channelCount, channelsPerUser) : verdict;
}

/** Would that many people fit? */
export const canHold = (memberCount: number, membersPerGroup: number): Verdict =>
  memberCount <= membersPerGroup ? allowed : denied('CHANNEL_FULL');

/** May they change its name, topic and history visibility? Owners and admins may. */
export function canUpdateGroup({ kind, hasEnded, role }: Standing): Verdict {
  if (role === undefined) return denied('NOT_FOUND');
  if (kind === 'DIRECT') return denied('NOT_A_GROUP');
  if (hasEnded) return denied('CHANNEL_ENDED');
  return role === 'MEMBER' ? denied('ROLE_TOO_LOW') : allowed;
}
