import { describe, expect, it } from 'vitest';
import type { Line, LoggedMessage, Looked } from '../history.ts';
import { brokenIn, changed } from './broken-in.ts';
import { check } from './check.ts';
import { finish } from './made-up-end.ts';
import { createMadeUpRun, type MadeUpRun } from './made-up-run.ts';
import { boundOf } from './resources.ts';
import { summaryOf } from './summary.ts';
import { isClean, mostFindings } from './verdict.ts';

function talk(): MadeUpRun {
  const run = createMadeUpRun();
  run.channel('c', 'ann', 'bob');
  run.subscribe('bob/1');
  for (let nth = 0; nth < 3; nth += 1) run.send('ann/1', 'c');
  return run;
}
const seat = (lines: readonly Line[], change: Partial<Looked['channels'][number]>, total = 0): Line[] =>
  changed(lines, 'look', (line) =>
    line.userId === 'bob'
      ? { ...line, unreadCount: total, channels: line.channels.map((one) => ({ ...one, ...change })) }
      : line,
  );

describe('the checker, of what is read', () => {
  it('wants at least what was acknowledged, and at most what was asked for', () => {
    const run = talk();
    run.read('bob/1', 'c', 1);
    run.ask('bob/1', { type: 'read', channelId: 'c', number: 2 }).unknown();
    const lines = finish(run);
    expect(brokenIn(seat(lines, { readNumber: 0, unreadCount: 3 }, 3))).toEqual({ readState: 1 });
    expect(brokenIn(seat(lines, { readNumber: 1, unreadCount: 2 }, 2))).toEqual({});
    expect(brokenIn(seat(lines, { readNumber: 2, unreadCount: 1 }, 1))).toEqual({});
    expect(brokenIn(seat(lines, { readNumber: 3, unreadCount: 0 }, 0))).toEqual({ readState: 1 });
  });

  it('counts a position that goes back while its member stays, and in the end behind what was told', () => {
    const told = (...numbers: readonly number[]) => {
      const run = talk();
      run.read('bob/1', 'c', 2);
      for (const readNumber of numbers)
        run.write({
          ...{
            kind: 'delivery',
            device: 'ann/1',
            userId: 'ann',
            attempt: 1,
            channelId: 'c',
            seq: 0,
            cursor: '',
          },
          event: { type: 'position', memberUserId: 'bob', readNumber },
        });
      return brokenIn(finish(run));
    };
    expect(told(1, 2)).toEqual({});
    expect(told(2, 1)).toEqual({ readState: 1 });
    expect(told(3)).toEqual({ readState: 1 });
  });

  it('recounts what is unread: of others, not deleted, of channels that are not muted in all', () => {
    const run = talk();
    run.delete('ann/1', 'c', run.send('ann/1', 'c'));
    run.send('bob/1', 'c');
    const lines = finish(run);
    expect(brokenIn(seat(lines, { unreadCount: 3 }, 3))).toEqual({});
    expect(brokenIn(seat(lines, { unreadCount: 4 }, 4))).toEqual({ unreadDrift: 1 });
    expect(brokenIn(seat(lines, { unreadCount: 3 }, 4))).toEqual({ unreadDrift: 1 });
    expect(brokenIn(seat(lines, { unreadCount: 3, isMuted: true }, 0))).toEqual({});
    expect(brokenIn(seat(lines, { unreadCount: 3, isMuted: true }, 3))).toEqual({ unreadDrift: 1 });
    const none = changed(lines, 'look', (line) => ({ ...line, channels: [], unreadCount: 0 }));
    expect(brokenIn(none)).toEqual({ unreadDrift: 2 });
  });
});

describe('the checker, of what devices show at rest', () => {
  const rested = (run: MadeUpRun, change: (messages: readonly string[]) => readonly string[]) =>
    changed(finish(run), 'rest', (line) => {
      const messages = line.channels.c ?? [];
      const texts = change(messages.map(({ text }) => text ?? ''));
      const c = texts.flatMap((text, nth) =>
        text === '' || !messages[nth] ? [] : [{ ...messages[nth], text }],
      );
      return { ...line, channels: { c } };
    });
  it('counts what is missing of all that was said after they began, and what says something else', () => {
    expect(brokenIn(rested(talk(), (texts) => texts))).toEqual({});
    expect(brokenIn(rested(talk(), (texts) => texts.with(1, '')))).toEqual({ fold: 1 });
    expect(brokenIn(rested(talk(), (texts) => texts.with(1, 'other')))).toEqual({ fold: 1 });
  });

  it('counts what is shown and not in the log, out of its order, or not for its reader', () => {
    const shown = (change: (messages: readonly LoggedMessage[]) => readonly LoggedMessage[]) =>
      changed(finish(talk()), 'rest', (line) => ({
        ...line,
        channels: { c: change(line.channels.c ?? []) },
      }));
    expect(brokenIn(shown((messages) => messages.toReversed()))).toEqual({ fold: 2 });
    expect(brokenIn(shown(([one, ...others]) => (one ? [{ ...one, number: 7 }, ...others] : [])))).toEqual({
      fold: 1,
    });

    const shownAfterwards = (change: (messages: readonly LoggedMessage[]) => readonly LoggedMessage[]) => {
      const run = talk();
      run.catchUp('bob/1');
      run.move('ann/1', { type: 'remove', channelId: 'c', memberId: 'bob' });
      run.send('ann/1', 'c');
      const c = change(run.logOf('c').messages());
      return changed(finish(run), 'rest', (line) => ({ ...line, channels: { c } }));
    };
    expect(brokenIn(shownAfterwards((messages) => messages.slice(0, 2)))).toEqual({}); // said while they were there
    expect(brokenIn(shownAfterwards(([one]) => (one ? [{ ...one, text: 'other' }] : [])))).toEqual({
      content: 1,
    });
    expect(brokenIn(shownAfterwards((messages) => messages))).toEqual({ authorisation: 1 });
  });

  it('wants nothing of before a reset, nor of a stay that is over', () => {
    const comeBack = (isReset: boolean) => {
      const run = talk();
      run.catchUp('bob/1');
      run.move('ann/1', { type: 'remove', channelId: 'c', memberId: 'bob' });
      run.move('ann/1', { type: 'add', channelId: 'c', memberId: 'bob' });
      run.send('ann/1', 'c');
      if (isReset) run.reset('bob/1', 'c');
      run.send('ann/1', 'c');
      return finish(run);
    };
    expect(brokenIn(comeBack(false))).toEqual({});
    expect(brokenIn(comeBack(true))).toEqual({ unexpectedResets: 1 });
  });
});

describe('the checker, of processes', () => {
  const held = (moment: 'baseline' | 'final', values: Readonly<Record<string, number>>): Line => ({
    ...{ kind: 'resources', t: 1, process: 'server-1', moment, values },
  });
  it('counts what is held in the end and was not before, within what is usual for its name', () => {
    const baseline = held('baseline', { heapBytes: 40e6, hubs: 0, 'redis.subscriptions': 3, strange: 10 });
    const good = held('final', {
      heapBytes: 100e6,
      hubs: 2,
      'redis.subscriptions': 6,
      strange: 120,
      news: 1e9,
    });
    expect(brokenIn([baseline, good])).toEqual({});
    const bad = held('final', { heapBytes: 200e6, hubs: 40, 'redis.subscriptions': 60, strange: 1_000 });
    expect(brokenIn([baseline, bad])).toEqual({ resources: 4 });
    expect(boundOf('openSockets')).toEqual({ factor: 1, more: 4 });
  });
});

describe('the checker, of liveness', () => {
  function healed({ after = 12_000, asks = true, other = false, on = 'redis' } = {}): MadeUpRun {
    const run = createMadeUpRun();
    run.channel('c', 'ann');
    run.write({ kind: 'fault', fault: 1, name: 'pause', on });
    run.wait(3_000);
    run.write({ kind: 'heal', fault: 1 });
    const said = asks ? run.say('ann/1', 'c') : undefined;
    if (other) run.write({ kind: 'fault', fault: 2, name: 'kill', on: 'server-1' });
    run.wait(after);
    const message = said?.commit();
    if (message) said?.ok({ message: { id: message.messageId, seq: message.seq, number: message.number } });
    run.wait(20_000);
    return run;
  }
  it('counts a heal after which nothing is acknowledged for 10 s', () => {
    expect(brokenIn(finish(healed()))).toEqual({ liveness: 1 });
    expect(brokenIn(finish(healed({ after: 9_000 })))).toEqual({});
    expect(brokenIn(finish(healed({ asks: false })))).toEqual({});
    expect(brokenIn(finish(healed({ other: true })))).toEqual({});
    expect(brokenIn(finish(healed({ on: 'ann/1' })))).toEqual({});
  });
});

describe('the checker, of what comes late', () => {
  const readers = { slowReaders: new Set<string>() };
  /** Bob has caught up; something is acknowledged then, and comes to him so long after, or not before his socket is lost. */
  function told(ms: number, { broken = false, never = false } = {}): readonly Line[] {
    const run = talk();
    run.catchUp('bob/1');
    if (broken) run.write({ kind: 'fault', fault: 1, name: 'server-freeze', on: 'server-1' });
    run.send('ann/1', 'c');
    run.wait(ms);
    if (never) run.gone('bob/1');
    else run.catchUp('bob/1');
    return finish(run);
  }
  it('counts it where nothing is broken, and where so much never is', () => {
    expect(brokenIn(told(30_000), readers)).toEqual({});
    expect(brokenIn(told(40_000), readers)).toEqual({ liveness: 1 });
    expect(brokenIn(told(40_000))).toEqual({});
    expect(brokenIn(told(40_000), { slowReaders: new Set(['bob/1']) })).toEqual({});
    expect(brokenIn(told(90_000, { broken: true }), readers)).toEqual({});
    expect(brokenIn(told(110_000, { broken: true }), readers)).toEqual({ liveness: 1 });
    expect(brokenIn(told(110_000, { never: true }), readers)).toEqual({ liveness: 1 });
    expect(brokenIn(told(90_000, { never: true }), readers)).toEqual({});
  });
});

describe('the verdict', () => {
  it('tells a few of each row in words, and counts all', () => {
    const run = talk();
    for (let nth = 0; nth < 100; nth += 1) run.send('ann/1', 'c');
    const lines = finish(run).filter(({ kind }) => kind !== 'found');
    const verdict = check(lines);
    expect(verdict.counts.lost).toBe(103);
    expect(verdict.findings.filter(({ row }) => row === 'lost')).toHaveLength(mostFindings);
    expect(isClean(verdict)).toBe(false);
    expect(isClean(check([]))).toBe(true);
  });

  it('is summed up in one line', () => {
    const run = talk();
    run.write({ kind: 'fault', fault: 1, name: 'kill', on: 'server-1' });
    const lines = finish(run);
    const { counts, findings } = check(lines);
    expect(summaryOf(lines, { counts, findings })).toMatchObject({
      ...{ acked: 3, delivered: 3, faults: 1, lost: 0, duplicated: 0, reordered: 0, skipped: 0, leaked: 0 },
      ...{ unexpectedResets: 0, unreadDrift: 0 },
    });
    const broken = {
      ...counts,
      holes: 1,
      continuity: 2,
      prefixVisibility: 3,
      senderOrder: 4,
      authorisation: 5,
    };
    const summed = summaryOf(lines, { counts: broken, findings });
    expect(summed).toMatchObject({ skipped: 6, reordered: 4, leaked: 5 });
    // No row is left out of it.
    for (const row of Object.keys(counts)) {
      const { acked, delivered, faults, ...broke } = summaryOf(lines, {
        counts: { ...counts, [row]: 7 },
        findings,
      });
      expect({ row, sum: Object.values(broke).reduce((sum, one) => sum + one, 0) }).toEqual({ row, sum: 7 });
      expect([acked, delivered, faults]).toEqual([3, 3, 1]);
    }
  });
});
