import { sleep } from './deferred.ts';
import type { Device } from './device.ts';
import { type Play, within } from './play.ts';

/** Of all devices so many read slowly at times, and so many do not read at all at times. */
const slowShare = 0.05;
const stalledShare = 0.02;
const slowBytesPerSecond = 16_000;
/** How long the one and the other lasts, and how long they are like all others in between, in milliseconds. */
const slowMs = { least: 8_000, most: 20_000 } as const;
const stalledMs = { least: 5_000, most: 40_000 } as const;
const usualMs = { least: 5_000, most: 15_000 } as const;

/** How a device reads. Resolves when nobody begins anything new, or the device is signed out. */
export async function readAsIsItsHabit(play: Play, device: Device): Promise<void> {
  const chance = play.random.next();
  if (chance < stalledShare + slowShare) play.slowReaders.add(device.name);
  if (chance < stalledShare) await atTimes(play, device, stall);
  else if (chance < stalledShare + slowShare) await atTimes(play, device, readSlowly);
}

async function atTimes(play: Play, device: Device, habit: typeof stall): Promise<void> {
  while (!play.stopping.aborted && !device.mayEnd()) {
    await sleep(within(play, usualMs), play.stopping);
    if (!play.stopping.aborted) await habit(play, device);
  }
}

/** As an app that is put to sleep, and wakes up without knowing it. */
async function stall(play: Play, device: Device): Promise<void> {
  const wire = device.wire();
  wire?.hold(true);
  await sleep(within(play, stalledMs), play.stopping);
  wire?.release();
}

async function readSlowly(play: Play, device: Device): Promise<void> {
  const wire = device.wire();
  wire?.flow.limit(slowBytesPerSecond);
  await sleep(within(play, slowMs), play.stopping);
  wire?.flow.limit(undefined);
}
