import { randomBytes } from 'node:crypto';
import { createGroup, type SignedIn, signIn, signUp } from '../client/people.ts';
import type { Random } from '../smoke/random.ts';
import { act, change } from './acting.ts';
import { type Activity, type Device, type Person, personOf, seatOf } from './history.ts';
import type { Stage } from './stage.ts';
import { timelineOf } from './timeline.ts';

export type Size = { readonly users: number; readonly devices: number; readonly messages: number };

/** Somebody on one device, who can act. */
export type Actor = { readonly person: Person; readonly device: Device; readonly token: string };
export type Channel = {
  readonly id: string;
  readonly isGroup: boolean;
  /** Who made it; the others come and go. */
  readonly owner: Player;
  readonly members: readonly Player[];
};
/** A person with all their devices, and what they are in. */
export type Player = { readonly person: Person; readonly actors: Actor[]; readonly handle: string };

export type Cast = { readonly players: readonly Player[]; readonly channels: readonly Channel[] };

/** So many ask at once: hashing a password keeps a core busy. */
const atOnce = 4;
/** For each so many people there is one group. */
const peoplePerGroup = 5;

type Setting = { readonly stage: Stage; readonly random: Random; readonly signal: AbortSignal };

/** Makes everybody, their devices with their endpoints, groups, and channels of two. */
export async function makeCast(setting: Setting, size: Size): Promise<Cast> {
  const { stage } = setting;
  const players: Player[] = [];
  await inTurns(size.users, async (nth) => {
    const handle = `person${nth}`;
    const signedIn = await signUp(stage.httpUrl, handle);
    const player: Player = { person: personOf(signedIn.userId, handle), actors: [], handle };
    players.push(player);
    await addDevice(setting, player, signedIn);
  });
  players.sort((one, other) => Number(one.handle.slice(6)) - Number(other.handle.slice(6)));
  await inTurns(size.devices - size.users, async () => {
    const player = setting.random.pick(players);
    await addDevice(setting, player, await signIn(stage.httpUrl, player.handle));
  });
  const groups = Math.max(1, Math.floor(size.users / peoplePerGroup));
  const channels = [
    ...(await made(groups, (nth) => makeGroup(setting, players, nth))),
    ...(await made(groups, () => makePair(setting, players))),
  ];
  return { players, channels };
}

async function inTurns(count: number, doOne: (nth: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) {
      const nth = next;
      next += 1;
      await doOne(nth);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

async function made<T>(count: number, make: (nth: number) => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  await inTurns(count, async (nth) => void all.push(await make(nth)));
  return all;
}

const register = `mutation ($input: RegisterPushEndpointInput!) {
  registerPushEndpoint(input: $input) { __typename ... on UserError { code explanation } }
}`;

/** A device with an endpoint, away. Two of three are browsers. */
export async function addDevice(
  { stage, random, signal }: Setting,
  player: Player,
  { session }: SignedIn,
): Promise<Actor> {
  const token = session.accessToken;
  const isWeb = random.next() < 0.67;
  const subscription = isWeb ? stage.web.subscribe() : undefined;
  const apnsToken = randomBytes(32).toString('hex');
  const device: Device = {
    deviceId: session.device.id,
    service: isWeb ? 'WEB' : 'APNS',
    address: subscription?.url ?? apnsToken,
    activity: timelineOf<Activity>('away'),
    isRegistered: timelineOf(false),
  };
  const address = subscription
    ? { web: subscription }
    : { apns: { token: apnsToken, topic: 'com.example.chat' } };
  const registered = await change(device.isRegistered, true, () =>
    act<{ registerPushEndpoint: { __typename: string } }>(
      stage.httpUrl,
      { query: register, variables: { input: { address } }, token },
      signal,
    ),
  );
  if (registered.registerPushEndpoint.__typename !== 'RegisterPushEndpointPayload')
    throw new Error(`No endpoint: ${JSON.stringify(registered)}`);
  const actor = { person: player.person, device, token };
  player.person.devices.push(device);
  player.actors.push(actor);
  return actor;
}

const tokenOf = ({ actors }: Player): string => actors[0]?.token ?? '';
const sitDown = (members: readonly Player[], channelId: string) => {
  for (const { person } of members) person.seats.set(channelId, seatOf(true));
};
const signedInAs = ({ person, handle, ...player }: Player): SignedIn => ({
  handle,
  userId: person.userId,
  session: {
    ...{ accessToken: tokenOf({ person, handle, ...player }), accessTokenExpiresAt: '', refreshToken: '' },
    device: { id: '' },
  },
});

async function makeGroup(
  { stage, random }: Setting,
  players: readonly Player[],
  nth: number,
): Promise<Channel> {
  const [owner, ...others] = random.pickSome(players, 4 + random.below(12));
  if (owner === undefined) throw new Error('A group needs somebody.');
  const id = await createGroup(stage.httpUrl, signedInAs(owner), {
    name: `Group ${nth}`,
    members: others.map(signedInAs),
  });
  sitDown([owner, ...others], id);
  return { id, isGroup: true, owner, members: [owner, ...others] };
}

async function makePair({ stage, random, signal }: Setting, players: readonly Player[]): Promise<Channel> {
  const [owner, other] = random.pickSome(players, 2);
  if (owner === undefined || other === undefined) throw new Error('A pair needs two.');
  const query = `mutation ($input: OpenDirectChannelInput!) {
    openDirectChannel(input: $input) { ... on OpenDirectChannelPayload { channel { id } } }
  }`;
  const variables = { input: { userId: other.person.userId } };
  const { data } = await act<{ openDirectChannel: { channel: { id: string } } }>(
    stage.httpUrl,
    { query, variables, token: tokenOf(owner) },
    signal,
  );
  const { id } = data.openDirectChannel.channel;
  if (!owner.person.seats.has(id)) sitDown([owner, other], id);
  return { id, isGroup: false, owner, members: [owner, other] };
}
