import { expect, it } from 'vitest';
import type { ChannelId } from '../ids.ts';
import { type EventLog, StaleRevisionError } from './event-log.ts';
import {
  ada,
  answering,
  appendOne,
  ben,
  deleted,
  edited,
  freshChannel,
  memberAdded,
  readAll,
  sent,
  start,
} from './event-log-world.contract.ts';
import { upTo } from './random.contract.ts';

type OpenLog = () => Promise<EventLog>;

export function answeringContract(openLog: OpenLog): void {
  naming(openLog);
  readingAnswered(openLog);
}

/** Places 2 and 4 have the numbers 1 and 2; 4 answers 2. */
async function answered(log: EventLog): Promise<ChannelId> {
  const channelId = freshChannel();
  const round = [memberAdded(1), sent('question'), memberAdded(2), answering(2, 'answer', { by: ben })];
  await log.append(channelId, round, start);
  return channelId;
}

function naming(openLog: OpenLog): void {
  it('says of a reply what it answers, wherever it is read, and after it was edited and deleted', async () => {
    const log = await openLog();
    const channelId = await answered(log);
    const replyTo = { seq: 2, number: 1 };
    for (const draft of [edited(4, 'better'), deleted(4)]) {
      const { event } = await appendOne(log, channelId, draft);
      expect(event).toMatchObject({ refSeq: 4, message: { seq: 4, number: 2, authorId: ben, replyTo } });
      const [asEvent] = await log.read(channelId, 3, 1);
      expect(asEvent).toMatchObject({ kind: 'message.sent', refSeq: 2, message: event.message });
      const { messages } = await log.messages(channelId, { take: 'last', limit: 1 });
      expect(messages).toEqual([event.message]);
      expect(await log.messagesAt([{ channelId, seq: 4 }])).toEqual([event.message]);
    }
    expect(await log.messagesAt([{ channelId, number: 1 }])).toMatchObject([{ replyTo: null, revision: 2 }]);
  });

  it('answers a reply as it can be read afterwards, one to a message of its own round too', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    const round = [sent('one'), answering(1, 'two'), answering(2, 'three'), sent('four')];
    const appended = await log.append(channelId, round, start);
    expect(await readAll(log, channelId)).toEqual(appended.map(({ event }) => event));
    expect(appended.map(({ event }) => event.message?.replyTo?.number)).toEqual([undefined, 1, 2, undefined]);
  });

  it('answers a nonce that is there before it looks at what the draft answers', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await log.append(channelId, [sent('one', { nonce: 'n' })], start);
    const again = await appendOne(log, channelId, answering(90, 'two', { nonce: 'n' }));
    expect(again).toMatchObject({ deduplicated: true, event: { message: { text: 'one', replyTo: null } } });
  });

  it('leaves the replies when it forgets what they answer', async () => {
    const log = await openLog();
    const channelId = await answered(log);
    await appendOne(log, channelId, deleted(2));
    const { messages } = await log.messages(channelId, { take: 'first', limit: 9 });
    expect(messages.map(({ text, replyTo }) => [text, replyTo?.number])).toEqual([
      [null, undefined],
      ['answer', 1],
    ]);
  });
}

function readingAnswered(openLog: OpenLog): void {
  it('reads with a page what it answers, each once, and not what is in the page anyway', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    const texts = ['one', 'two', 'three'].map((text) => sent(text));
    const replies = [1, 1, 2, 6].map((seq) => answering(seq, `to ${seq}`));
    await log.append(channelId, [...texts, ...replies], start);
    await log.append(channelId, [edited(1, 'ONE'), deleted(2)], start);
    const page = { take: 'last', limit: 4, alsoAnswered: true } as const;
    const { messages, answered: found } = await log.messages(channelId, page);
    expect(messages.map(({ number }) => number)).toEqual([4, 5, 6, 7]);
    const byNumber = [...found].sort((a, b) => a.number - b.number);
    expect(byNumber).toEqual(
      await log.messagesAt([
        { channelId, number: 1 },
        { channelId, number: 2 },
      ]),
    );
    expect(byNumber.map(({ text }) => text)).toEqual(['ONE', null]);
    const first = await log.messages(channelId, { take: 'first', limit: 3, alsoAnswered: true });
    expect(first.answered).toEqual([]);
  });
}

export function insistingContract(openLog: OpenLog): void {
  const ifRevision = (revision: number) => ({ ...edited(1, `if ${revision}`), ifRevision: revision });
  const textOf = async (log: EventLog, channelId: ChannelId) =>
    (await log.messagesAt([{ channelId, number: 1 }]))[0]?.text;

  it('edits a message that has the revision that was insisted on', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await appendOne(log, channelId, sent('old'));
    expect((await appendOne(log, channelId, ifRevision(1))).event).toMatchObject({ seq: 2 });
    expect((await appendOne(log, channelId, ifRevision(2))).event).toMatchObject({ seq: 3 });
    expect(await textOf(log, channelId)).toBe('if 2');
  });

  it.for([
    ['was edited', [edited(1, 'new')]],
    ['was deleted', [deleted(1)]],
  ] as const)('refuses it, and writes nothing, when the message %s since', async ([, since]) => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await appendOne(log, channelId, sent('old'));
    for (const draft of since) await appendOne(log, channelId, draft);
    const text = await textOf(log, channelId);
    for (const revision of [1, 9])
      await expect(appendOne(log, channelId, ifRevision(revision))).rejects.toThrow(StaleRevisionError);
    expect(await readAll(log, channelId)).toHaveLength(2);
    expect(await textOf(log, channelId)).toBe(text);
  });

  it('answers a nonce that is there whatever the revision: the first attempt may have changed it', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await appendOne(log, channelId, sent('old'));
    const draft = ifRevision(1);
    await appendOne(log, channelId, draft);
    await appendOne(log, channelId, edited(1, 'newer'));
    expect(await appendOne(log, channelId, draft)).toMatchObject({ deduplicated: true, event: { seq: 2 } });
    expect(await log.findNonce(channelId, ada, draft.nonce)).toMatchObject({ seq: 2 });
  });

  it('refuses an edit of what is no message as such', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await appendOne(log, channelId, memberAdded(1));
    for (const seq of [1, 90])
      await expect(appendOne(log, channelId, { ...edited(seq, 'x'), ifRevision: seq })).rejects.toThrow(
        'refSeq',
      );
  });

  it('lets one of several editors through who insist on the same revision at once', async () => {
    const [logs, channelId] = [await Promise.all(upTo(4).map(() => openLog())), freshChannel()];
    const [log] = logs;
    if (!log) throw new Error('No log was opened.');
    await appendOne(log, channelId, sent('old'));
    for (let revision = 1; revision <= 10; revision += 1) {
      const editing = logs.map((own) => appendOne(own, channelId, ifRevision(revision)));
      const outcomes = await Promise.allSettled(editing);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(StaleRevisionError);
    }
    expect(await readAll(log, channelId)).toHaveLength(11);
  });
}
