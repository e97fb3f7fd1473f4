import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../../schema/ports/clock.manual.ts';
import type { Line } from '../history.ts';
import type { Fault } from './fault.ts';
import { madeUpLoad } from './made-up-load.ts';
import { madeUpStage } from './made-up-stage.ts';
import { makeTrouble } from './make-trouble.ts';

type Made = Pick<Fault, 'name' | 'begin'> & Partial<Fault>;
const fault = (one: Made): Fault => ({
  ...{ weight: 1, lastsMs: { least: 1_000, most: 4_000 }, healsMs: 0 },
  isPossible: () => true,
  targets: () => ['redis', 'worker-1', 'clients'],
  ...one,
});
/** Counts what is broken. */
function breakable(one: Partial<Made> = {}) {
  const state = { broken: 0, begun: 0, targets: new Set<string>() };
  const made = fault({
    name: 'break',
    async begin({ on }) {
      expect(state.targets.has(on)).toBe(false);
      state.targets.add(on);
      state.broken += 1;
      state.begun += 1;
      return {
        async heal() {
          state.targets.delete(on);
          state.broken -= 1;
        },
      };
    },
    ...one,
  });
  return { state, fault: made };
}

function start(faults: readonly Fault[], { seed = 1, ms = 60_000 } = {}) {
  const clock = createManualClock(0);
  const lines: Line[] = [];
  const giveUp = new AbortController();
  const making = makeTrouble({
    ...{ stage: madeUpStage(), load: madeUpLoad(), faults, seed, ms, clock, signal: giveUp.signal },
    write: (line) => lines.push(line),
    now: clock.now,
    onProgress: () => undefined,
  });
  making.catch(() => undefined);
  const begun = () => lines.flatMap((line) => (line.kind === 'fault' ? [line.fault] : []));
  const healed = () => lines.flatMap((line) => (line.kind === 'heal' ? [line.fault] : []));
  return { clock, lines, giveUp, making, begun, healed };
}

describe('trouble', () => {
  it('breaks by its plan and heals everything by the end, with a line for each', async () => {
    const { state, fault } = breakable();
    const { clock, lines, making, begun, healed } = start([fault]);
    await clock.advance(60_000);
    const made = await making;
    expect(state.broken).toBe(0);
    expect(state.begun).toBeGreaterThan(10);
    expect(made).toEqual({ faults: state.begun, counts: { break: state.begun }, skipped: [], ended: [] });
    expect(begun()).toEqual(Array.from({ length: state.begun }, (_, nth) => nth + 1));
    expect(healed().toSorted((a, b) => a - b)).toEqual(begun());
    expect(lines.map(({ t }) => t)).toEqual(lines.map(({ t }) => t).toSorted((a, b) => a - b));
    expect(lines[0]).toMatchObject({ kind: 'fault', fault: 1, name: 'break', on: expect.any(String) });
  });

  it('does the same for the same seed', async () => {
    const linesOf = async (seed: number) => {
      const { clock, lines, making } = start([breakable().fault], { seed });
      await clock.advance(60_000);
      await making;
      return lines;
    };
    expect(await linesOf(5)).toEqual(await linesOf(5));
    expect(await linesOf(6)).not.toEqual(await linesOf(5));
  });

  it('writes what was done when it is known', async () => {
    const { clock, lines, making } = start([
      fault({ name: 'tell', begin: async () => ({ detail: '64 MB', heal: async () => 'it died' }) }),
    ]);
    await clock.advance(60_000);
    await making;
    expect(lines.filter(({ kind }) => kind === 'heal')[0]).toMatchObject({ detail: '64 MB; it died' });
  });

  it('heals at once when it is given up', async () => {
    const { state, fault } = breakable({ lastsMs: { least: 20_000, most: 30_000 } });
    const { clock, giveUp, making } = start([fault]);
    await clock.advance(12_000);
    expect(state.broken).toBeGreaterThan(0);
    const begun = state.begun;
    giveUp.abort();
    await making;
    expect(state).toMatchObject({ broken: 0, begun });
  });

  it('makes none when it is given up before it begins', async () => {
    const giveUp = new AbortController();
    giveUp.abort();
    const made = await makeTrouble({
      ...{ stage: madeUpStage(), load: madeUpLoad(), faults: [breakable().fault], seed: 1, ms: 60_000 },
      ...{ signal: giveUp.signal, write: () => undefined, now: () => 0, onProgress: () => undefined },
    });
    expect(made.faults).toBe(0);
  });

  it('heals before the time when a fault is over by itself', async () => {
    const { clock, lines, making } = start([
      fault({
        ...{ name: 'short', targets: () => ['redis'], lastsMs: { least: 20_000, most: 30_000 } },
        begin: async () => ({ isOver: Promise.resolve(), heal: async () => undefined }),
      }),
    ]);
    await clock.advance(60_000);
    await making;
    const [begun, healed] = lines;
    expect([begun?.kind, healed?.kind]).toEqual(['fault', 'heal']);
    expect(healed?.t).toBe(begun?.t);
  });

  it('says what stayed broken, breaks nothing more, and heals all the rest', async () => {
    const good = breakable({ lastsMs: { least: 20_000, most: 30_000 } });
    const bad = fault({
      name: 'bad',
      targets: () => ['server-1'],
      begin: async () => ({
        async heal() {
          throw new Error('it will not start');
        },
      }),
    });
    const { clock, making, healed, begun } = start([good.fault, bad], { ms: 600_000 });
    await clock.advance(600_000);
    await expect(making).rejects.toThrow(
      'Something stayed broken: server-1 is not whole after bad: it will not start.',
    );
    expect(good.state.broken).toBe(0);
    expect(begun().length - healed().length).toBe(1);
    expect(begun().length).toBeLessThan(15);
  });

  it('goes on when something could not be broken', async () => {
    const { clock, making, lines } = start([
      fault({ name: 'never', begin: () => Promise.reject(new Error('Redis did not answer')) }),
    ]);
    await clock.advance(60_000);
    const made = await making;
    expect(made).toMatchObject({ faults: 0, counts: { never: 0 } });
    expect(made.skipped[0]).toContain('did not happen: Redis did not answer');
    expect(lines.filter(({ kind }) => kind === 'heal').length).toBe(made.skipped.length);
  });

  it('waits for a target that heals more slowly than was planned', async () => {
    const { clock, lines, making } = start([
      fault({
        name: 'slow',
        targets: () => ['postgres'],
        begin: async () => ({ heal: () => clock.sleep(9_000) }),
      }),
    ]);
    await clock.advance(90_000);
    await making;
    expect(lines.map(({ kind }) => kind)).toEqual(lines.map((_, nth) => (nth % 2 === 0 ? 'fault' : 'heal')));
    expect(lines.length).toBeGreaterThan(4);
  });

  it('leaves out what is not possible here', async () => {
    const { clock, making } = start([
      breakable({ name: 'possible' }).fault,
      breakable({ name: 'impossible', isPossible: () => false }).fault,
    ]);
    await clock.advance(60_000);
    expect(Object.keys((await making).counts)).toEqual(['possible']);
  });
});
