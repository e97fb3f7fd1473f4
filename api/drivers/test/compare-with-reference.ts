import { expect } from 'vitest';
import { serverAuthorId, userIdOf } from '../../../schema/ids.ts';
import { openMemoryEventLog } from '../../../schema/ports/event-log.memory.ts';
import type { EventLog } from '../../../schema/ports/event-log.ts';
import {
  answering,
  deleted,
  edited,
  freshChannel,
  sent,
} from '../../../schema/ports/event-log-world.contract.ts';
import { createRandom, upTo } from '../../../schema/ports/random.contract.ts';
import type { EventDraft } from '../../../schema/stream/event.ts';

export const referenceSeed = 20_240_531;

/** Does the same to a log and to the reference, and wants the same answers. */
export async function compareWithReference(log: EventLog, rounds = 300): Promise<void> {
  const memory = openMemoryEventLog();
  const random = createRandom(referenceSeed);
  const channels = [freshChannel(), freshChannel()];
  for (const step of upTo(rounds)) {
    const channelId = channels[step % 2] ?? freshChannel();
    const { heads } = await memory.heads([channelId]);
    const drafts = randomRound(random, heads.get(channelId)?.head ?? 0);
    const now = 1_000_000 + Math.floor(random() * 1_000);
    const ask = (asked: EventLog) =>
      asked.append(channelId, drafts, now).catch((error: unknown) => String(error));
    expect(await ask(log), `step ${step}`).toEqual(await ask(memory));
  }
  for (const channelId of channels) {
    const all = (asked: EventLog) => asked.read(channelId, 0, 1_000);
    expect(await all(log)).toEqual(await all(memory));
    for (const limit of [1_000, 40]) {
      const newest = async (asked: EventLog) => {
        const page = await asked.messages(channelId, { take: 'last', limit, alsoAnswered: true });
        return { ...page, answered: page.answered.toSorted((a, b) => a.number - b.number) };
      };
      expect(await newest(log)).toEqual(await newest(memory));
    }
    expect((await log.heads([channelId])).heads).toEqual((await memory.heads([channelId])).heads);
  }
}

/** One to five drafts of any kind, with nonces that come again, about places that may be no messages. */
function randomRound(random: () => number, head: number): EventDraft[] {
  const below = (n: number) => Math.floor(random() * n);
  const drafts = new Map<string, EventDraft>();
  for (const _ of upTo(1 + below(5))) {
    const named = { by: below(4) === 0 ? serverAuthorId : userIdOf(7n), nonce: `n${below(400)}` };
    const place = Math.max(1, head - below(12));
    const kinds = [
      sent(`text ${below(1_000)}`, named),
      sent(`text ${below(1_000)}`, named),
      answering(place, `reply ${below(1_000)}`, named),
      edited(place, `edit ${below(1_000)}`, named),
      deleted(place, named),
      { ...sent('{}', named), kind: 'member.added' as const },
    ];
    const draft = kinds[below(kinds.length)] ?? sent('text', named);
    drafts.set(`${draft.authorId} ${draft.nonce}`, draft);
  }
  const round = [...drafts.values()];
  const last = round.at(-1);
  // Alone, and insisting on a revision that is right now and then.
  return last?.kind === 'message.edited' ? [{ ...last, ifRevision: head - below(12) }] : round;
}
