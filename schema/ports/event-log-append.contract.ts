import { expect, it } from 'vitest';
import { clientNonce, serverNonce } from '../stream/event.ts';
import type { EventLog } from './event-log.ts';
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
  seqsOf,
  start,
} from './event-log-world.contract.ts';
import { upTo } from './random.contract.ts';

type OpenLog = () => Promise<EventLog>;

export function appendingContract(openLog: OpenLog): void {
  placing(openLog);
  deduplicating(openLog);
  dating(openLog);
}

function placing(openLog: OpenLog): void {
  it('numbers events from 1 without holes, and messages by a count of their own', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await log.append(channelId, [memberAdded(1), sent('one'), memberAdded(2)], start);
    await log.append(channelId, [sent('two'), sent('three')], start);
    const events = await log.read(channelId, 0, 10);
    expect(events.map(({ seq, number, kind }) => [seq, number, kind])).toEqual([
      [1, 0, 'member.added'],
      [2, 1, 'message.sent'],
      [3, 1, 'member.added'],
      [4, 2, 'message.sent'],
      [5, 3, 'message.sent'],
    ]);
  });

  it('answers one event per draft, in the order of the drafts, as it can be read afterwards', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    const drafts = upTo(64).map((n) => sent(`text ${n}`, { by: n % 3 === 0 ? ben : ada }));
    const appended = await log.append(channelId, drafts, start);
    expect(appended.map(({ event }) => event.nonce)).toEqual(drafts.map(({ nonce }) => nonce));
    expect(appended.map(({ deduplicated }) => deduplicated)).toEqual(drafts.map(() => false));
    expect(await log.read(channelId, 0, 100)).toEqual(appended.map(({ event }) => event));
  });

  it('gives every event all it was given', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    const text = `'quoted' "twice" \\back\\ {brace,"x"} NULL \n\t ünï — 😀 ${'long '.repeat(3_000)}`;
    const body = JSON.stringify({ role: 'OWNER', text });
    const [first, second] = await log.append(
      channelId,
      [memberAdded(1, body), sent(text, { nonce: 'n' })],
      start,
    );
    expect(first?.event).toMatchObject({ channelId, body, refSeq: null, message: null, createdAt: start });
    expect(second?.event).toMatchObject({ authorId: ada, nonce: clientNonce('n'), body: '', refSeq: null });
    expect(second?.event.message).toEqual({
      channelId,
      seq: 2,
      number: 1,
      authorId: ada,
      nonce: 'n',
      text,
      revision: 2,
      replyTo: null,
      createdAt: start,
      editedAt: null,
      deletedAt: null,
    });
  });

  it('freezes what it answers, because many readers share it', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    const { event } = await appendOne(log, channelId, sent('hi'));
    const [read] = await log.read(channelId, 0, 1);
    const { messages } = await log.messages(channelId, { take: 'last', limit: 1 });
    for (const answer of [event, event.message, read, read?.message, messages[0]])
      expect(Object.isFrozen(answer)).toBe(true);
  });
}

function deduplicating(openLog: OpenLog): void {
  it('answers a nonce that was there before with the first event, however late and whatever the text', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await appendOne(log, channelId, sent('first', { nonce: 'n' }));
    await log.append(
      channelId,
      upTo(20).map((n) => sent(`later ${n}`)),
      start,
    );
    const again = await appendOne(log, channelId, sent('second', { nonce: 'n' }));
    expect(again).toMatchObject({
      deduplicated: true,
      event: { seq: 1, message: { number: 1, text: 'first' } },
    });
    expect(await readAll(log, channelId)).toHaveLength(21);
  });

  it('skips only what it has when a round mixes old and new', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await log.append(channelId, [sent('a', { nonce: 'a' }), sent('b', { nonce: 'b' })], start);
    const mixed = ['x', 'b', 'y', 'a'].map((nonce) => sent(nonce, { nonce }));
    const appended = await log.append(channelId, mixed, start);
    expect(appended.map(({ event, deduplicated }) => [event.message?.text, event.seq, deduplicated])).toEqual(
      [
        ['x', 3, false],
        ['b', 2, true],
        ['y', 4, false],
        ['a', 1, true],
      ],
    );
  });

  it('keeps the nonces of different authors, channels and letters apart', async () => {
    const [log, channelId, elsewhere] = [await openLog(), freshChannel(), freshChannel()];
    const draft = sent('hi', { nonce: 'n' });
    await appendOne(log, channelId, draft);
    expect(await appendOne(log, channelId, sent('hi', { nonce: 'n', by: ben }))).toMatchObject({
      event: { seq: 2 },
    });
    expect(await appendOne(log, elsewhere, draft)).toMatchObject({ deduplicated: false, event: { seq: 1 } });
    const servers = await appendOne(log, channelId, { ...draft, nonce: serverNonce('n') });
    expect(servers).toMatchObject({ deduplicated: false, event: { seq: 3 } });
  });

  it('does not apply a repeated edit a second time', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await appendOne(log, channelId, sent('one'));
    await appendOne(log, channelId, edited(1, 'two', { nonce: 'e' }));
    await appendOne(log, channelId, edited(1, 'three'));
    const again = await appendOne(log, channelId, edited(1, 'two', { nonce: 'e' }));
    expect(again).toMatchObject({
      deduplicated: true,
      event: { seq: 2, message: { text: 'three', revision: 3 } },
    });
  });
}

function dating(openLog: OpenLog): void {
  it('never lets time go back, whatever the clocks say', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    for (const now of [start, start - 5_000, start + 1, start - 1, start + 2])
      await log.append(channelId, [sent('a'), sent('b')], now);
    const dates = (await log.read(channelId, 0, 100)).map(({ createdAt }) => createdAt - start);
    expect(dates).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2]);
  });

  it('changes nothing when it has all of a round already', async () => {
    const [log, channelId] = [await openLog(), freshChannel()];
    const drafts = [sent('a'), sent('b')];
    await log.append(channelId, drafts, start);
    await log.append(channelId, drafts, start + 60_000);
    const { heads } = await log.heads([channelId]);
    expect(heads.get(channelId)).toEqual({ head: 2, messageCount: 2, lastCreatedAt: start });
  });
}

export function refusingContract(openLog: OpenLog): void {
  it.for([
    ['an empty round', []],
    ['65 drafts', upTo(65).map(() => sent('many'))],
    ['one nonce twice', [sent('a', { nonce: 'n' }), sent('b', { nonce: 'n' })]],
    ['a nonce without its letter', [{ ...sent('a'), nonce: 'bare' }]],
    ['a text with a NUL', [sent('a\0b')]],
    ['half a surrogate pair', [sent('a\ud83d')]],
    ['a nonce with half a surrogate pair', [sent('a', { nonce: '\udc00' })]],
    ['an edit that names no message', [{ ...sent('a'), kind: 'message.edited' as const }]],
    ['a reply to what is not there', [sent('a'), answering(90, 'b')]],
    ['a reply to something else than a message', [answering(1, 'b'), sent('a')]],
    ['a reply to an edit', [answering(3, 'b')]],
    ['a reply to itself', [answering(4, 'b')]],
    ['a reply to what comes later in its round', [answering(5, 'b'), sent('a')]],
    ['a membership that names a message', [{ ...memberAdded(2), refSeq: 2 }]],
    ['a message that insists on a revision', [{ ...answering(2, 'b'), ifRevision: 3 }]],
    ['a deletion that insists on a revision', [{ ...deleted(2), ifRevision: 3 }]],
    ['an edit that insists on a revision, among others', [sent('a'), { ...edited(2, 'b'), ifRevision: 3 }]],
    ['an edit of what is not there', [sent('a'), edited(90, 'b')]],
    ['a deletion of what is not there', [sent('a'), deleted(90)]],
    ['an edit of something else than a message', [sent('a'), edited(1, 'b')]],
    ['a deletion of an edit', [sent('a'), deleted(3)]],
    ['an edit of place 0', [edited(0, 'b')]],
    ['an edit of what comes later in its round', [edited(5, 'b'), sent('a')]],
    ['an edit of itself', [edited(4, 'b')]],
  ] as const)('refuses %s, and writes nothing', async ([, drafts]) => {
    const [log, channelId] = [await openLog(), freshChannel()];
    await log.append(channelId, [memberAdded(1), sent('two'), edited(2, 'edited')], start);
    const refusal = await log.append(channelId, drafts, start + 1).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: 'Error' });
    expect(seqsOf(await log.read(channelId, 0, 10))).toEqual([1, 2, 3]);
    const { heads } = await log.heads([channelId]);
    expect(heads.get(channelId)).toEqual({ head: 3, messageCount: 1, lastCreatedAt: start });
  });

  it('refuses to edit a message of another channel, and a clock that is no number', async () => {
    const [log, channelId, elsewhere] = [await openLog(), freshChannel(), freshChannel()];
    await log.append(elsewhere, [sent('a'), sent('b')], start);
    await log.append(channelId, [sent('a')], start);
    await expect(log.append(channelId, [edited(2, 'b')], start)).rejects.toThrow('refSeq');
    await expect(log.append(channelId, [sent('b')], Number.NaN)).rejects.toThrow('milliseconds');
    expect(await readAll(log, channelId)).toHaveLength(1);
  });
}
