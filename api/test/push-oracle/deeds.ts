import { setTimeout as pause } from 'node:timers/promises';
import { ask } from '../client/ask.ts';
import { signIn } from '../client/people.ts';
import { act, change, type Done, lateBy, untilDone } from './acting.ts';
import { type Actor, addDevice, type Cast, type Player } from './cast.ts';
import type { Level, Preview, Seat } from './history.ts';
import { isCertainly, timelineOf } from './timeline.ts';
import { type Visiting, visit } from './visit.ts';

export type Living = Visiting & { readonly cast: Cast };

const settings = `mutation ($input: UpdateNotificationSettingsInput!) {
  updateNotificationSettings(input: $input) { __typename ... on UserError { code explanation } }
}`;
const mute = `mutation ($input: MuteChannelInput!) { muteChannel(input: $input) { __typename } }`;
const unmute = `mutation ($input: UnmuteChannelInput!) { unmuteChannel(input: $input) { __typename } }`;
const archive = `mutation ($input: ArchiveChannelInput!) { archiveChannel(input: $input) { __typename } }`;
const unarchive = `mutation ($input: UnarchiveChannelInput!) { unarchiveChannel(input: $input) { __typename } }`;
const setLevel = `mutation ($input: SetNotificationLevelInput!) { setNotificationLevel(input: $input) { __typename } }`;
const block = `mutation ($input: BlockUserInput!) { blockUser(input: $input) { __typename } }`;
const unblock = `mutation ($input: UnblockUserInput!) { unblockUser(input: $input) { __typename } }`;
const signOut = `mutation { signOut(input: {}) { __typename } }`;

const levels: readonly Level[] = ['ALL', 'REPLIES', 'NOTHING'];
const previews: readonly Preview[] = ['FULL', 'SENDER', 'NOTHING'];
/** Rights to see and to send may be known for so long elsewhere, in milliseconds. */
export const cachedMs = 2_500;
const dayMs = 24 * 60 * 60 * 1_000;

type Deed = (living: Living, player: Player) => Promise<void>;

export type Answered = Readonly<Record<string, { readonly __typename: string }>>;

/** To be asked for a person, by the device that stays. */
export const asking =
  ({ stage, signal }: Living, player: Player, query: string) =>
  (input: object) =>
  (): Promise<Done<Answered>> =>
    act(stage.httpUrl, { query, token: player.actors[0]?.token ?? '', variables: { input } }, signal);

/** Rights that other servers may hold for true a little longer. */
export const cached = (ask: () => Promise<Done<Answered>>) => async (): Promise<Done<Answered>> => {
  const { data, span } = await ask();
  return { data, span: lateBy(cachedMs, span) };
};

type Place = { readonly channelId: string; readonly seat: Seat };

/** Something that somebody sets in one of the channels where they are certainly a member; elsewhere they can set nothing. */
const inAChannel =
  (deed: (living: Living, player: Player, place: Place) => Promise<void>): Deed =>
  async (living, player) => {
    const now = Date.now();
    const isThere = ({ isMember }: Seat) => isCertainly(isMember, { from: now, to: now }, true);
    const seats = [...player.person.seats].filter(([, seat]) => isThere(seat));
    if (seats.length === 0) return;
    const [channelId, seat] = living.random.pick(seats);
    await deed(living, player, { channelId, seat });
  };

const deeds: readonly { readonly share: number; readonly deed: Deed }[] = [
  { share: 30, deed: pauseAWhile },
  { share: 40, deed: lookIn },
  {
    share: 6,
    deed: inAChannel(async (living, player, { channelId, seat }) => {
      const isMuted = living.random.next() < 0.5;
      const query = isMuted ? mute : unmute;
      await change(seat.isMuted, isMuted, asking(living, player, query)({ channelId }));
    }),
  },
  {
    share: 3,
    deed: inAChannel(async (living, player, { channelId, seat }) => {
      const isArchived = living.random.next() < 0.4;
      const query = isArchived ? archive : unarchive;
      await change(seat.isArchived, isArchived, asking(living, player, query)({ channelId }));
    }),
  },
  {
    share: 5,
    deed: inAChannel(async (living, player, { channelId, seat }) => {
      const level = living.random.pick([null, null, ...levels]);
      await change(seat.level, level, asking(living, player, setLevel)({ channelId, level }));
    }),
  },
  {
    share: 4,
    async deed(living, player) {
      const level = living.random.pick(['ALL', 'ALL', ...levels] as const);
      await change(player.person.level, level, asking(living, player, settings)({ level }));
    },
  },
  {
    share: 3,
    async deed(living, player) {
      const mutedReplies = living.random.next() < 0.5;
      await change(
        player.person.mutedReplies,
        mutedReplies,
        asking(living, player, settings)({ mutedReplies }),
      );
    },
  },
  {
    share: 4,
    async deed(living, player) {
      const preview = living.random.pick(previews);
      await change(player.person.preview, preview, asking(living, player, settings)({ preview }));
    },
  },
  { share: 5, deed: wantNoDisturbance },
  { share: 2, deed: blockSomebody },
  { share: 2, deed: changeDevice },
];
const allShares = deeds.reduce((sum, { share }) => sum + share, 0);

/** Somebody does one thing after another until it is over. What fails then fails because it is over. */
export async function live(living: Living, player: Player): Promise<void> {
  const { random, signal } = living;
  while (!signal.aborted) {
    let left = random.below(allShares);
    const chosen = deeds.find(({ share }) => {
      left -= share;
      return left < 0;
    });
    try {
      await chosen?.deed(living, player);
      await pause(random.below(6_000), undefined, { signal });
    } catch (failure) {
      if (!signal.aborted) throw failure;
    }
  }
}

/** Half of all people have other things to do. */
async function pauseAWhile({ random, signal }: Living, { handle }: Player): Promise<void> {
  const isBusy = Number(handle.slice(-1)) % 2 === 0;
  await pause((isBusy ? 60_000 : 5_000) + random.below(isBusy ? 180_000 : 60_000), undefined, { signal });
}
async function lookIn(living: Living, player: Player): Promise<void> {
  const actor = living.random.pick(player.actors);
  await visit(living, actor, 4_000 + living.random.below(30_000));
}

/** At once, or at this time of each day, which comes to the same here. */
async function wantNoDisturbance(living: Living, player: Player): Promise<void> {
  const { random } = living;
  const isWanted = random.next() < 0.4;
  const days = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];
  const allDay = {
    from: '00:00',
    to: '00:00',
    days,
    timeZone: random.pick(['Asia/Tokyo', 'America/Lima', 'UTC']),
  };
  const until = new Date(Date.now() + dayMs).toISOString();
  const nothing = { doNotDisturbUntil: null, quietHours: null };
  const wanted =
    random.next() < 0.5 ? { ...nothing, doNotDisturbUntil: until } : { ...nothing, quietHours: allDay };
  const { doNotDisturb } = player.person;
  await change(doNotDisturb, isWanted, asking(living, player, settings)(isWanted ? wanted : nothing));
}

async function blockSomebody(living: Living, player: Player): Promise<void> {
  const { cast, random } = living;
  const { userId } = random.pick(cast.players).person;
  if (userId === player.person.userId) return;
  const blocks = player.person.blocks.get(userId) ?? timelineOf(false);
  player.person.blocks.set(userId, blocks);
  const isBlocked = random.next() < 0.6;
  const query = isBlocked ? block : unblock;
  await change(blocks, isBlocked, cached(asking(living, player, query)({ userId })));
}

/** Whoever repeats it is not signed in any more. */
async function leave({ stage, signal }: Living, { token }: Actor): Promise<Done<object>> {
  const from = Date.now();
  await untilDone(async () => {
    const { errors = [] } = await ask(stage.httpUrl, { query: signOut, token, signal });
    const codes = errors.map(({ extensions }) => extensions?.code);
    if (codes.some((code) => code !== 'UNAUTHENTICATED')) throw new Error(`No sign-out: ${codes}`);
  }, signal);
  return { data: {}, span: { from, to: Date.now() } };
}

/** Signs out on a device for good, and in on a new one. The one that acts for the person stays. */
async function changeDevice(living: Living, player: Player): Promise<void> {
  const { stage, random, signal } = living;
  const leaving = random.pick(player.actors);
  if (leaving !== player.actors[0]) {
    player.actors.splice(player.actors.indexOf(leaving), 1);
    await change(leaving.device.isRegistered, false, () => leave(living, leaving));
  }
  const signedIn = await untilDone(() => signIn(stage.httpUrl, player.handle), signal);
  await addDevice(living, player, signedIn);
}
