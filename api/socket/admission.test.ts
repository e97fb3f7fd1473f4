import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../schema/ports/clock.manual.ts';
import { createAdmission, socketLimits } from './admission.ts';

function open(rate: { readonly socketsPerSecond: number; readonly socketsBurst: number }) {
  const clock = createManualClock(0);
  const presence = { connect: () => () => undefined };
  const admission = createAdmission({ ...socketLimits, ...rate }, { presence, clock });
  const admitted = (asked: number) =>
    Array.from({ length: asked }, admission.admitNow).filter(Boolean).length;
  return { clock, admitted };
}

describe('A server to which all clients come back at once', () => {
  it('takes twice what it takes in a second at once, then so many each second, whoever asks', async () => {
    const { clock, admitted } = open({ socketsPerSecond: 50, socketsBurst: 100 });
    expect(admitted(10_000)).toBe(100);
    await clock.advance(1_000);
    expect(admitted(10_000)).toBe(50);
    await clock.advance(100);
    expect(admitted(10_000)).toBe(5);
  });

  it('saves up no more than that in a quiet hour', async () => {
    const { clock, admitted } = open({ socketsPerSecond: 50, socketsBurst: 100 });
    await clock.advance(3_600_000);
    expect(admitted(10_000)).toBe(100);
  });
});
