import type { Device } from './device.ts';

/** Somebody with their devices. */
export type Person = {
  readonly userId: string;
  readonly handle: string;
  /** Signed in now. The last of them stays until there is another one. */
  readonly devices: Device[];
  /** Signed out, or about to be: they listen until the server ends that. */
  readonly formerDevices: Device[];
  /** So many they have had: each has a name of its own. */
  deviceCount: number;
};

export type Channel = {
  readonly id: string;
  readonly kind: 'GROUP' | 'DIRECT';
  /** Who made it, and never leaves. */
  readonly owner: Person;
  /** All who belong here, the owner too. Of these some are away at times. */
  readonly circle: readonly Person[];
  /** Who was removed or has left, and is to come back. */
  readonly absent: Set<Person>;
};

export type Cast = {
  readonly people: readonly Person[];
  /** The first one is hot. */
  readonly channels: readonly Channel[];
  readonly channelOf: ReadonlyMap<string, Channel>;
};

/** The names of devices begin with that of their person. */
export function nextDeviceName(person: Person): string {
  person.deviceCount += 1;
  return `${person.handle}/${person.deviceCount}`;
}
