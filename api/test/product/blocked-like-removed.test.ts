import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
import { createRandom, upTo } from '../../../schema/ports/random.contract.ts';
import type { Arguments } from '../attacks/matrix/cells.ts';
import { createRandomDocuments } from '../attacks/random-documents.ts';
import { openWorld, type World } from '../world.ts';
import { deeds, type Person, persons } from './contacting.ts';
import { differencesOf } from './differences.ts';

/**
 * Two worlds in which the same happens, step by step, so that everything has the same ids and times. In one of them Ada removes
 * Bob, or declines him; in the other one she blocks him. Whatever Bob asks, he gets the same in both, but for what is listed here.
 */
let worlds: readonly [removing: World, blocking: World];
beforeAll(async () => {
  const clock = () => createManualClock(Date.UTC(2030, 0, 1));
  worlds = [await openWorld({ clock: clock() }), await openWorld({ clock: clock() })];
});
afterAll(() => Promise.all(worlds.map((world) => world.close())));

const before = {
  strangers: [],
  contacts: ['bob ask', 'ada accept'],
  'Bob has asked': ['bob ask'],
  'Ada has asked': ['ada ask'],
  'Bob has asked, and was declined': ['bob ask', 'ada decline'],
} as const;
type Before = keyof typeof before;
/** What Ada does in the world without a block, if anything. */
const mildly: Readonly<Record<Before, 'remove' | 'decline' | undefined>> = {
  strangers: undefined,
  contacts: 'remove',
  'Bob has asked': 'decline',
  'Ada has asked': 'remove',
  'Bob has asked, and was declined': undefined,
};

type Scene = {
  readonly ada: Person;
  readonly bob: Person;
  readonly ids: Readonly<Record<'group' | 'direct' | 'message' | 'member', string>>;
  /** Of before Ada did it. */
  readonly cursor: string;
};

/** Ada and Bob in a group, both with a third one; and in a channel of theirs, if they talk. */
async function play(world: World, name: Before, { talk }: { readonly talk: boolean }): Promise<Scene> {
  // One after the other: together they would get their ids by chance.
  const { ada } = await persons(world, 'ada');
  const { bob } = await persons(world, 'bob');
  const { eve } = await persons(world, 'eve');
  for (const step of before[name]) {
    const [who, deed] = step.split(' ') as ['ada' | 'bob', keyof typeof deeds];
    await deeds[deed](who === 'ada' ? ada : bob, (who === 'ada' ? bob : ada).userId);
  }
  const made = await eve.createGroup([], { nonce: 'group' });
  const group = made.channel.id;
  await eve.add(group, ada.userId);
  await eve.add(group, bob.userId);
  const message = (await ada.send(group, 'Hello', 'hello')).message.id;
  await bob.send(group, 'Hello, too', 'hello');
  const direct = talk ? (await ada.openDirect(bob.userId)).channel.id : group;
  if (talk) for (const one of [ada, bob]) await one.send(direct, 'Just us', 'direct');
  await bob.to.request(eve.userId);
  const cursor = await bob.syncCursor();
  return { ada, bob, cursor, ids: { group, direct, message, member: made.channel.viewerState.member.id } };
}

/** Bob's scene in both worlds, after Ada did the one thing or the other. */
async function bothScenes(name: Before, talk: boolean): Promise<readonly [Scene, Scene]> {
  const [removing, blocking] = await Promise.all(worlds.map((world) => play(world, name, { talk })));
  if (!removing || !blocking) throw new Error('Two worlds, two scenes.');
  const deed = mildly[name];
  if (deed) await deeds[deed](removing.ada, removing.bob.userId);
  await blocking.ada.to.block(blocking.bob.userId);
  return [removing, blocking];
}

function argumentsFor({ ada, bob, ids, cursor }: Scene, random: () => number): Arguments {
  const anyOf = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)];
  const something = () => anyOf([...Object.values(ids), ada.userId, bob.userId]);
  const known: Readonly<Record<string, () => ReturnType<Arguments>>> = {
    'Query.channel': () => ({ id: anyOf([ids.group, ids.direct]) }),
    'Query.message': () => ({ id: ids.message }),
    'Query.node': () => ({ id: something() }),
    'Query.nodes': () => ({ ids: [something(), ada.userId] }),
    'Query.user': () => ({ handle: anyOf([ada.handle, bob.handle]) }),
    'Query.searchUsers': () => ({ text: 'person', first: 5 }),
    'Query.simulateNotification': () => ({ input: { channelId: ids.group, authorId: ada.userId } }),
    'Query.changes': () => ({ after: [cursor], first: 20 }),
    'Channel.messagesAround': () => ({ place: { number: 1 }, countBefore: 5, countAfter: 5 }),
    'Channel.messages': () => ({ last: 5 }),
    'Channel.members': () => ({ first: 5 }),
    'Viewer.channels': () => ({ first: 3 }),
    'Viewer.contactRequests': () => ({ direction: anyOf(['INCOMING', 'OUTGOING']), first: 5 }),
    'Viewer.contacts': () => ({ first: 5 }),
    'Viewer.blockedUsers': () => ({ first: 5 }),
  };
  return (coordinate) => known[coordinate]?.() ?? {};
}

/** The verdicts that a block changes, and the search. In their channel also what is said about sending there, and a version. */
const listed = /viewerCan\.(openDirectChannel|requestContact|addToGroup)\.|^searchUsers\b/;
const inTheirChannel = /viewerCan\.(send|edit|reply)\./;

/** What Bob gets by so many documents that go anywhere: where it differs, and how many fields were looked at. */
async function wander([removing, blocking]: readonly [Scene, Scene], seed: number) {
  const random = createRandom(seed);
  const documents = createRandomDocuments(random, argumentsFor(removing, random));
  let length = 0;
  const differences = [];
  for (const _ of upTo(40)) {
    const document = documents.query();
    const [here, there] = await Promise.all([removing, blocking].map(({ bob }) => bob.execute(document)));
    length += JSON.stringify(here).length;
    differences.push(...differencesOf(here?.data, there?.data));
    differences.push(...differencesOf(here?.errors ?? null, there?.errors ?? null, 'errors'));
  }
  return { differences, length };
}

describe('who is blocked sees what they would see had they merely been removed', () => {
  const seed = Date.now() % 1_000_000;

  it.for(Object.keys(before) as Before[])('by documents that go anywhere: %s', async (name) => {
    const scenes = await bothScenes(name, false);
    const { differences, length } = await wander(scenes, seed);
    expect(
      differences.filter(({ at }) => !listed.test(at)),
      `Seed ${seed}`,
    ).toEqual([]);
    expect(length).toBeGreaterThan(10_000);
  });

  it('and the listed refusals are refusals, and are all found', async () => {
    const found = new Map<string, Set<unknown>>();
    for (const [index, name] of (Object.keys(before) as Before[]).entries()) {
      const { differences } = await wander(await bothScenes(name, false), seed + index);
      for (const { at, there } of differences) {
        const ability = /viewerCan\.(\w+)\.code$/.exec(at)?.[1];
        if (ability) found.set(ability, (found.get(ability) ?? new Set()).add(there));
      }
    }
    expect(Object.fromEntries([...found].map(([ability, codes]) => [ability, [...codes]]))).toEqual({
      openDirectChannel: ['NOT_ACCEPTING'],
      requestContact: ['NOT_ACCEPTING'],
      addToGroup: ['NOT_ACCEPTING'],
    });
  });

  it.for(Object.keys(before) as Before[])('where the two talk, but for their channel: %s', async (name) => {
    const scenes = await bothScenes(name, true);
    const events = `query ($after: [Cursor!]!) { changes(after: $after) { events { __typename
      ... on ChannelEvent { channelId } ... on ContactChanged { userId user { id handle viewerContact } } } } }`;
    type Event = { readonly __typename: string; readonly channelId?: string };
    const [here, there] = await Promise.all(
      scenes.map(async ({ bob, cursor }) => {
        const variables = { after: [cursor] };
        return (await bob.query<{ changes: { events: Event[] } }>(events, variables)).changes.events;
      }),
    );
    const direct = { __typename: 'ViewerChannelChanged', channelId: scenes[0].ids.direct };
    // That they cannot send there any more they have to be told; of the rest they hear the same.
    expect(there).toEqual([...(here ?? []), direct]);
    const [removing, blocking] = scenes;
    const cursors = await Promise.all(scenes.map(({ bob }) => bob.syncCursor()));
    const { differences } = await wander(
      [
        { ...removing, cursor: cursors[0] ?? '' },
        { ...blocking, cursor: cursors[1] ?? '' },
      ],
      seed,
    );
    const others = differences.filter(({ at }) => !listed.test(at) && !inTheirChannel.test(at));
    // The cursor of each world is the other one's, but for that event: where it stands, nothing else can be compared.
    expect(
      others.filter(({ at }) => !/^(syncCursor|changes\.|errors)/.test(at)),
      `Seed ${seed}`,
    ).toEqual([]);
  });

  it.for(Object.keys(before) as Before[])('by what they try: %s', async (name) => {
    const scenes = await bothScenes(name, true);
    const attempts: readonly ((scene: Scene) => Promise<object>)[] = [
      ({ bob, ada }: Scene) => bob.to.accept(ada.userId),
      ({ bob, ada }: Scene) => bob.to.decline(ada.userId),
      ({ bob, ids }: Scene) => bob.erase(ids.message),
      ({ bob, ids }: Scene) => bob.mute(ids.direct),
      ({ bob, ids }: Scene) => bob.send(ids.group, 'Still here', 'still'),
      ({ bob, ids }: Scene) => bob.send(ids.direct, 'Just us', 'direct'),
      ({ bob, ada }: Scene) => bob.to.remove(ada.userId),
      ({ bob, ada }: Scene) => bob.to.block(ada.userId),
      ({ bob, ada }: Scene) => bob.to.unblock(ada.userId),
    ];
    for (const attempt of attempts) {
      const [here, there] = await Promise.all(scenes.map((scene) => attempt(scene)));
      expect(differencesOf(here, there).filter(({ at }) => !/viewerCan\./.test(at))).toEqual([]);
    }
  });
});
