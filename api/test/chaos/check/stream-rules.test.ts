import { describe, expect, it } from 'vitest';
import type { Line } from '../history.ts';
import { brokenIn, changed } from './broken-in.ts';
import { finish } from './made-up-end.ts';
import { createMadeUpRun, type MadeUpRun } from './made-up-run.ts';

/** Ann talks, and one device of Bob follows from the beginning. */
function follow(messages = 4): MadeUpRun {
  const run = createMadeUpRun();
  run.channel('c', 'ann', 'bob');
  run.subscribe('bob/1');
  for (let nth = 0; nth < messages; nth += 1) run.send('ann/1', 'c');
  return run;
}
/** Ends it, without what is shown in the end: that follows from the rest, and is judged elsewhere. */
const end = (run: MadeUpRun): Line[] => finish(run).filter(({ kind }) => kind !== 'rest');
const seqOf = (line: Line | undefined) => (line?.kind === 'delivery' ? line.seq : 0);
const dropped = (lines: readonly Line[], seq: number) =>
  changed(lines, 'delivery', (line) => (line.seq === seq ? undefined : line));

describe('the checker, of the stream', () => {
  it('counts a hole within a subscription, at a resumption, and at the beginning', () => {
    const run = follow();
    for (let nth = 0; nth < 2; nth += 1) run.pull('bob/1', 'c');
    run.subscribe('bob/1');
    const lines = end(run);
    expect(brokenIn(lines)).toEqual({});
    expect(brokenIn(dropped(lines, 5))).toEqual({ continuity: 1 }); // the first one behind what it held
    const less = { c: 3 };
    const heldLess = changed(lines, 'subscribe', (line) => ({
      ...line,
      held: line.attempt === 2 ? less : {},
    }));
    expect(brokenIn(dropped(heldLess, 4))).toEqual({ continuity: 1 }); // what it had not got, and did not get
    expect(brokenIn(dropped(lines, 3))).toEqual({ continuity: 1 }); // said after it had subscribed
  });

  it('counts what comes out of its order, and finds it when it comes late', () => {
    const lines = end(follow());
    const at = lines.findIndex(({ kind }) => kind === 'delivery');
    const [first, second] = lines.slice(at, at + 2);
    expect([seqOf(first), seqOf(second)]).toEqual([3, 4]);
    const swapped = lines.flatMap((line) =>
      line === first ? (second ?? []) : line === second ? (first ?? []) : [line],
    );
    expect(brokenIn(swapped)).toEqual({ continuity: 1, duplicated: 1 });
    const later = lines.slice(at + 1, at + 3);
    const [third, fourth] = later;
    const turned = lines.flatMap((line) =>
      line === third ? (fourth ?? []) : line === fourth ? (third ?? []) : [line],
    );
    expect(brokenIn(turned)).toEqual({ continuity: 2 });
  });

  it('counts what comes again, in one subscription or behind what it said it held', () => {
    const run = follow();
    run.catchUp('bob/1');
    run.subscribe('bob/1');
    run.deliver('bob/1', 'c', 6);
    run.send('ann/1', 'c');
    const lines = end(run);
    expect(brokenIn(lines)).toEqual({ duplicated: 1 });
    // Who said nothing of it may be told again.
    expect(brokenIn(changed(lines, 'subscribe', (line) => ({ ...line, held: {} })))).toEqual({});
  });

  it('lets who came back go on at their new joining, and nowhere else', () => {
    const comeBack = (from: number) => {
      const run = follow(2);
      run.catchUp('bob/1');
      run.move('ann/1', { type: 'remove', channelId: 'c', memberId: 'bob' }); // 5
      run.send('ann/1', 'c');
      run.move('ann/1', { type: 'add', channelId: 'c', memberId: 'bob' }); // 7
      run.send('ann/1', 'c');
      run.deviceOf('bob/1').places.set('c', from - 1);
      return end(run);
    };
    expect(brokenIn(comeBack(5))).toEqual({}); // told of the removal first
    expect(brokenIn(comeBack(7))).toEqual({});
    expect(brokenIn(comeBack(8))).toEqual({ continuity: 1 });
  });

  it('counts what is from a time at which its reader was not there', () => {
    const run = follow(2);
    run.catchUp('bob/1');
    run.move('ann/1', { type: 'remove', channelId: 'c', memberId: 'bob' });
    run.catchUp('bob/1');
    run.send('ann/1', 'c');
    expect(brokenIn(end(run))).toEqual({});
    run.deliver('bob/1', 'c', 6);
    expect(brokenIn(end(run))).toEqual({ authorisation: 1 });
    run.position('bob/1', 'c', 'ann');
    expect(brokenIn(end(run))).toEqual({ authorisation: 2 });
  });

  it('counts what comes and is not in the log, or is something else there, or was not asked for yet', () => {
    const lines = end(follow());
    const told = (change: (line: Extract<Line, { kind: 'delivery' }>) => Line) =>
      changed(lines, 'delivery', (line) => (line.seq === 4 ? change(line) : line));
    const messageId = 'c.00000000004';
    expect(brokenIn(told((line) => ({ ...line, event: { type: 'deleted', messageId } })))).toEqual({
      phantoms: 1,
    });
    expect(brokenIn(told((line) => ({ ...line, event: { type: 'other', name: 'gone wrong' } })))).toEqual({});
    const added = { type: 'added', memberUserId: '' } as const;
    expect(brokenIn(told((line) => ({ ...line, event: added })))).toEqual({ phantoms: 1 });
    const at = lines.findIndex((line) => seqOf(line) === 6);
    const [last] = lines.slice(at, at + 1);
    const beyond: Line[] =
      last?.kind === 'delivery' ? [last, { ...last, seq: 7, event: { type: 'other', name: 'x' } }] : [];
    expect(brokenIn(lines.toSpliced(at, 1, ...beyond))).toEqual({ phantoms: 1 });
    const first = lines.find((line) => seqOf(line) === 3);
    const early = lines.filter((line) => line !== first).toSpliced(1, 0, ...(first ? [first] : []));
    expect(brokenIn(early)).toMatchObject({ phantoms: 1 });
  });

  it('counts a coming of somebody else than the log says', () => {
    const told = (memberUserId: string) => {
      const run = follow(1);
      run.move('ann/1', { type: 'add', channelId: 'c', memberId: 'eva' });
      return changed(end(run), 'delivery', (line) =>
        line.event.type === 'added' ? { ...line, event: { ...line.event, memberUserId } } : line,
      );
    };
    expect(brokenIn(told('eva'))).toEqual({});
    expect(brokenIn(told(''))).toEqual({}); // it does not know them
    expect(brokenIn(told('ann'))).toEqual({ phantoms: 1 });
  });

  it('counts a reset of somebody who missed little, and not of one who missed more than a thousand events', () => {
    const resetAfter = (messages: number) => {
      const run = follow(1);
      run.catchUp('bob/1');
      for (let nth = 0; nth < messages; nth += 1) run.send('ann/1', 'c');
      run.subscribe('bob/1');
      run.reset('bob/1', 'c');
      run.send('ann/1', 'c');
      return end(run);
    };
    expect(brokenIn(resetAfter(1_000))).toEqual({ unexpectedResets: 1 });
    expect(brokenIn(resetAfter(1_001))).toEqual({});
  });

  it('accepts every reset after a restore, and of everything only then', () => {
    const run = follow();
    run.write({ kind: 'reset', device: 'bob/1', attempt: 1, channelId: null, reason: 'LOG_RESTORED' });
    run.deviceOf('bob/1').places.set('c', 6);
    const lines = end(run);
    expect(brokenIn(lines)).toEqual({ unexpectedResets: 1 });
    expect(brokenIn(changed(lines, 'found', (line) => ({ ...line, epoch: 2 })))).toEqual({});
    expect(brokenIn(lines, { firstEpoch: 0 })).toEqual({});
  });

  it('counts who has caught up, they are told, without something that is long there', () => {
    const catchUpAfter = (ms: number) => {
      const run = follow();
      run.pull('bob/1', 'c');
      run.gone('bob/1');
      run.wait(ms);
      run.subscribe('bob/1');
      run.write({ kind: 'marker', device: 'bob/1', attempt: 2, isCaughtUp: true });
      return end(run);
    };
    expect(brokenIn(catchUpAfter(60_000))).toEqual({}); // a hint may have been lost
    expect(brokenIn(catchUpAfter(100_000))).toEqual({ prefixVisibility: 1 });
  });

  it('is total: it judges what no run would write', () => {
    const lines = end(follow());
    const odd: Line[] = [
      { kind: 'ok', t: 1, op: 99, device: 'x', message: { id: 'x', seq: 1e15, number: -1 } },
      { kind: 'marker', t: 1, device: 'x', attempt: 3, isCaughtUp: true },
      { kind: 'reset', t: 1, device: 'x', attempt: 3, channelId: 'nowhere', reason: '' },
      { kind: 'gone', t: 1, device: 'x', attempt: 3, because: '' },
      { kind: 'heal', t: 1, fault: 7 },
    ];
    expect(Object.keys(brokenIn([...odd, ...lines.toReversed(), ...odd]))).not.toEqual([]);
    expect(brokenIn([])).toEqual({});
  });
});
