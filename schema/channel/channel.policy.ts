import { problemOfLine, problemOfText } from '../one-line.ts';
import { allowed, type Denied, denied, type InvalidInput, invalidInput, type Verdict } from '../verdict.ts';

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
  const ofTopic = topic ? problemOfText(topic, maxTopicLength) : undefined;
  if (ofTopic) return invalidInput(ofTopic, 'topic', `A topic has at most ${maxTopicLength} characters.`);
  return checkNonce(nonce);
}

/** What is wrong with a nonce; undefined when it can be used. */
export function checkNonce(nonce: string): InvalidInput | undefined {
  const problem = problemOfLine(nonce, maxNonceLength);
  return (
    problem && invalidInput(problem, 'nonce', `A nonce is one line of 1 to ${maxNonceLength} characters.`)
  );
}

/** May this person be in one more channel? */
export const canJoin = (channelCount: number, channelsPerUser: number): Verdict =>
  channelCount < channelsPerUser ? allowed : denied('TOO_MANY_CHANNELS');

/** Would that many people fit? */
export const canHold = (memberCount: number, membersPerGroup: number): Verdict | Denied =>
  memberCount <= membersPerGroup ? allowed : denied('CHANNEL_FULL');
