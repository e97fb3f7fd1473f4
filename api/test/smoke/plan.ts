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

/** Somebody who goes from a channel and comes back to it, when so many messages of the run are acknowledged. */
export type Wanderer = {
  readonly channel: number;
  readonly person: number;
  readonly goings: readonly {
    readonly how: 'is removed' | 'leaves';
    readonly at: number;
    /** Absent: for good. */
    readonly backAt?: number;
  }[];
};

/** Everything that is decided before a run, from its seed. */
export type Plan = {
  readonly random: Random;
  readonly devices: readonly PlannedDevice[];
  /** Members of each channel by index; the first one makes it. */
  readonly channels: readonly (readonly number[])[];
  readonly wanderers: readonly Wanderer[];
  /** Which device sends, to which channel, and what becomes of the message. */
  readonly sends: readonly (Pick<Sent, 'becomes'> & { readonly device: number; readonly channel: number })[];
};

const devicesEach = 2;
/** Enough that every message goes to many devices, few enough that people are in different sets of channels. */
const membersPerChannel = 8;
/** The last members of a channel come and go; the others, of whom there are some at least, stay and talk. */
const wanderersPerChannel = 2;
const fewestSteady = 4;
const goingsEach = 2;
/** Of so many messages one is edited, and one is deleted. */
const changedOneIn = 12;
const changes = ['edited', 'deleted'] as const;

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
    const person = random.pick(steadyOf(members[channel] ?? []));
    const own = devices.flatMap((device, index) => (device.person === person ? [index] : []));
    const becomes = changes[random.below(changedOneIn)];
    return { device: random.pick(own), channel, becomes };
  });
  const wanderers = members.flatMap((inChannel, channel) =>
    inChannel
      .slice(steadyOf(inChannel).length)
      .map((person, nth) => wandererOf(random, messages, { channel, person, nth })),
  );
  return { random, devices, channels: members, wanderers, sends };
}

/** Who is in a channel from the beginning to the end. */
export const steadyOf = <T>(members: readonly T[]): readonly T[] =>
  members.slice(0, Math.max(fewestSteady, members.length - wanderersPerChannel));

/** Each is removed and leaves by turns; every second one stays away in the end. */
function wandererOf(
  random: Random,
  messages: number,
  { channel, person, nth }: { readonly channel: number; readonly person: number; readonly nth: number },
): Wanderer {
  const moments = Array.from({ length: goingsEach * 2 }, () => random.below(messages)).sort((a, b) => a - b);
  const goings = Array.from({ length: goingsEach }, (_, going) => {
    const how = (going + nth) % 2 === 0 ? ('is removed' as const) : ('leaves' as const);
    const [at = 0, backAt = 0] = moments.slice(going * 2);
    const isForGood = going === goingsEach - 1 && nth % 2 === 0;
    return { how, at, ...(!isForGood && { backAt }) };
  });
  return { channel, person, goings };
}

/** The same message wherever it is seen: its text says whose it is. */
export function messageOf(
  device: string,
  authorId: string,
  { nth, ...place }: Pick<Sent, 'channelId' | 'becomes'> & { readonly nth: number },
): Sent {
  return { device, authorId, ...place, nonce: `${device}-${nth}`, text: `Message ${nth} of ${device}` };
}
