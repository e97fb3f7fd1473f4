import type { Keeping, Sent } from './history.ts';
import { createRandom, type Random } from './random.ts';

export type SmokeSize = {
  readonly people: number;
  /** Two for each person when not said; fewer leave the last people with one, or none. */
  readonly devices?: number;
  readonly channels: number;
  readonly messages: number;
  readonly kills: number;
};

export const fullSize: SmokeSize = { people: 20, channels: 10, messages: 2_000, kills: 3 };

/** Whoever it is, on two devices, by index. */
export type PlannedDevice = {
  readonly person: number;
  keeps: Keeping;
  /** Who comes back after a lost socket: the stock client by itself, or a loop of ours around it. */
  readonly comesBack: 'by itself' | 'by a loop';
};

/** Everything that is decided before a run, from its seed. */
export type Plan = {
  readonly random: Random;
  readonly devices: readonly PlannedDevice[];
  /** Members of each channel by index; the first one makes it. */
  readonly channels: readonly (readonly number[])[];
  /** Which device sends, and to which channel. */
  readonly sends: readonly { readonly device: number; readonly channel: number }[];
};

const devicesEach = 2;
/** Enough that every message goes to many devices, few enough that people are in different sets of channels. */
const membersPerChannel = 8;

export function planOf(size: SmokeSize, seed: number): Plan {
  const { people, channels, messages } = size;
  const random = createRandom(seed);
  const everybody = Array.from({ length: people }, (_, person) => person);
  const allDevices = everybody.flatMap((person) =>
    Array.from({ length: devicesEach }, (_, nth): PlannedDevice => {
      const isFirst = nth === 0;
      return {
        person,
        keeps: (person + nth) % 3 === 0 ? 'newest marker' : 'every cursor',
        comesBack: isFirst ? 'by itself' : 'by a loop',
      };
    }),
  );
  const devices = allDevices.slice(0, size.devices);
  const members = Array.from({ length: channels }, () => random.pickSome(everybody, membersPerChannel));
  const sends = Array.from({ length: messages }, () => {
    const channel = random.below(channels);
    const person = random.pick(members[channel] ?? []);
    const own = devices.flatMap((device, index) => (device.person === person ? [index] : []));
    return { device: random.pick(own), channel };
  });
  return { random, devices, channels: members, sends };
}

/** The same message wherever it is seen: its text says whose it is. */
export function messageOf(device: string, authorId: string, place: { channelId: string; nth: number }): Sent {
  const nonce = `${device}-${place.nth}`;
  return { device, authorId, channelId: place.channelId, nonce, text: `Message ${place.nth} of ${device}` };
}
