import { describe, expect, it } from 'vitest';
import type { LoggedMessage } from '../history.ts';
import { brokenIn } from './broken-in.ts';
import { finish } from './made-up-end.ts';
import { createMadeUpRun, type MadeUpRun } from './made-up-run.ts';

const calm = { neverConfirms: true };

function begin(): MadeUpRun {
  const run = createMadeUpRun();
  run.channel('c', 'ann', 'bob');
  run.subscribe('bob/1');
  return run;
}
function push(
  run: MadeUpRun,
  { seq, number }: Pick<LoggedMessage, 'seq' | 'number'>,
  device = 'bob/1',
): void {
  const [userId = ''] = device.split('/');
  run.write({ kind: 'push', device, userId, note: { type: 'message', channelId: 'c', seq, number } });
}

describe('the checker, of pushes that nobody wants', () => {
  const reasons: Readonly<Record<string, (run: MadeUpRun, message: LoggedMessage) => void>> = {
    muted: (run) => run.mute('bob/1', 'c'),
    blocked: (run) => run.ask('bob/1', { type: 'block', otherId: 'ann' }).ok(),
    read: (run, { number }) => run.read('bob/1', 'c', number),
    deleted: (run, message) => run.delete('ann/1', 'c', message),
    removed: (run) => run.move('ann/1', { type: 'remove', channelId: 'c', memberId: 'bob' }),
    'signed out': (run) => run.revoke('bob/2', 'bob/1'),
  };
  it.for(Object.entries(reasons))('counts one of a channel that is %s long before', ([, becauseOf]) => {
    for (const [ms, broken] of [
      [5_000, {}],
      [20_000, { pushUnwanted: 1 }],
    ] as const) {
      const run = begin();
      const message = run.send('ann/1', 'c');
      becauseOf(run, message);
      run.wait(ms);
      push(run, message);
      expect(brokenIn(finish(run))).toEqual(broken);
    }
  });

  it('lets it come later when the way was broken', () => {
    const run = begin();
    const message = run.send('ann/1', 'c');
    run.mute('bob/1', 'c');
    run.write({ kind: 'fault', fault: 1, name: 'link-blackhole', on: 'worker-1→push' });
    run.wait(20_000);
    run.write({ kind: 'heal', fault: 1 });
    push(run, message);
    expect(brokenIn(finish(run))).toEqual({});
  });

  it('does not count what was wanted again, or may be', () => {
    const run = begin();
    const message = run.send('ann/1', 'c');
    run.mute('bob/1', 'c');
    run.ask('bob/1', { type: 'unmute', channelId: 'c' }).unknown();
    run.wait(20_000);
    push(run, message);
    expect(brokenIn(finish(run))).toEqual({});
  });

  it('counts one of their own message, of none, and of what they may not see', () => {
    const run = begin();
    const message = run.send('bob/1', 'c');
    push(run, message);
    push(run, { seq: 2, number: 2 });
    push(run, message, 'eva/1');
    expect(brokenIn(finish(run))).toEqual({ pushUnwanted: 3 });
  });
});

describe('the checker, of pushes that do not come', () => {
  /** Bob was pushed once, so that his device is known to be; and is not for the next message. */
  function missed(before: (run: MadeUpRun) => void = () => undefined, after = before): MadeUpRun {
    const run = begin();
    push(run, run.send('ann/1', 'c'));
    before(run);
    run.send('ann/1', 'c');
    if (after !== before) after(run);
    run.wait(200_000);
    run.send('bob/1', 'c');
    return run;
  }
  it('counts one where nobody of its reader was there, or nobody ever says what they have', () => {
    expect(brokenIn(finish(missed()))).toEqual({});
    expect(brokenIn(finish(missed()), calm)).toEqual({ pushMissed: 1 });
    const away = missed((run) => {
      run.gone('bob/1');
      run.wait(100_000);
    });
    expect(brokenIn(finish(away))).toEqual({ pushMissed: 1 });
  });

  const excuses: Readonly<Record<string, (run: MadeUpRun) => void>> = {
    'it was muted, perhaps': (run) => run.ask('bob/1', { type: 'mute', channelId: 'c' }).unknown(),
    'its author was blocked': (run) => run.ask('bob/1', { type: 'block', otherId: 'ann' }).ok(),
    'it was read in time': (run) => run.read('bob/1', 'c', 2),
    'a newer one came': (run) => push(run, run.send('ann/1', 'c')),
    'it was deleted': (run) => run.delete('ann/1', 'c', run.logOf('c').messages()[1] ?? { messageId: '' }),
    'its reader left': (run) => run.move('bob/1', { type: 'leave', channelId: 'c' }),
    'the device was signed out': (run) => run.revoke('bob/2', 'bob/1'),
  };
  it.for(Object.entries(excuses))('counts none when %s', ([, excuse]) => {
    expect(brokenIn(finish(missed(() => undefined, excuse)), calm)).toEqual({});
  });

  it('counts none that may still come', () => {
    const run = begin();
    push(run, run.send('ann/1', 'c'));
    run.send('ann/1', 'c');
    run.wait(170_000);
    expect(brokenIn(finish(run), calm)).toEqual({});
    expect(brokenIn(finish(run), { ...calm, pushWithinMs: 60_000 })).toEqual({ pushMissed: 1 });
  });
});
