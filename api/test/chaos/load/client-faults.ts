import { sleep } from './deferred.ts';
import type { Device } from './device.ts';
import type { Load } from './options.ts';
import type { Play } from './play.ts';

/** What can happen to devices from outside. */
export function createClientFaults(
  play: Play,
  devices: () => readonly Device[],
): Pick<Load, 'resetSome' | 'halfOpenSome' | 'slow' | 'stormAll'> {
  const connected = () => devices().filter((device) => device.wire() !== undefined);
  const some = (count: number) => play.random.pickSome(connected(), count);
  const someSlow = (count: number) => {
    const chosen = some(count);
    for (const { name } of chosen) play.slowReaders.add(name);
    return chosen.flatMap((device) => device.wire() ?? []);
  };
  const drop = (device: Device, because: string) => device.wire()?.drop(because);
  return {
    resetSome(count) {
      const chosen = some(count);
      for (const device of chosen) drop(device, 'reset');
      return chosen.length;
    },
    halfOpenSome(count, ms) {
      const wires = someSlow(count);
      for (const wire of wires) wire.hold(false);
      void sleep(ms, play.stopping).then(() => {
        for (const wire of wires) wire.release();
      });
      return wires.length;
    },
    slow(count, bytesPerSecond, ms) {
      const wires = someSlow(count);
      for (const { flow } of wires) flow.limit(bytesPerSecond);
      void sleep(ms, play.stopping).then(() => {
        for (const { flow } of wires) flow.limit(undefined);
      });
      return wires.length;
    },
    stormAll() {
      const all = connected();
      for (const device of all) {
        device.hurry();
        drop(device, 'storm');
      }
      return all.length;
    },
  };
}
