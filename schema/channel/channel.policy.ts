import { problemOfLine, problemOfText } from '../one-line.ts';
import { allowed, denied, type InvalidInput, invalidInput, type Verdict } from '../verdict.ts';

/** A name is shown in a list, a topic above the conversation. */
export const maxNameLength = 100;
export const maxTopicLength = 500;
/** A nonce is an id that a client made: a UUID has 36 characters. */
export const maxNonceLength = 64;

export type GroupInput = {
  readonly name: string;
  readonly topic?: string | null;
  readonly memberIds: readonly string[];
  readonly nonce: string;
};

/** What is wrong with the input of a new group; undefined when it can be used. */
export function checkGroup({ name, topic, nonce }: GroupInput): InvalidInput | undefined {
  const ofName = problemOfLine(name, maxNameLength);
  if (ofName) return invalidInput(ofName, 'name', `A name is one line of 1 to ${maxNameLength} characters.`);
  return checkTopic(topic?.trim() ?? '') ?? checkNonce(nonce);
}

/** A group need not have one. */
function checkTopic(topic: string): InvalidInput | undefined {
  const isTooLong = [...topic].length > maxTopicLength;
  const problem = isTooLong ? 'TOO_LONG' : topic === '' ? undefined : problemOfText(topic);
  return problem && invalidInput(problem, 'topic', `A topic has at most ${maxTopicLength} characters.`);
}

/** What is wrong with a nonce; undefined when it can be used. White space around it makes it another one, so it counts. */
export function checkNonce(nonce: string): InvalidInput | undefined {
  const isTooLong = [...nonce].length > maxNonceLength;
  const problem = isTooLong ? 'TOO_LONG' : problemOfLine(nonce, maxNonceLength);
  return (
    problem && invalidInput(problem, 'nonce', `A nonce is one line of 1 to ${maxNonceLength} characters.`)
  );
}

/** May this person be in one more channel? */
export const canJoin = (channelCount: number, channelsPerUser: number): Verdict =>
  channelCount < channelsPerUser ? allowed : denied('TOO_MANY_CHANNELS');

/** Would that many people fit? */
export const canHold = (memberCount: number, membersPerGroup: number): Verdict =>
  memberCount <= membersPerGroup ? allowed : denied('CHANNEL_FULL');
