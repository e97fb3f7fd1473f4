import { describe, expect, it } from 'vitest';
import type { Line } from '../history.ts';
import { brokenIn, changed } from './broken-in.ts';
import { finish } from './made-up-end.ts';
import { createMadeUpRun, type MadeUpRun } from './made-up-run.ts';

const withoutRest = (run: MadeUpRun): Line[] => finish(run).filter(({ kind }) => kind !== 'rest');

describe('the checker, of texts', () => {
  /** Bob is told of a message that Ann edits twice. */
  function edited(told: readonly [atFirst: string, byFirst: string, bySecond: string]) {
    const run = createMadeUpRun();
    run.channel('c', 'ann', 'bob');
    run.subscribe('bob/1');
    const { messageId } = run.send('ann/1', 'c', { text: 'one' });
    for (const text of ['two', 'three'])
      run.ask('ann/1', { type: 'edit', channelId: 'c', messageId, text }).ok({
        seq: run.logOf('c').add({ type: 'edited', messageId, text }).seq,
      });
    let nth = -1;
    return changed(withoutRest(run), 'delivery', (line) => {
      nth += 1;
      const text = told[nth] ?? null;
      if (line.event.type !== 'message' && line.event.type !== 'edited') return line;
      return { ...line, event: { ...line.event, text } };
    });
  }
  it('lets a text be newer than its event, and never older, nor go back', () => {
    for (const told of [
      ['one', 'two', 'three'],
      ['three', 'three', 'three'],
      ['two', 'three', 'three'],
    ] as const)
      expect(brokenIn(edited(told))).toEqual({});
    for (const told of [
      ['one', 'one', 'three'],
      ['three', 'two', 'three'],
      ['two', 'two', 'two'],
    ] as const)
      expect(brokenIn(edited(told))).toEqual({ content: 1 });
  });

  it('counts a text that is gone without reason, and one that was refused', () => {
    const run = createMadeUpRun();
    run.channel('c', 'ann', 'bob');
    run.subscribe('bob/1');
    const { messageId } = run.send('ann/1', 'c', { text: 'one' });
    run.ask('ann/1', { type: 'edit', channelId: 'c', messageId, text: 'refused' }).fail('STALE');
    const lines = withoutRest(run);
    const told = (text: string | null) =>
      changed(lines, 'delivery', (line) => ({
        ...line,
        event: { type: 'message', messageId, number: 1, authorId: 'ann', text },
      }));
    expect(brokenIn(told('one'))).toEqual({});
    expect(brokenIn(told(null))).toEqual({ content: 1 });
    expect(brokenIn(told('refused'))).toEqual({ content: 1 });
  });

  it('counts a text that comes back', () => {
    const run = createMadeUpRun();
    run.channel('c', 'ann', 'bob');
    run.subscribe('bob/1');
    const message = run.send('ann/1', 'c', { text: 'one' });
    run.delete('ann/1', 'c', message);
    run.edit('ann/1', 'c', message);
    const lines = withoutRest(run);
    expect(brokenIn(lines)).toEqual({});
    const back = changed(lines, 'delivery', (line) =>
      line.event.type === 'edited' ? { ...line, event: { ...line.event, text: 'one' } } : line,
    );
    expect(brokenIn(back)).toEqual({ content: 1 });
  });
});

describe('the checker, of pages', () => {
  function read() {
    const run = createMadeUpRun();
    run.channel('c', 'ann', 'bob');
    for (let nth = 0; nth < 3; nth += 1) run.send('ann/1', 'c');
    run.move('ann/1', { type: 'remove', channelId: 'c', memberId: 'bob' });
    run.send('ann/1', 'c');
    run.move('ann/1', { type: 'add', channelId: 'c', memberId: 'bob' });
    run.send('ann/1', 'c');
    run.page('bob/1', 'c');
    return withoutRest(run);
  }
  it('lets a page leave out what its reader may not see, and nothing else', () => {
    expect(brokenIn(read())).toEqual({});
    expect(
      brokenIn(changed(read(), 'page', (line) => ({ ...line, messages: line.messages.toSpliced(1, 1) }))),
    ).toEqual({
      prefixVisibility: 1,
    });
    expect(
      brokenIn(changed(read(), 'page', (line) => ({ ...line, messages: line.messages.toReversed() }))),
    ).toEqual({
      prefixVisibility: 3,
    });
  });

  it('counts a message that its reader may not see, and one that is in no log', () => {
    const hidden = read().flatMap((line) =>
      line.kind === 'found' && line.source === 'store' ? line.messages : [],
    )[3];
    const shown = (message: typeof hidden) =>
      changed(read(), 'page', (line) => ({
        ...line,
        messages: message ? line.messages.toSpliced(3, 0, message) : [],
      }));
    expect(brokenIn(shown(hidden))).toEqual({ authorisation: 1 });
    expect(
      brokenIn(
        changed(read(), 'page', (line) => ({
          ...line,
          messages: line.messages.map((one) => ({ ...one, number: one.number + 1 })),
        })),
      ),
    ).toMatchObject({ phantoms: 4 });
  });

  it('counts a text that is gone without reason, and one that was changed long before', () => {
    const gone = changed(read(), 'page', (line) => ({
      ...line,
      messages: line.messages.map((one) => ({ ...one, text: null })),
    }));
    expect(brokenIn(gone)).toEqual({ content: 4 });
    const changedBefore = (ms: number, isDeleted: boolean) => {
      const run = createMadeUpRun();
      run.channel('c', 'ann', 'bob');
      const message = run.send('ann/1', 'c');
      if (isDeleted) run.delete('ann/1', 'c', message);
      else run.edit('ann/1', 'c', message);
      run.wait(ms);
      run.page('bob/1', 'c');
      return changed(withoutRest(run), 'page', (line) => ({ ...line, messages: [message] }));
    };
    for (const isDeleted of [false, true]) {
      expect(brokenIn(changedBefore(60_000, isDeleted))).toEqual({}); // nobody promised more than that it comes
      expect(brokenIn(changedBefore(100_000, isDeleted))).toEqual({ content: 1 });
    }
  });

  it('counts a page for somebody who was put out before they asked', () => {
    const run = createMadeUpRun();
    run.channel('c', 'ann', 'bob');
    run.send('ann/1', 'c');
    run.move('ann/1', { type: 'remove', channelId: 'c', memberId: 'bob' });
    run.wait(1);
    run.page('bob/1', 'c');
    expect(brokenIn(withoutRest(run))).toEqual({ authorisation: 1 });
    const earlier = changed(withoutRest(run), 'page', (line) => ({ ...line, invokedAt: 20 }));
    expect(brokenIn(earlier)).toEqual({});
  });
});

describe('the checker, of sessions', () => {
  /** The session of one of Bob's devices ends; so long after, something is said, and comes to it. */
  function told(ms: number, { again = false, broken = '' } = {}): MadeUpRun {
    const run = createMadeUpRun();
    run.channel('c', 'ann', 'bob');
    run.subscribe('bob/1');
    if (broken !== '') run.write({ kind: 'fault', fault: 1, name: `${broken}-pause`, on: broken });
    run.revoke('bob/2', 'bob/1');
    run.wait(ms);
    if (again) run.ask('bob/1', { type: 'signIn' }).ok();
    run.send('ann/1', 'c');
    run.pull('bob/1', 'c');
    return run;
  }
  it('counts what was said more than 5 s after a session was revoked, and is told to it', () => {
    expect(brokenIn(withoutRest(told(4_000)))).toEqual({});
    expect(brokenIn(withoutRest(told(7_000)))).toEqual({ authorisation: 1 });
    expect(brokenIn(withoutRest(told(7_000, { again: true })))).toEqual({});
  });

  it('gives 30 s while Redis is broken', () => {
    expect(brokenIn(withoutRest(told(20_000, { broken: 'redis' })))).toEqual({});
    expect(brokenIn(withoutRest(told(32_000, { broken: 'redis' })))).toEqual({ authorisation: 1 });
    expect(brokenIn(withoutRest(told(32_000, { broken: 'server-1' })))).toEqual({});
  });

  it('counts what only came late to those who read at once', () => {
    const run = createMadeUpRun();
    run.channel('c', 'ann', 'bob');
    run.subscribe('bob/1');
    run.send('ann/1', 'c');
    run.revoke('bob/2', 'bob/1');
    run.wait(20_000);
    run.pull('bob/1', 'c');
    const lines = withoutRest(run);
    expect(brokenIn(lines)).toEqual({});
    expect(brokenIn(lines, { slowReaders: new Set(['bob/1']) })).toEqual({});
    expect(brokenIn(lines, { slowReaders: new Set() })).toEqual({ authorisation: 1 });
  });

  it('counts what comes over a subscription that began long after', () => {
    const run = createMadeUpRun();
    run.channel('c', 'ann', 'bob');
    run.subscribe('bob/1');
    run.send('ann/1', 'c');
    run.revoke('bob/2', 'bob/1');
    run.wait(8_000);
    run.subscribe('bob/1');
    run.pull('bob/1', 'c');
    expect(brokenIn(withoutRest(run))).toEqual({ authorisation: 1 });
  });
});

describe('the checker, of presence', () => {
  /** Ann watches Bob, who goes; so long after, she is told. */
  function gone(toldAfterMs: number, { broken = false, back = false } = {}) {
    const run = createMadeUpRun();
    const tell = (state: 'ONLINE' | 'OFFLINE') =>
      run.write({ kind: 'presence', device: 'ann/1', ofUserId: 'bob', state });
    for (const device of ['ann/1', 'bob/1', 'bob/2']) run.subscribe(device);
    tell('ONLINE');
    run.gone('bob/1');
    run.gone('bob/2');
    if (broken) run.write({ kind: 'fault', fault: 1, name: 'redis-pause', on: 'redis' });
    run.wait(1_000);
    if (back) run.subscribe('bob/1');
    run.wait(toldAfterMs - 1_000);
    tell('OFFLINE');
    run.wait(60_000);
    run.write({ kind: 'marker', device: 'ann/1', attempt: 1, isCaughtUp: false });
    return run.lines;
  }
  it('counts somebody who is gone, and not said to be in time', () => {
    expect(brokenIn(gone(30_000))).toEqual({});
    expect(brokenIn(gone(50_000))).toEqual({ presence: 1 });
  });
  it('counts nothing of it while something is broken, or when they came back', () => {
    expect(brokenIn(gone(50_000, { broken: true }))).toEqual({});
    expect(brokenIn(gone(50_000, { back: true }))).toEqual({});
  });
});
