import { expect, it } from 'vitest';
import type { ChannelId } from '../ids.ts';
import type { EventDraft } from '../stream/event.ts';
import type { EventLog } from './event-log.ts';
import {
  ada,
  appendOne,
  deleted,
  edited,
  freshChannel,
  memberAdded,
  readAll,
  sent,
  start,
} from './event-log-world.contract.ts';

type OpenLog = () => Promise<EventLog>;

/** The message at place 1, which every way of reading must agree about. */
async function firstMessage(log: EventLog, channelId: ChannelId) {
  const { messages } = await log.messages(channelId, { take: 'first', limit: 1 });
  const [byPage] = messages;
  const [bySeq, byNumber] = await log.messagesAt([
    { channelId, seq: 1 },
    { channelId, number: 1 },
  ]);
  const about = (await readAll(log, channelId)).filter(({ message }) => message?.seq === 1);
  for (const copy of [bySeq, byNumber, ...about.map(({ message }) => message)]) expect(copy).toEqual(byPage);
  return byPage;
}

export function changingContract(openLog: OpenLog): void {
  it('shows an edit wherever the message is read, and keeps who wrote it and when', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await appendOne(log, channelId, sent('old', { nonce: 'n' }));
    const [answer] = await log.append(channelId, [edited(1, 'new')], start + 9);
    expect(answer?.event).toMatchObject({ seq: 2, number: 1, kind: 'message.edited', body: '', refSeq: 1 });
    const message = await firstMessage(log, channelId);
    expect(answer?.event.message).toEqual(message);
    expect(message).toMatchObject({ seq: 1, number: 1, authorId: ada, nonce: 'n', text: 'new', revision: 2 });
    expect(message).toMatchObject({ createdAt: start, editedAt: start + 9, deletedAt: null });
  });

  it('shows of two edits the later one, in one round too', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await log.append(channelId, [sent('one'), sent('other')], start);
    await log.append(channelId, [edited(1, 'two'), edited(2, 'OTHER'), edited(1, 'three')], start);
    expect(await firstMessage(log, channelId)).toMatchObject({ text: 'three', revision: 5 });
    await log.append(channelId, [edited(1, 'four')], start);
    expect(await firstMessage(log, channelId)).toMatchObject({ text: 'four', revision: 6 });
  });

  it('never shows a message older than the event it comes with', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    const rounds: EventDraft[][] = [
      [sent('a'), memberAdded(1), sent('b')],
      [edited(1, 'A'), edited(3, 'B'), deleted(1)],
      [edited(1, 'too late'), deleted(1), edited(3, 'BB')],
    ];
    for (const drafts of rounds)
      for (const { event } of await log.append(channelId, drafts, start))
        expect(event.message?.revision ?? event.seq).toBeGreaterThanOrEqual(event.seq);
    for (const { seq, message } of await readAll(log, channelId))
      expect(message?.revision ?? seq).toBeGreaterThanOrEqual(seq);
  });
}

export function deletingContract(openLog: OpenLog): void {
  it('leaves a tombstone that keeps its number', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await log.append(channelId, [sent('gone'), sent('stays')], start);
    const [answer] = await log.append(channelId, [deleted(1)], start + 5);
    expect(answer?.event).toMatchObject({ seq: 3, number: 2, kind: 'message.deleted', body: '', refSeq: 1 });
    const message = await firstMessage(log, channelId);
    expect(answer?.event.message).toEqual(message);
    expect(message).toMatchObject({
      number: 1,
      text: null,
      revision: 3,
      editedAt: null,
      deletedAt: start + 5,
    });
  });

  it.for([
    ['after an edit', (): EventDraft[][] => [[edited(1, 'new')], [deleted(1)]]],
    ['before an edit', (): EventDraft[][] => [[deleted(1)], [edited(1, 'new')]]],
    ['in one round after an edit', (): EventDraft[][] => [[edited(1, 'new'), deleted(1)]]],
    ['in one round before an edit', (): EventDraft[][] => [[deleted(1), edited(1, 'new')]]],
    ['between two edits', (): EventDraft[][] => [[edited(1, 'new'), deleted(1), edited(1, 'newer')]]],
  ] as const)('wins when it comes %s', async ([, rounds]) => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await appendOne(log, channelId, sent('old'));
    for (const drafts of rounds()) await log.append(channelId, drafts, start + 1);
    const message = await firstMessage(log, channelId);
    const { length } = await readAll(log, channelId);
    expect(message).toMatchObject({ text: null, deletedAt: start + 1, revision: length });
  });

  it('happens once: a second deletion is recorded and changes no date', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await appendOne(log, channelId, sent('gone'));
    await log.append(channelId, [edited(1, 'edited')], start + 1);
    await log.append(channelId, [deleted(1)], start + 2);
    await log.append(channelId, [edited(1, 'too late')], start + 3);
    await log.append(channelId, [deleted(1)], start + 4);
    expect(await firstMessage(log, channelId)).toMatchObject({
      text: null,
      revision: 5,
      editedAt: start + 1,
      deletedAt: start + 2,
    });
  });

  it('forgets the text in every read and every repeated append', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    const written = [sent('secret one'), edited(1, 'secret two'), edited(1, 'secret three')];
    for (const draft of written) await appendOne(log, channelId, draft);
    const late = [deleted(1), edited(1, 'secret four')];
    const answers: unknown[] = [await log.append(channelId, late, start)];
    answers.push(await log.append(channelId, [...written, ...late], start));
    for (const { nonce } of [...written, ...late]) answers.push(await log.findNonce(channelId, ada, nonce));
    answers.push(await readAll(log, channelId), await firstMessage(log, channelId));
    expect(JSON.stringify(answers)).not.toContain('secret');
  });
}
