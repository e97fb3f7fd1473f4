import { expect, it } from 'vitest';
import { type ChannelId, serverAuthorId, type UserId } from '../ids.ts';
import { type EventDraft, eventKinds, serverNonce } from '../stream/event.ts';
import type { EventLog } from './event-log.ts';
import { ada, ben, deleted, edited, freshChannel, sent, start } from './event-log-world.contract.ts';
import { upTo } from './random.contract.ts';

type OpenLog = () => Promise<EventLog>;

const memberEvent = (
  kind: 'member.added' | 'member.removed',
  userId: UserId,
  version: number,
): EventDraft => ({
  ...{ kind, authorId: serverAuthorId, nonce: serverNonce(`membership:${version}`) },
  body: JSON.stringify({ userId, by: ada, role: 'MEMBER' }),
});

async function outlineOf(log: EventLog, channelId: ChannelId, [after, to]: readonly [number, number]) {
  const [outline] = await log.outlines([{ channelId, after, upTo: to }]);
  return outline;
}

export function outliningContract(openLog: OpenLog): void {
  whatCounts(openLog);
  whichPart(openLog);
}

function whatCounts(openLog: OpenLog): void {
  it('says who sent, which message was deleted, and who came and went, and nothing of what was said', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await log.append(channelId, [memberEvent('member.added', ada, 1), sent('secret', { by: ben })], start);
    await log.append(channelId, [edited(2, 'secret, too', { by: ben }), sent('secret', { by: ada })], start);
    await log.append(channelId, [deleted(2, { by: ada }), memberEvent('member.removed', ada, 2)], start);
    const outline = await outlineOf(log, channelId, [0, 100]);
    expect(outline).toEqual([
      { kind: 'member.added', seq: 1, number: 0, userId: ada },
      { kind: 'message.sent', seq: 2, number: 1, authorId: ben, deletedSeq: 5 },
      { kind: 'message.sent', seq: 4, number: 2, authorId: ada, deletedSeq: null },
      { kind: 'message.deleted', seq: 5, number: 2, authorId: ben, messageNumber: 1 },
      { kind: 'member.removed', seq: 6, number: 2, userId: ada },
    ]);
    expect(JSON.stringify(outline)).not.toContain('secret');
  });

  it('has of several deletions of one message the one that counted, in one round too', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await log.append(channelId, [sent('one'), sent('two')], start);
    await log.append(channelId, [deleted(1, { by: ada }), deleted(1, { by: ben })], start);
    await log.append(channelId, [edited(1, 'too late'), deleted(1, { nonce: 'again' }), deleted(2)], start);
    const deletions = (await outlineOf(log, channelId, [2, 100]))?.map(({ seq }) => seq);
    expect(deletions).toEqual([3, 7]);
    const [first, second] = (await outlineOf(log, channelId, [0, 2])) ?? [];
    expect(first).toMatchObject({ deletedSeq: 3 });
    expect(second).toMatchObject({ deletedSeq: 7 });
  });

  it('knows every kind of event there is', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await log.append(channelId, [sent('one')], start);
    const kinds = (Object.keys(eventKinds) as EventDraft['kind'][]).filter(
      (kind) => !kind.startsWith('message.'),
    );
    const drafts = kinds.map((kind, index) => ({ ...memberEvent('member.added', ben, index + 1), kind }));
    await log.append(channelId, drafts, start);
    const found = (await outlineOf(log, channelId, [0, 100]))?.map(({ kind }) => kind);
    expect(found).toEqual(['message.sent', 'member.added', 'member.removed']);
  });
}

function whichPart(openLog: OpenLog): void {
  it('has what lies behind the one place up to the other, in the order of the stretches asked for', async () => {
    const [log, channelId, other, empty] = [await openLog(), freshChannel(), freshChannel(), freshChannel()];
    await log.append(
      channelId,
      upTo(10).map((n) => sent(`text ${n}`)),
      start,
    );
    await log.append(other, [sent('hello', { by: ben })], start);
    const outlines = await log.outlines([
      { channelId, after: 7, upTo: 9 },
      { channelId: empty, after: 0, upTo: 5 },
      { channelId: other, after: 0, upTo: 1_000 },
      { channelId, after: 0, upTo: 2 },
      { channelId, after: 10, upTo: 20 },
      { channelId, after: 5, upTo: 5 },
    ]);
    const seqs = outlines.map((outline) => outline.map(({ seq }) => seq));
    expect(seqs).toEqual([[8, 9], [], [1], [1, 2], [], []]);
    expect(await log.outlines([])).toEqual([]);
  });

  it('takes as many places as a page, and no more', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    for (const round of upTo(16))
      await log.append(
        channelId,
        upTo(64).map((n) => sent(`${round} ${n}`)),
        start,
      );
    expect(await outlineOf(log, channelId, [10, 1_010])).toHaveLength(1_000);
    await expect(outlineOf(log, channelId, [0, 1_001])).rejects.toThrow('1000 places');
    await expect(outlineOf(log, channelId, [-1, 5])).rejects.toThrow('places');
    const many = upTo(1_001).map(() => ({ channelId, after: 0, upTo: 1 }));
    await expect(log.outlines(many)).rejects.toThrow('1000 stretches');
  });
}
