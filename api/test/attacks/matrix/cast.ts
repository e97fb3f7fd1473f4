import { incomingId } from '../../../../schema/ids.ts';
import { upTo } from '../../../../schema/ports/random.contract.ts';
import { createCursorCodec } from '../../../../schema/stream/cursor.ts';
import { webAddress } from '../../../../schema/test/push-address.ts';
import type { Asker, Person } from '../../../../schema/test/world.ts';
import { mutations } from '../../product/documents.ts';
import { keepDecision } from '../../product/keep-decision.ts';
import { type Talker, talkerOf } from '../../product/talker.ts';
import { giveRole, type World } from '../../world.ts';
import { isSignedIn, type Role, type SignedInRole } from './roles.ts';

/** One group and what has happened in it: what a cell is about. */
export type Scene = {
  readonly channelId: string;
  /** Of the owner: edited, and an answer to the message before it. Everybody who was ever in the group has seen it. */
  readonly messageId: string;
  readonly deletedId: string;
  /** What each role wrote itself; for those who never were in the group, what the partner wrote. */
  readonly ownId: Readonly<Record<SignedInRole, string>>;
  /** The direct channel of the MEMBER and the OWNER. */
  readonly directId: string;
  /** That of the OWNER and who was blocked in it, after the OWNER had said something. */
  readonly brokenId: string;
  readonly brokenMessageId: string;
  /** The member row of the guest, who is a MEMBER, reads, and does nothing else. */
  readonly memberId: string;
  /** That of the deputy, who lets nobody see how far they have read. */
  readonly privateId: string;
  /** Of before everything that happened in the group. */
  readonly cursor: Readonly<Record<SignedInRole, string>>;
  /** Of a log that is no more, as after a backup was restored. */
  readonly lostCursor: Readonly<Record<SignedInRole, string>>;
};
export type SceneKind =
  /** Made for one cell, so that what is done in it is done once. */
  | 'fresh'
  /** One for all that only look: everything has happened in it that can happen. */
  | 'eventful'
  /** More has happened than fits between two checkpoints. */
  | 'busy';

export type Player = Talker & Pick<Person, 'session' | 'viewer'>;
export type Cast = {
  readonly asker: (role: Role) => Asker;
  readonly player: (role: SignedInRole) => Player;
  /** Members of every scene besides the roles: a MEMBER, an ADMIN and a second OWNER. */
  readonly guest: Player;
  readonly deputy: Player;
  readonly partner: Player;
  /** In no scene now; came to the eventful one and was removed. */
  readonly newcomer: Player;
  /** In no scene: has asked every role for contact; is there to be blocked. */
  readonly suitor: Player;
  readonly passerby: Player;
  /** Where the device of each role is woken. */
  readonly endpointId: Readonly<Record<SignedInRole, string>>;
  readonly guestEndpointId: string;
  readonly openScene: (kind: SceneKind) => Promise<Scene>;
};
type Sent = { readonly result: { readonly message: { readonly id: string } } };
type Group = Pick<Scene, 'channelId' | 'memberId' | 'privateId' | 'directId'>;
type Broken = Pick<Scene, 'brokenId' | 'brokenMessageId'>;

const farOff = '2100-01-01T00:00:00.000Z';
const undisturbed = {
  quietSeconds: 60,
  doNotDisturbUntil: farOff,
  quietHours: { from: '22:00', to: '07:00', days: ['MONDAY'], timeZone: 'Europe/Lisbon' },
};

/** The nonce of what each role wrote itself: sent again, it answers with that message. */
export const ownNonce = 'own';

/** The people of the matrix in a world of theirs; every scene has the same people in a group of its own. */
export async function createCast(world: World): Promise<Cast> {
  const player = async (): Promise<Player> => {
    const person = await world.signUp();
    return { ...talkerOf(person), session: person.session, viewer: person.viewer };
  };
  const [owner, admin, member] = [await player(), await player(), await player()];
  const [former, stranger, newcomer] = [await player(), await player(), await player()];
  const [contact, blocked] = [await player(), await player()];
  const [suitor, passerby] = [await player(), await player()];
  const [guest, deputy, partner] = [await player(), await player(), await player()];
  const neverIn = { stranger, contact, blocked };
  const roles = { ...neverIn, 'ex-member': former, MEMBER: member, ADMIN: admin, OWNER: owner };
  const broken = await meet({ owner, contact, blocked, suitor, roles: Object.values(roles) });
  await change(deputy, 'updateSettings', { sharesReadPosition: false });
  await change(owner, 'updateNotificationSettings', undisturbed);
  await turnAway(world, owner);
  const endpointId = await ofEach(roles, register);
  const guestEndpointId = await register(guest);
  const { uuid } = await world.product.prisma.installation.findUniqueOrThrow({ where: { id: 1 } });
  const codec = createCursorCodec(uuid);

  async function openGroup(): Promise<Group> {
    const directId = await openDirect(owner, member);
    const members = [admin, member, former, guest, deputy, partner];
    const memberIds = members.map(({ userId }) => userId);
    const { channel } = await owner.createGroup(memberIds, { topic: 'Everything' });
    const channelId = channel.id;
    const promoted = [
      [admin, 'ADMIN'],
      [deputy, 'ADMIN'],
      [partner, 'OWNER'],
    ] as const;
    await Promise.all(promoted.map(([{ userId }, role]) => giveRole(world, { channelId, userId }, role)));
    const idOf = ({ userId }: Player) =>
      channel.members.edges.find(({ node }) => node.user.id === userId)?.node.id ?? '';
    return { channelId, directId, memberId: idOf(guest), privateId: idOf(deputy) };
  }

  /** Everything else that leaves an event. */
  async function makeEvents({ channelId }: Group, { isBusy }: { isBusy: boolean }): Promise<void> {
    await owner.add(channelId, newcomer.userId);
    await change(owner, 'setMemberRole', { channelId, userId: newcomer.userId, role: 'ADMIN' });
    await change(owner, 'updateGroup', { channelId, name: 'Crew again' });
    await change(owner, 'requestContact', { userId: newcomer.userId });
    await owner.remove(channelId, newcomer.userId);
    await change(member, 'muteChannel', { channelId, until: farOff });
    await change(member, 'setNotificationLevel', { channelId, level: 'REPLIES' });
    for (const { handle } of Object.values(roles)) await world.signIn(handle);
    if (isBusy) await Promise.all(upTo(100).map((n) => owner.send(channelId, `Message ${n}`)));
  }

  async function openScene(kind: SceneKind): Promise<Scene> {
    const group = await openGroup();
    const { channelId } = group;
    const cursor = await ofEach(roles, ({ syncCursor }) => syncCursor());
    const ownId = await ofEach(roles, async (talker) => {
      const author = Object.values<Talker>(neverIn).includes(talker) ? partner : talker;
      return (await author.send(channelId, 'mine', ownNonce)).message.id;
    });
    const answer = { channelId, text: 'an answer', nonce: 'answer', replyToId: ownId.MEMBER };
    const { result } = await owner.query<Sent>(mutations.sendMessage, { input: answer });
    const messageId = result.message.id;
    await owner.edit(messageId, 'a better answer');
    const deletedId = (await owner.send(channelId, 'gone')).message.id;
    await owner.erase(deletedId);
    // Whose message came to be the first has read that one already, and would be told nothing by reading it.
    for (const who of [owner, admin, member, former, guest, deputy, partner])
      await change(who, 'markRead', { channelId, number: 2 });
    if (kind !== 'fresh') {
      const decided = new Set([messageId, ...Object.values(ownId)]);
      await ofEach(roles, (talker) => decideFor(world, talker, decided));
      await makeEvents(group, { isBusy: kind === 'busy' });
    }
    await owner.remove(channelId, former.userId);
    const lost = { epoch: 0, feed: 1, channels: [[incomingId(channelId), 1]] } as const;
    const lostCursor = await ofEach(roles, async ({ userId }) => codec.complete(userId, lost));
    return { ...group, ...broken, messageId, deletedId, ownId, cursor, lostCursor };
  }

  return {
    guest,
    deputy,
    partner,
    newcomer,
    suitor,
    passerby,
    endpointId,
    guestEndpointId,
    openScene,
    player: (role) => roles[role],
    asker: (role) => (isSignedIn(role) ? roles[role] : world.anonymous),
  };
}

type Meeting = Readonly<Record<'owner' | 'contact' | 'blocked' | 'suitor', Player>> & {
  readonly roles: readonly Player[];
};

/** What they have towards each other in all scenes. */
async function meet({ owner, contact, blocked, suitor, roles }: Meeting): Promise<Broken> {
  await change(contact, 'requestContact', { userId: owner.userId });
  await change(owner, 'answerContactRequest', { userId: contact.userId, accept: true });
  for (const { userId } of roles) await change(suitor, 'requestContact', { userId });
  const brokenId = await openDirect(owner, blocked);
  const { message } = await owner.send(brokenId, 'before that');
  await change(owner, 'blockUser', { userId: blocked.userId });
  return { brokenId, brokenMessageId: message.id };
}

/** Is connected from now on, and was there until now. */
async function turnAway({ product: { presence } }: World, { userId, viewer: { deviceId } }: Player) {
  presence.connect({ userId, deviceId });
  await presence.setIdle({ userId, deviceId }, true);
}

/** Has their device woken, at a place of its own. */
async function register(talker: Talker): Promise<string> {
  const document = `mutation ($input: RegisterPushEndpointInput!) { result: registerPushEndpoint(input: $input) {
    ... on RegisterPushEndpointPayload { pushEndpoint { id } } } }`;
  const input = { address: webAddress(talker.userId) };
  const { result } = await talker.query<{ result: { pushEndpoint: { id: string } } }>(document, { input });
  return result.pushEndpoint.id;
}

/** It is kept why their device was told of these messages, whether or not they may know of them. */
async function decideFor(world: World, talker: Talker, messageIds: Iterable<string>): Promise<void> {
  const { userId, query } = talker;
  const { viewer } = await query<{ viewer: { devices: [{ id: string }] } }>('{ viewer { devices { id } } }');
  const deviceId = viewer.devices[0].id;
  const answer = { outcome: 'refused', status: 400, reason: 'BadDeviceToken', at: world.product.clock.now() };
  for (const messageId of messageIds)
    await keepDecision(world, { messageId, userId, deviceId, outcome: 'FAILED', answer });
}

async function openDirect(one: Talker, { userId }: Talker): Promise<string> {
  const document = `mutation ($id: ID!) { result: openDirectChannel(input: { userId: $id }) {
    ... on OpenDirectChannelPayload { channel { id } } } }`;
  const { result } = await one.query<{ result: { channel: { id: string } } }>(document, { id: userId });
  return result.channel.id;
}

async function change(talker: Talker, name: string, input: object): Promise<void> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const document = `mutation ($input: ${type}Input!) { result: ${name}(input: $input) { __typename } }`;
  const { result } = await talker.query<{ result: { __typename: string } }>(document, { input });
  if (result.__typename !== `${type}Payload`) throw new Error(`${name} answered ${result.__typename}.`);
}

async function ofEach<K extends string, T>(
  talkers: Readonly<Record<K, Talker>>,
  of: (talker: Talker) => Promise<T>,
): Promise<Record<K, T>> {
  const pairs = Object.entries(talkers) as [K, Talker][];
  const values = await Promise.all(pairs.map(async ([role, talker]) => [role, await of(talker)] as const));
  return Object.fromEntries(values) as Record<K, T>;
}
