import { describe, expect, it } from 'vitest';
import type { Found, Line } from '../history.ts';
import { brokenIn, changed } from './broken-in.ts';
import { finish } from './made-up-end.ts';
import { createMadeUpRun } from './made-up-run.ts';

/** Four messages of two people, the second one edited, the third one deleted; nobody reads along. */
function talk() {
  const run = createMadeUpRun();
  run.channel('c', 'ann', 'bob');
  run.send('ann/1', 'c', { nonce: 'a1', text: 'one' });
  const two = run.send('bob/1', 'c', { nonce: 'b1', text: 'two' });
  const three = run.send('ann/1', 'c', { nonce: 'a2', text: 'three' });
  run.send('ann/1', 'c', { nonce: 'a3', text: 'four' });
  run.edit('bob/1', 'c', two);
  run.delete('ann/1', 'c', three);
  return run;
}
const talked = () => finish(talk());
/** In each reading: the nth message, as it is changed; nothing leaves it out. */
const found = (
  change: (message: Found['messages'][number]) => Found['messages'][number] | undefined,
  nth: number,
  source?: Found['source'],
): Line[] =>
  changed(talked(), 'found', (line) => {
    if (source !== undefined && line.source !== source) return line;
    return {
      ...line,
      messages: line.messages.flatMap((message, at) => (at === nth ? (change(message) ?? []) : [message])),
    };
  });
const stored = (change: (line: Found) => Partial<Found>): Line[] =>
  changed(talked(), 'found', (line) => (line.source === 'store' ? { ...line, ...change(line) } : line));
/** Looks follow from the log, and are judged elsewhere. */
const without = (lines: readonly Line[]) => lines.filter(({ kind }) => kind !== 'look');

describe('the checker, of the log', () => {
  it('finds nothing in a talk that went well', () => {
    expect(brokenIn(talked())).toEqual({});
  });

  it('counts as lost what was acknowledged and is not there', () => {
    expect(brokenIn(without(found(() => undefined, 3)))).toEqual({ lost: 1 });
    expect(brokenIn(found(() => undefined, 3, 'history'))).toEqual({ lost: 1, holes: 1 });
    expect(brokenIn(without(talked().filter(({ kind }) => kind !== 'found')))).toEqual({ lost: 4 });
  });

  it('counts as lost what was acknowledged at another place', () => {
    const lines = changed(talked(), 'ok', (line) =>
      line.kind === 'ok' && line.message?.number === 4
        ? { ...line, message: { ...line.message, number: 5 } }
        : line,
    );
    expect(brokenIn(lines)).toEqual({ lost: 1 });
  });

  it('counts as lost an edit that is undone, and a deletion that is', () => {
    expect(brokenIn(without(found((message) => ({ ...message, text: 'two' }), 1)))).toEqual({ lost: 2 });
    expect(brokenIn(without(found((message) => ({ ...message, text: 'three' }), 2)))).toEqual({ lost: 2 });
  });

  it('lets an edit without an answer be done, or not, or once more behind a later one', () => {
    for (const last of ['edit', 'later', 'four']) {
      const run = talk();
      const four = run.logOf('c').messages().at(-1);
      const messageId = four?.messageId ?? '';
      const edit = run.ask('ann/1', { type: 'edit', channelId: 'c', messageId, text: 'edit' });
      edit.unknown();
      if (last !== 'four') {
        edit.again().ok();
        run.ask('ann/1', { type: 'edit', channelId: 'c', messageId, text: 'later' }).ok();
        run.logOf('c').add({ type: 'edited', messageId, text: last });
      }
      expect(brokenIn(finish(run))).toEqual({});
    }
  });

  it('counts what stands in the log twice', () => {
    const twice = stored(({ messages, headSeq = 0 }) => {
      const again = messages
        .slice(0, 1)
        .map((one) => ({ ...one, messageId: 'c.z', seq: headSeq + 1, number: 5 }));
      return { messages: [...messages, ...again], headSeq: headSeq + 1, eventCount: headSeq + 1 };
    });
    // It also says what was said elsewhere; and the history, which ends before it, has a hole.
    expect(brokenIn(without(twice))).toEqual({ duplicated: 1, content: 1, holes: 1 });
  });

  it('counts a send that was acknowledged as two messages', () => {
    const run = talk();
    const said = run.say('ann/1', 'c', { nonce: 'a9', text: 'nine' });
    const { messageId: id, seq, number } = said.commit();
    said.ok({ message: { id, seq, number } });
    said.ok({ message: { id, seq: seq + 1, number } });
    expect(brokenIn(finish(run))).toEqual({ duplicated: 1 });
  });

  it('counts holes: of numbers, of places, and of what is behind the end', () => {
    const renumbered = found((message) => ({ ...message, number: 5 }), 3);
    const unasked = renumbered.filter(({ kind }) => kind !== 'ok');
    expect(brokenIn(without(unasked))).toEqual({ holes: 2 });
    expect(brokenIn(stored(({ eventCount = 0 }) => ({ eventCount: eventCount - 1 })))).toEqual({ holes: 1 });
    expect(brokenIn(stored(() => ({ headSeq: 7, eventCount: 7 })))).toMatchObject({ lost: 1 });
    const atOnePlace = stored(({ memberships = [] }) => ({
      memberships: [...memberships, { seq: 3, userId: 'eva', change: 'joined' as const }],
    }));
    expect(brokenIn(without(atOnePlace))).toEqual({ holes: 1 });
  });

  it('counts what stands out of its order, behind the end, or in the history alone', () => {
    const turned = changed(talked(), 'found', (line) => ({ ...line, messages: line.messages.toReversed() }));
    expect(brokenIn(turned)).toMatchObject({ holes: 10 });
    expect(brokenIn(stored(() => ({ headSeq: 5, eventCount: 5 })))).toEqual({ lost: 2, holes: 1 });
    expect(brokenIn(without(found(() => undefined, 3, 'store')))).toEqual({ lost: 1, phantoms: 1 });
  });

  it('counts who left and was not there, and who came and was', () => {
    const odd = (change: 'joined' | 'gone', userId: string) =>
      stored(({ memberships = [] }) => ({
        memberships: [...memberships, { seq: 9, userId, change }],
        headSeq: 9,
        eventCount: 9,
      }));
    expect(brokenIn(odd('gone', 'eva'))).toEqual({ authorisation: 1 });
    expect(brokenIn(odd('joined', 'bob'))).toEqual({ authorisation: 1 });
    expect(brokenIn(without(odd('gone', 'bob')))).toEqual({});
  });

  it('lets a member who came later see only what came later', () => {
    const run = talk();
    run.move('ann/1', { type: 'add', channelId: 'c', memberId: 'eva' });
    run.send('ann/1', 'c');
    const lines = changed(finish(run), 'found', (line) =>
      line.source === 'history' ? { ...line, userId: 'eva', messages: line.messages.slice(-1) } : line,
    );
    expect(brokenIn(lines)).toEqual({});
  });

  it('counts as phantoms what nobody sent, and what was refused', () => {
    expect(brokenIn(found((message) => ({ ...message, nonce: 'other' }), 0, 'store'))).toEqual({
      lost: 1,
      phantoms: 1,
    });
    const run = talk();
    const said = run.say('ann/1', 'c');
    said.commit();
    said.fail('NOT_A_MEMBER');
    expect(brokenIn(finish(run))).toMatchObject({ phantoms: 1 });
  });

  it('lets be there, or not, what was refused after an attempt without an answer', () => {
    const run = talk();
    const said = run.say('ann/1', 'c');
    said.commit();
    said.unknown();
    said.again().fail('NOT_A_MEMBER');
    run.say('ann/1', 'c').unknown();
    expect(brokenIn(finish(run))).toEqual({});
  });

  it('counts as content what is gone or written though nobody did that', () => {
    expect(brokenIn(without(found((message) => ({ ...message, text: 'other' }), 0)))).toEqual({ content: 2 });
    expect(brokenIn(without(found((message) => ({ ...message, text: null }), 0)))).toEqual({ content: 2 });
  });

  it('counts what has a smaller place than something that was acknowledged before it was asked for', () => {
    const run = createMadeUpRun();
    run.channel('c', 'ann', 'bob');
    const early = run.say('ann/1', 'c');
    const late = run.say('bob/1', 'c');
    const [one, two] = [early.commit(), late.commit()];
    const okOf = ({ messageId: id, seq, number }: typeof one) => ({ message: { id, seq, number } });
    late.ok(okOf(two));
    early.ok(okOf(one));
    const atOnce = finish(run);
    expect(brokenIn(atOnce)).toEqual({});
    // The same, but the first one is asked for only when the other one is done.
    const [first, ...others] = atOnce;
    const at = others.findIndex(({ kind }) => kind === 'ok');
    expect(brokenIn(others.toSpliced(at + 1, 0, ...(first ? [first] : [])))).toEqual({ realTimeOrder: 1 });
  });

  it('counts sends of one device that overtook each other', () => {
    const run = createMadeUpRun();
    run.channel('c', 'ann', 'bob');
    const [one, two] = [run.say('ann/1', 'c'), run.say('ann/1', 'c')];
    const [second, first] = [two.commit(), one.commit()];
    one.ok({ message: { id: first.messageId, seq: first.seq, number: first.number } });
    two.ok({ message: { id: second.messageId, seq: second.seq, number: second.number } });
    expect(brokenIn(finish(run))).toEqual({ senderOrder: 1 });
  });

  it('counts ids that do not sort as places do', () => {
    const run = createMadeUpRun();
    run.channel('c', 'ann');
    run.say('ann/1', 'c').commit();
    run.say('ann/1', 'c').commit();
    const lines = changed(finish(run), 'found', (line) => ({
      ...line,
      messages: line.messages.map((message) => ({ ...message, messageId: `c.${9 - message.number}` })),
    }));
    expect(brokenIn(lines)).toEqual({ messageIdOrder: 2 });
  });
});
