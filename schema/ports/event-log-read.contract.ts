import { expect, it } from 'vitest';
import type { ChannelId } from '../ids.ts';
import { clientNonce } from '../stream/event.ts';
import type { EventLog, MessageRange } from './event-log.ts';
import {
  ada,
  appendOne,
  ben,
  deleted,
  edited,
  freshChannel,
  memberAdded,
  readAll,
  sent,
  seqsOf,
  start,
} from './event-log-world.contract.ts';
import { upTo } from './random.contract.ts';

type OpenLog = () => Promise<EventLog>;

export function readingContract(openLog: OpenLog): void {
  events(openLog);
  heads(openLog);
  nonces(openLog);
  messagesByKey(openLog);
}

function events(openLog: OpenLog): void {
  it('reads events after a place, as many as there are up to the limit', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await log.append(
      channelId,
      upTo(10).map((n) => sent(`text ${n}`)),
      start,
    );
    expect(seqsOf(await log.read(channelId, 0, 3))).toEqual([1, 2, 3]);
    expect(seqsOf(await log.read(channelId, 3, 3))).toEqual([4, 5, 6]);
    expect(seqsOf(await log.read(channelId, 8, 1_000))).toEqual([9, 10]);
    expect(await log.read(channelId, 10, 5)).toEqual([]);
    expect(await log.read(channelId, 99, 5)).toEqual([]);
    expect(await log.read(freshChannel(), 0, 5)).toEqual([]);
  });

  it('refuses pages that have no end', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    for (const limit of [0, 1_001, 1.5, Number.POSITIVE_INFINITY]) {
      await expect(log.read(channelId, 0, limit)).rejects.toThrow('page');
      await expect(log.messages(channelId, { take: 'first', limit })).rejects.toThrow('page');
    }
  });
}

function heads(openLog: OpenLog): void {
  it('knows the head of every channel it is asked for, 0 where nothing was written', async () => {
    const [log, busy, other, empty] = [await openLog(), freshChannel(), freshChannel(), freshChannel()];
    await log.append(busy, [sent('a'), sent('b'), edited(1, 'c')], start);
    await log.append(other, [memberAdded(1)], start + 7);
    const answer = await log.heads([empty, busy, other, busy]);
    expect(answer.epoch).toBe(1);
    expect(answer.heads).toEqual(
      new Map([
        [empty, { head: 0, messageCount: 0, lastCreatedAt: 0 }],
        [busy, { head: 3, messageCount: 2, lastCreatedAt: start }],
        [other, { head: 1, messageCount: 0, lastCreatedAt: start + 7 }],
      ]),
    );
    expect(await log.heads([])).toEqual({ epoch: 1, heads: new Map() });
  });
}

function nonces(openLog: OpenLog): void {
  it('finds an event by its nonce, and nothing for a nonce of somebody else', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await log.append(
      channelId,
      [sent('a'), sent('b', { nonce: 'n' }), edited(2, 'c', { nonce: 'e' })],
      start,
    );
    const found = await log.findNonce(channelId, ada, clientNonce('n'));
    expect(found).toEqual((await log.read(channelId, 1, 1))[0]);
    expect(await log.findNonce(channelId, ada, clientNonce('e'))).toMatchObject({ seq: 3, refSeq: 2 });
    expect(await log.findNonce(channelId, ben, clientNonce('n'))).toBeUndefined();
    expect(await log.findNonce(channelId, ada, clientNonce('unheard'))).toBeUndefined();
    expect(await log.findNonce(freshChannel(), ada, clientNonce('n'))).toBeUndefined();
  });
}

function messagesByKey(openLog: OpenLog): void {
  it('finds messages by place or number, in the order of the keys', async () => {
    const [log, channelId, elsewhere] = [await openLog(), freshChannel(), freshChannel()];
    await log.append(
      channelId,
      [memberAdded(1), sent('one'), sent('two'), edited(2, 'ONE'), sent('three')],
      start,
    );
    await appendOne(log, elsewhere, sent('other'));
    const found = await log.messagesAt([
      { channelId, number: 3 },
      { channelId: elsewhere, seq: 1 },
      { channelId, seq: 2 },
      { channelId, seq: 4 },
      { channelId, seq: 1 },
      { channelId: freshChannel(), number: 1 },
      { channelId, number: 0 },
      { channelId, number: 3 },
      { channelId, seq: 99 },
      { channelId, number: 2 },
    ]);
    const texts = found.map((message) => message?.text);
    const nothing = undefined;
    expect(texts).toEqual([
      'three',
      'other',
      'ONE',
      nothing,
      nothing,
      nothing,
      nothing,
      'three',
      nothing,
      'two',
    ]);
    expect(found[0]).toEqual((await log.messages(channelId, { take: 'last', limit: 1 })).messages[0]);
    expect(await log.messagesAt([])).toEqual([]);
  });
}

/** 30 messages with numbers 1 to 30, among other events; every fifth deleted, every seventh edited. */
async function filledChannel(log: EventLog): Promise<ChannelId> {
  const channelId = freshChannel();
  for (const number of upTo(30)) {
    const appended = await appendOne(log, channelId, sent(`text ${number}`));
    if (number % 3 === 0) await appendOne(log, channelId, memberAdded(number));
    if (number % 7 === 0) await appendOne(log, channelId, edited(appended.event.seq, `edited ${number}`));
    if (number % 5 === 0) await appendOne(log, channelId, deleted(appended.event.seq));
  }
  return channelId;
}

const expectedText = (number: number) => {
  if (number % 5 === 0) return null;
  return number % 7 === 0 ? `edited ${number}` : `text ${number}`;
};

export function pagingContract(openLog: OpenLog): void {
  it('pages messages forward and backward without holes or repeats, tombstones included', async () => {
    const log = await openLog();
    const channelId = await filledChannel(log);
    const page = async (range: Pick<MessageRange, 'after' | 'before'>, take: 'first' | 'last') =>
      (await log.messages(channelId, { ...range, take, limit: 7 })).messages;
    const forward = [...(await page({}, 'first'))];
    for (let next = forward; next.length > 0; forward.push(...next))
      next = [...(await page({ after: forward.length }, 'first'))];
    expect(forward.map(({ number, text }) => [number, text])).toEqual(
      upTo(30).map((n) => [n, expectedText(n)]),
    );
    const backward = [...(await page({}, 'last'))];
    for (let next = backward; next.length > 0; backward.unshift(...next))
      next = [...(await page({ before: backward[0]?.number ?? 0 }, 'last'))];
    expect(backward).toEqual(forward);
    const sentOnes = (await readAll(log, channelId)).filter(({ kind }) => kind === 'message.sent');
    expect(forward).toEqual(sentOnes.map(({ message }) => message));
  });

  it.for<[MessageRange, number[]]>([
    [{ take: 'first', limit: 3 }, [1, 2, 3]],
    [{ take: 'last', limit: 3 }, [28, 29, 30]],
    [{ after: 10, take: 'first', limit: 2 }, [11, 12]],
    [{ after: 28, take: 'first', limit: 9 }, [29, 30]],
    [{ before: 11, take: 'last', limit: 2 }, [9, 10]],
    [{ before: 3, take: 'last', limit: 9 }, [1, 2]],
    [{ before: 11, take: 'first', limit: 2 }, [1, 2]],
    [{ after: 10, take: 'last', limit: 2 }, [29, 30]],
    [{ after: 10, before: 15, take: 'first', limit: 2 }, [11, 12]],
    [{ after: 10, before: 15, take: 'last', limit: 9 }, [11, 12, 13, 14]],
    [{ after: 30, take: 'first', limit: 5 }, []],
    [{ after: 99, take: 'last', limit: 5 }, []],
    [{ before: 1, take: 'last', limit: 5 }, []],
    [{ after: 20, before: 10, take: 'first', limit: 5 }, []],
  ])('answers %j with the numbers %j', async ([range, numbers]) => {
    const log = await openLog();
    const { messages, answered } = await log.messages(await filledChannel(log), range);
    expect(messages.map(({ number }) => number)).toEqual(numbers);
    expect(answered).toEqual([]);
  });

  it('has no messages where none were sent', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await appendOne(log, channelId, memberAdded(1));
    const nothing = { messages: [], answered: [] };
    expect(await log.messages(channelId, { take: 'last', limit: 9 })).toEqual(nothing);
    expect(await log.messages(freshChannel(), { take: 'first', limit: 9 })).toEqual(nothing);
  });
}
