import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../world.ts';
import { people, type Talker } from './talker.ts';

let world: World;
/** The same in every test: each has a channel of its own. */
let everybody: Omit<Cast, 'id'>;
beforeAll(async () => {
  world = await openWorld();
  everybody = await people(world, 'viewer', 'owner', 'admin', 'member', 'stranger');
});
afterAll(() => world.close());

/** A channel, and those in it: somebody who does something, and others whom it is done to. */
type Cast = {
  readonly id: string;
  readonly viewer: Talker;
  readonly owner: Talker;
  readonly admin: Talker;
  readonly member: Talker;
  readonly stranger: Talker;
};
type Refusable = { readonly __typename: string; readonly code?: string };

const later = new Date(Date.now() + 86_400_000);
const others = async ({ member, id }: Cast) => (await member.send(id, 'by somebody else')).message.id;
const own = async ({ viewer, id }: Cast) => (await viewer.send(id, 'my own')).message?.id ?? '';
const reply = ({ viewer }: Cast, input: object) =>
  viewer
    .query<{ result: Refusable }>(
      'mutation ($input: SendMessageInput!) { result: sendMessage(input: $input) { __typename ... on UserError { code } } }',
      { input },
    )
    .then(({ result }) => result);

/** What somebody can do in a channel. */
const acts = {
  send: ({ viewer, id }) => viewer.send(id, 'Hello'),
  'edit own': async (cast) => cast.viewer.edit(await own(cast), 'edited'),
  'delete own': async (cast) => cast.viewer.erase(await own(cast)),
  reply: async (cast) =>
    reply(cast, { channelId: cast.id, text: 'Yes', nonce: 'reply', replyToId: await others(cast) }),
  leave: ({ viewer, id }) => viewer.leave(id),
  mute: ({ viewer, id }) => viewer.mute(id, later),
  archive: ({ viewer, id }) => viewer.archive(id),
  "edit others'": async (cast) => cast.viewer.edit(await others(cast), 'mine now'),
  "delete others'": async (cast) => cast.viewer.erase(await others(cast)),
  rename: ({ viewer, id }) => viewer.updateGroup(id, { name: 'Fleet' }),
  topic: ({ viewer, id }) => viewer.updateGroup(id, { topic: 'Ports' }),
  'history visibility': ({ viewer, id }) => viewer.updateGroup(id, { historyVisibility: 'ALL' }),
  'add people': ({ viewer, id, stranger }) => viewer.add(id, stranger.userId),
  'remove a member': ({ viewer, id, member }) => viewer.remove(id, member.userId),
  'remove an admin': ({ viewer, id, admin }) => viewer.remove(id, admin.userId),
  'remove an owner': ({ viewer, id, owner }) => viewer.remove(id, owner.userId),
  'make an admin': ({ viewer, id, member }) => viewer.setRole(id, member.userId, 'ADMIN'),
  'unmake an admin': ({ viewer, id, admin }) => viewer.setRole(id, admin.userId, 'MEMBER'),
  'make an owner': ({ viewer, id, admin }) => viewer.setRole(id, admin.userId, 'OWNER'),
  'unmake an owner': ({ viewer, id, owner }) => viewer.setRole(id, owner.userId, 'ADMIN'),
  'step down': ({ viewer, id }) => viewer.setRole(id, viewer.userId, 'MEMBER'),
} satisfies Record<string, (cast: Cast) => Promise<Refusable>>;
type Act = keyof typeof acts;

const [low, none, gone] = ['ROLE_TOO_LOW', 'NOT_A_GROUP', 'NOT_FOUND'];
/** Who may do what: owner, admin, member of a group; one of two; somebody who is not in it. The rows are the specification. */
const rights: readonly (readonly [Act, ...(string | undefined)[]])[] = [
  // act, OWNER, ADMIN, MEMBER, in a DIRECT channel, not in it
  ['send', 'yes', 'yes', 'yes', 'yes', gone],
  ['edit own', 'yes', 'yes', 'yes', 'yes', gone],
  ['delete own', 'yes', 'yes', 'yes', 'yes', gone],
  ['reply', 'yes', 'yes', 'yes', 'yes', gone],
  ['leave', 'yes', 'yes', 'yes', none, gone],
  ['mute', 'yes', 'yes', 'yes', 'yes', gone],
  ['archive', 'yes', 'yes', 'yes', 'yes', gone],
  ["edit others'", 'NOT_YOURS', 'NOT_YOURS', 'NOT_YOURS', 'NOT_YOURS', gone],
  ["delete others'", 'yes', 'yes', 'NOT_YOURS', 'NOT_YOURS', gone],
  ['rename', 'yes', 'yes', low, none, gone],
  ['topic', 'yes', 'yes', low, none, gone],
  ['history visibility', 'yes', 'yes', low, none, gone],
  ['add people', 'yes', 'yes', 'yes', none, gone],
  ['remove a member', 'yes', 'yes', low, none, gone],
  ['remove an admin', 'yes', low, low, none, gone],
  ['remove an owner', low, low, low, none, gone],
  ['make an admin', 'yes', low, low, none, gone],
  ['unmake an admin', 'yes', low, low, none, gone],
  ['make an owner', 'yes', low, low, none, gone],
  ['unmake an owner', 'yes', low, low, none, gone],
  ['step down', 'yes', low, low, none, gone],
];
const places = ['OWNER', 'ADMIN', 'MEMBER', 'one of two', 'nobody'] as const;
type Place = (typeof places)[number];

/** A channel in which the viewer has this place. In one of two, always the same, the other one stands for all others. */
async function castFor(place: Place): Promise<Cast> {
  const { viewer, owner, admin, member } = everybody;
  if (place === 'one of two') {
    const { id } = (await member.openDirect(viewer.userId)).channel;
    return { ...everybody, owner: member, admin: member, id };
  }
  const { id } = (await owner.createGroup([admin, member].map(({ userId }) => userId))).channel;
  await owner.setRole(id, admin.userId, 'ADMIN');
  if (place === 'nobody') return { ...everybody, id };
  await owner.add(id, viewer.userId);
  await owner.setRole(id, viewer.userId, place);
  return { ...everybody, id };
}

describe('the table of rights', () => {
  it('has a row for every act', () => {
    expect(rights.map(([act]) => act)).toEqual(Object.keys(acts));
  });

  const cells = rights.flatMap(([act, ...answers]) =>
    places.map((place, n) => ({ act, place, answer: answers[n] ?? '' })),
  );
  it.for(cells)('$act, $place: $answer', async ({ act, place, answer }) => {
    const { code, __typename } = await acts[act](await castFor(place));
    expect(code ?? 'yes').toBe(answer);
    expect(__typename).toMatch(answer === 'yes' ? /Payload$/ : /^Denied$/);
  });
});

describe('who was removed', () => {
  it.for(Object.keys(acts) as Act[])('may not do it any more: %s', async (act) => {
    const cast = await castFor('ADMIN');
    const message = await own(cast);
    await cast.owner.remove(cast.id, cast.viewer.userId);
    if (act === 'edit own') expect((await cast.viewer.edit(message, 'x')).code).toBe('NOT_FOUND');
    else if (act === 'delete own') expect((await cast.viewer.erase(message)).code).toBe('NOT_FOUND');
    else
      expect((await acts[act](cast)).code).toBe(
        act === 'send' || act === 'reply' ? 'NOT_A_MEMBER' : 'NOT_FOUND',
      );
  });
});
