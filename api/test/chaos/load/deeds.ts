import { mayBeIn } from './conversation.ts';
import { sleep } from './deferred.ts';
import type { Device } from './device.ts';
import { documents } from './documents.ts';
import { mayGo } from './doors.ts';
import { type Deed, perform } from './perform.ts';
import type { Cast, Channel, Person } from './person.ts';
import { type Play, within } from './play.ts';
import { takePage } from './reading.ts';
import { dataIn } from './reply.ts';
import { addDevice } from './sign-in.ts';

type Living = {
  readonly play: Play;
  readonly cast: Cast;
  /** Somebody has a new device. */
  readonly onDevice: (device: Device) => void;
};
type Act = (living: Living, person: Person, device: Device) => Promise<void>;

const acts: readonly { readonly share: number; readonly act: Act }[] = [
  { share: 34, act: markRead },
  { share: 24, act: readPage },
  { share: 14, act: comeAnew },
  { share: 8, act: changeMute },
  { share: 6, act: changeBlock },
  { share: 5, act: leave },
  { share: 4, act: goAway },
  { share: 5, act: changeDevices },
];
const allShares = acts.reduce((sum, { share }) => sum + share, 0);

/** Somebody does one thing after another, besides talking. Resolves when that is over. */
export async function live(living: Living, person: Person): Promise<void> {
  const { play } = living;
  while (!play.stopping.aborted) {
    await sleep(within(play, play.size.deedMs), play.stopping);
    const devices = person.devices.filter((device) => !device.mayEnd());
    if (play.stopping.aborted || devices.length === 0) continue;
    let left = play.random.below(allShares);
    const chosen = acts.find(({ share }) => {
      left -= share;
      return left < 0;
    });
    await chosen?.act(living, person, play.random.pick(devices));
  }
}

function pickChannel({ play, cast }: Living, device: Device): Channel | undefined {
  const mine = device.following.channels().flatMap((id) => cast.channelOf.get(id) ?? []);
  return mine.length > 0 ? play.random.pick(mine) : undefined;
}

async function markRead(living: Living, _: Person, device: Device): Promise<void> {
  const channel = pickChannel(living, device);
  const number = channel ? device.fold.newestNumber(channel.id) : 0;
  if (channel === undefined || number === 0) return;
  const deed: Deed<object> = {
    what: { type: 'read', channelId: channel.id, number },
    document: documents.read,
    input: { channelId: channel.id, number },
    mayBe: isOwner(channel, device) ? [] : ['NOT_FOUND'],
  };
  await perform(living.play, device, deed);
}
const isOwner = ({ kind, owner }: Channel, { userId }: Device) =>
  kind === 'DIRECT' || owner.userId === userId;

/** A page of history: the newest, or any other. What becomes of it without an answer is nobody's concern. */
async function readPage(living: Living, _: Person, device: Device): Promise<void> {
  const { play } = living;
  const channel = pickChannel(living, device);
  const wire = device.wire();
  if (channel === undefined || wire === undefined) return;
  const newest = device.fold.newestNumber(channel.id);
  const invokedAt = play.now();
  const isNewest = newest < 2 || play.random.below(3) === 0;
  const number = 1 + play.random.below(Math.max(1, newest));
  const asked = isNewest
    ? wire.ask(documents.newest, { id: channel.id, last: 1 + play.random.below(60) })
    : wire.ask(documents.around, { id: channel.id, place: { number } });
  const page = dataIn(await asked);
  if (page.kind === 'done' && page.payload.channel !== null)
    takePage({ play, device }, { channelId: channel.id, invokedAt }, page.payload.channel);
  else if (page.kind === 'unknown' && page.isStrange)
    play.problem(`${device.name}: a page was answered with ${page.because}`);
}

async function comeAnew(living: Living, _: Person, device: Device): Promise<void> {
  const { random } = living.play;
  if (random.below(2) === 0) device.wire()?.drop('lost by chance');
  else device.wire()?.close();
}

async function changeMute(living: Living, _: Person, device: Device): Promise<void> {
  const channel = pickChannel(living, device);
  if (channel === undefined) return;
  const isMuted = living.play.random.below(2) === 0;
  const deed: Deed<object> = {
    what: { type: isMuted ? 'mute' : 'unmute', channelId: channel.id },
    document: isMuted ? documents.mute : documents.unmute,
    input: { channelId: channel.id },
    mayBe: isOwner(channel, device) ? [] : ['NOT_FOUND'],
  };
  await perform(living.play, device, deed);
}

/** Somebody is blocked for some seconds, where that is felt: the other one of two, or somebody of a group. */
async function changeBlock({ play, cast }: Living, person: Person, device: Device): Promise<void> {
  const mine = cast.channels.filter(({ circle }) => circle.includes(person));
  const directs = mine.filter(({ kind }) => kind === 'DIRECT');
  const channel = play.random.pick(directs.length > 0 ? directs : mine);
  const others = channel.circle.filter((one) => one !== person);
  if (others.length === 0) return;
  const { userId: otherId } = play.random.pick(others);
  const deedOf = (type: 'block' | 'unblock'): Deed<object> => ({
    what: { type, otherId },
    document: documents[type],
    input: { userId: otherId },
    mayBe: [],
  });
  await perform(play, device, deedOf('block'));
  await sleep(play.random.below(4_000), play.stopping);
  const after = device.mayEnd() ? person.devices.find((one) => !one.mayEnd()) : device;
  if (after !== undefined) await perform(play, after, deedOf('unblock'));
}

async function leave(living: Living, person: Person, device: Device): Promise<void> {
  const channel = pickChannel(living, device);
  if (channel === undefined || isOwner(channel, device) || !mayGo(channel)) return;
  const deed: Deed<object> = {
    what: { type: 'leave', channelId: channel.id },
    document: documents.leave,
    input: { channelId: channel.id },
    mayBe: mayBeIn(channel, device),
    already: 'NOT_FOUND',
  };
  const { state } = await perform(living.play, device, deed);
  if (state !== 'refused') channel.absent.add(person);
}

/** On all their devices, so that they are to be woken. */
async function goAway({ play }: Living, { devices }: Person): Promise<void> {
  const ms = 3_000 + play.random.below(15_000);
  for (const device of devices) device.goAway(ms);
}

/** One more device, or one less, or another one instead of one: signed out by itself, or from another one. */
async function changeDevices({ play, onDevice }: Living, person: Person, device: Device): Promise<void> {
  const { devices } = person;
  const { least, most } = play.size.devices;
  const isMore =
    devices.length <= Math.max(least, 1) || (devices.length < most && play.random.below(2) === 0);
  if (isMore) {
    const added = await addDevice(play, person);
    if (added !== undefined) onDevice(added);
  }
  if (devices.length < 2 || (isMore && devices.length <= most && play.random.below(2) === 0)) return;
  const others = devices.filter((one) => one !== device);
  const leaving = play.random.below(3) === 0 ? device : play.random.pick(others);
  leaving.expectEnd();
  devices.splice(devices.indexOf(leaving), 1);
  person.formerDevices.push(leaving);
  const deed: Deed<object> = {
    what: { type: 'revoke', ofDevice: leaving.name },
    document: documents.revoke,
    input: { deviceId: leaving.deviceId },
    mayBe: [],
  };
  await perform(play, device, deed);
}
