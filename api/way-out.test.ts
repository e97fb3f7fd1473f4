import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';
import { createWayOut } from './way-out.ts';

/** A way out whose exit is only remembered, and what was closed on it. */
function world(withinMs = 10_000) {
  const closed: string[] = [];
  const { promise: exited, resolve: exit } = withResolver<number>();
  const { keep, leave } = createWayOut({ logger: createLog('silent'), withinMs, exit });
  const open = (name: string, close: () => Promise<unknown> = async () => undefined) =>
    keep({
      close: async () => {
        closed.push(name);
        return close();
      },
    });
  return { closed, exited, open, leave };
}

function withResolver<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve: (value: T) => resolve(value) };
}

describe('the way out', () => {
  it('closes what was opened last first, then ends the process', async () => {
    const { closed, exited, open, leave } = world();
    for (const name of ['storage', 'platform', 'server']) open(name);
    leave(0);
    expect(await exited).toBe(0);
    expect(closed).toEqual(['server', 'platform', 'storage']);
  });

  it('is taken once, however often it is asked for', async () => {
    const { closed, exited, open, leave } = world();
    open('storage');
    leave(0);
    leave(1);
    expect(await exited).toBe(0);
    expect(closed).toEqual(['storage']);
  });

  it('waits for a start under way, and closes what that still opens', async () => {
    const { closed, exited, open, leave } = world();
    const { promise: starting, resolve: started } = withResolver<void>();
    leave(0, starting);
    await pause(0);
    expect(closed).toEqual([]);
    open('storage');
    started();
    expect(await exited).toBe(0);
    expect(closed).toEqual(['storage']);
  });

  it('is no success when something says that it could not finish, or fails, and the rest is closed all the same', async () => {
    const unfinished = world();
    unfinished.open('storage');
    unfinished.open('stream', async () => false);
    unfinished.leave(0);
    expect(await unfinished.exited).toBe(1);
    const failing = world();
    failing.open('storage');
    failing.open('server', () => Promise.reject(new Error('no')));
    failing.leave(0);
    expect(await failing.exited).toBe(1);
    expect([unfinished.closed, failing.closed]).toEqual([
      ['stream', 'storage'],
      ['server', 'storage'],
    ]);
  });

  it('does not wait for ever', async () => {
    const { exited, open, leave } = world(10);
    open('server', () => new Promise(() => undefined));
    leave(0);
    expect(await exited).toBe(1);
  });
});
