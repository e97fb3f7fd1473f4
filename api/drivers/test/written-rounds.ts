import { type ChannelId, userIdOf } from '../../../schema/ids.ts';
import { type EventLog, OutcomeUnknownError } from '../../../schema/ports/event-log.ts';
import { sent, start } from '../../../schema/ports/event-log-world.contract.ts';
import { createRandom, upTo } from '../../../schema/ports/random.contract.ts';
import type { EventDraft } from '../../../schema/stream/event.ts';

/** What one of several writers of a channel has to write. */
export type Share = {
  readonly writer: number;
  readonly writers: number;
  /** So many events of its own; a tenth as many again it shares with each neighbour. */
  readonly events: number;
  readonly seed: number;
};
/** What a writer was answered: the event's nonce, with its author, and its place. */
export type Answer = readonly [key: string, seq: number];

const mostPerRound = 64;
/** A busy computer is forgiven; each takes a second at most. */
const mostAttempts = 120;

const ownAuthor = (writer: number) => userIdOf(BigInt(200 + writer));
/** Somebody who sends through two writers, the same each time: as a client does that changes servers while it waits. */
const sharedAuthor = (writer: number) => userIdOf(BigInt(300 + writer));

const textsBy = (by: ReturnType<typeof userIdOf>, count: number) =>
  upTo(count).map((n) => sent(`${by}:${n}`, { by, nonce: `n${n}` }));

export const ownDrafts = ({ writer, events }: Share) => textsBy(ownAuthor(writer), events);
export const sharedDrafts = ({ writer, events }: Share) =>
  textsBy(sharedAuthor(writer), Math.floor(events / 10));

async function appendUntilKnown(log: EventLog, channelId: ChannelId, drafts: readonly EventDraft[]) {
  for (const _ of upTo(mostAttempts))
    try {
      return await log.append(channelId, drafts, start);
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) throw error;
    }
  throw new Error(`${mostAttempts} appends had no known outcome.`);
}

/**
 * Writes a share in rounds of 1 to 64, in order. Now and then a whole round goes twice at once or once more, and rounds of the
 * neighbours go in between. Whatever is written again must be answered with the places that it had.
 */
export async function writeShare(log: EventLog, channelId: ChannelId, share: Share): Promise<Answer[]> {
  const random = createRandom(share.seed + share.writer);
  const before = { ...share, writer: (share.writer + share.writers - 1) % share.writers };
  const lanes = [ownDrafts(share), sharedDrafts(share), sharedDrafts(before)];
  const answers: Answer[] = [];
  while (lanes.some(({ length }) => length > 0)) {
    const lane =
      lanes[
        pick(
          lanes.map(({ length }) => length),
          random,
        )
      ] ?? [];
    const round = lane.splice(0, 1 + Math.floor(random() * mostPerRound));
    const append = async () => answersTo(round, await appendUntilKnown(log, channelId, round));
    const attempts = await Promise.all(upTo(random() < 0.2 ? 2 : 1).map(append));
    if (random() < 0.2) attempts.push(await append());
    const texts = new Set(attempts.map((attempt) => JSON.stringify(attempt)));
    if (texts.size !== 1) throw new Error(`A round was answered differently: ${[...texts].join(' and ')}`);
    answers.push(...(attempts[0] ?? []));
  }
  return answers;
}

const answersTo = (
  round: readonly EventDraft[],
  appended: Awaited<ReturnType<EventLog['append']>>,
): readonly Answer[] =>
  round.map(({ authorId, nonce }, index) => [`${authorId} ${nonce}`, appended[index]?.event.seq ?? 0]);

/** An index, as often as what it stands for is large. */
function pick(sizes: readonly number[], random: () => number): number {
  let left = random() * sizes.reduce((sum, size) => sum + size, 0);
  return sizes.findIndex((size) => {
    left -= size;
    return left < 0;
  });
}
