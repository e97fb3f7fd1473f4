import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { Interruption } from '../ports/bus.ts';
import { createManualClock } from '../ports/clock.manual.ts';
import { start } from './test/stream-world.ts';
import { createUpkeep } from './upkeep.ts';

/** Counts what is done, and when. */
function world() {
  const clock = createManualClock(start);
  const done = { sweep: [] as number[], check: [] as number[], tick: [] as number[] };
  const state = { isDown: false };
  let interrupted: (how: Interruption) => void = () => undefined;
  const at = (list: number[]) => async () => {
    list.push(clock.now() - start);
    if (state.isDown) throw new Error('down');
  };
  const upkeep = createUpkeep({
    clock,
    bus: {
      onInterrupted(listener) {
        interrupted = listener;
        return () => {
          interrupted = () => undefined;
        };
      },
    },
    logger: pino({ enabled: false }),
    jitter: () => 0.5,
    sweep: at(done.sweep),
    check: at(done.check),
    tick: () => void done.tick.push(clock.now() - start),
  });
  return { clock, done, state, upkeep, interrupt: () => interrupted('reconnect') };
}

it('sweeps each second, lets readers look at the clock each 5 s, and compares everything within 30 s', async () => {
  const { clock, done } = world();
  await clock.advance(45_000);
  expect(done.sweep).toHaveLength(45);
  expect(done.tick.slice(0, 3)).toEqual([5_000, 10_000, 15_000]);
  expect(done.check).toEqual([22_500, 45_000]);
});

it('repeats a check that failed after 2 s, and goes back to its pace when it went well', async () => {
  const { clock, done, state } = world();
  state.isDown = true;
  await clock.advance(25_000);
  state.isDown = false;
  await clock.advance(25_000);
  expect(done.check).toEqual([22_500, 24_500, 26_500, 49_000]);
});

it('checks at once after an interruption of the bus', async () => {
  const { clock, done, state, interrupt } = world();
  state.isDown = true;
  await clock.advance(1_000);
  interrupt();
  await clock.advance(0);
  expect(done.check).toEqual([1_000]);
});

it('repeats the check after an interruption each 2 s until it goes well, and never two of them at once', async () => {
  const { clock, done, state, interrupt } = world();
  state.isDown = true;
  interrupt();
  interrupt();
  await clock.advance(3_000);
  interrupt();
  await clock.advance(500);
  state.isDown = false;
  await clock.advance(10_000);
  interrupt();
  await clock.advance(0);
  expect(done.check).toEqual([0, 2_000, 4_000, 13_500]);
});

it('does nothing any more when it is closed', async () => {
  const { clock, done, upkeep, interrupt } = world();
  await upkeep.close();
  interrupt();
  await clock.advance(60_000);
  expect(done).toEqual({ sweep: [], check: [], tick: [] });
});
