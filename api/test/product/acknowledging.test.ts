import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRandom, upTo } from '../../../schema/ports/random.contract.ts';
import { acknowledgeEvents } from '../../../schema/read-state/acknowledge-events.ts';
import { onAnotherServer, openWorld, type World } from '../world.ts';
import { type Reading, readingBy, readingPeople, say, type Told } from './reading.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
});
afterAll(() => world.close());

/** What `events` without `after` tells this device until it is up to date. */
async function toldNow({ reads }: Reading): Promise<Told[]> {
  const { next, stop } = await reads.follow();
  const told: Told[] = [];
  do told.push(await next());
  while (told.at(-1)?.__typename !== 'CaughtUp');
  await stop();
  return told;
}
const words = (events: readonly Told[]) =>
  events.flatMap(({ __typename, message, reason }) =>
    __typename === 'CaughtUp' ? [] : (message?.text ?? reason ?? __typename),
  );
const wordsNow = async (one: Reading) => words(await toldNow(one));

async function crew() {
  const { ada, bob } = await readingPeople(world, 'ada', 'bob');
  const { id } = (await ada.createGroup([bob.userId])).channel;
  return { ada, bob, id };
}
const shuffled = <T>(list: readonly T[], random: () => number): T[] =>
  list
    .map((entry) => ({ entry, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ entry }) => entry);
const codeOf = async ({ execute }: Reading, cursors: readonly unknown[]) => {
  const document =
    'mutation ($input: AcknowledgeEventsInput!) { acknowledgeEvents(input: $input) { __typename } }';
  const { errors } = await execute(document, { input: { cursors } });
  return errors?.[0]?.extensions?.code ?? (errors ? 'refused' : 'taken');
};

describe('`events` without `after`', () => {
  it('goes on behind what this device acknowledged, however often it comes back', async () => {
    const { ada, bob, id } = await crew();
    const [caughtUp] = await toldNow(bob);
    expect(await bob.reads.acknowledge(caughtUp?.cursor ?? '')).toMatchObject({
      __typename: 'AcknowledgeEventsPayload',
      viewer: { id: expect.stringMatching(/./), unreadCount: 0 },
    });
    await ada.send(id, 'one');
    await ada.send(id, 'two');
    const told = await toldNow(bob);
    for (const _ of upTo(2)) expect(await wordsNow(bob)).toEqual(words(told));
    expect(words(told)).toEqual(['one', 'two']);
    await bob.reads.acknowledge(told[0]?.cursor ?? '');
    // That it was received is news, too, to this device as to the others.
    expect(await wordsNow(bob)).toEqual(['two', 'PositionsChanged']);
    const all = await toldNow(bob);
    await bob.reads.acknowledge(...all.map(({ cursor }) => cursor));
    expect((await wordsNow(bob)).filter((word) => word !== 'PositionsChanged')).toEqual([]);
  });

  it('starts now where nothing was ever acknowledged, and so does an empty list', async () => {
    const { ada, bob, id } = await crew();
    await ada.send(id, 'before');
    expect(await wordsNow(bob)).toEqual([]);
    const { next, stop } = await bob.reads.follow([]);
    expect(await next()).toMatchObject({ __typename: 'CaughtUp' });
    await stop();
    await bob.reads.acknowledge(await bob.syncCursor());
    await ada.send(id, 'after');
    const again = await bob.reads.follow([]);
    expect(await again.next()).toMatchObject({ message: { text: 'after' } });
    await again.stop();
  });

  it('goes on with what happens, as with a list', async () => {
    const { ada, bob, id } = await crew();
    await bob.reads.acknowledge(await bob.syncCursor());
    await ada.send(id, 'missed');
    const { next, stop } = await bob.reads.follow();
    expect([(await next()).message?.text, (await next()).__typename]).toEqual(['missed', 'CaughtUp']);
    await ada.send(id, 'live');
    expect((await next()).message?.text).toBe('live');
    await stop();
  });

  it('is the own of each device: it goes with the device, not with the person or the session', async () => {
    const { ada, bob, id } = await crew();
    await bob.reads.acknowledge(await bob.syncCursor());
    await ada.send(id, 'one');
    const phone = await world.signIn(bob.handle);
    expect(await wordsNow(readingBy(phone))).toEqual([]);
    await readingBy(phone).reads.acknowledge(await readingBy(phone).syncCursor());
    await ada.send(id, 'two');
    expect(await wordsNow(readingBy(phone))).toContain('two');
    expect(await wordsNow(readingBy(phone))).not.toContain('one');
    const again = await world.signIn(bob.handle, { id: phone.session.device.id });
    expect(await wordsNow(readingBy(again))).toEqual(await wordsNow(readingBy(phone)));
    expect(await wordsNow(bob)).toEqual(expect.arrayContaining(['one', 'two']));
    // Somebody else who names this device gets one of their own.
    const other = await world.signIn(ada.handle, { id: phone.session.device.id });
    expect(await wordsNow(readingBy(other))).toEqual([]);
  });

  it('says that a channel is gone that the person was removed from meanwhile, and begins at a rejoining', async () => {
    const { ada, bob, id } = await crew();
    await bob.reads.acknowledge(await bob.syncCursor());
    await ada.send(id, 'one');
    await ada.remove(id, bob.userId);
    await ada.send(id, 'not for bob');
    expect(await toldNow(bob)).toMatchObject([
      { __typename: 'ViewerChannelChanged', channelId: id, channel: null },
      { __typename: 'CaughtUp' },
    ]);
    await ada.add(id, bob.userId);
    await ada.send(id, 'for bob');
    const told = await wordsNow(bob);
    expect(told).toEqual(expect.arrayContaining(['one', 'for bob', 'ViewerChannelChanged']));
    expect(told).not.toContain('not for bob');
  });
});

describe('what is acknowledged', () => {
  it('never goes back, whatever comes in which order, or at once, through whichever server', async () => {
    const [ada, person] = [readingBy(await world.signUp()), await world.signUp()];
    const bob = readingBy(person);
    const { id } = (await ada.createGroup([bob.userId])).channel;
    const begin = await bob.syncCursor();
    await say(ada, id, 30);
    const cursors = (await bob.reads.told([begin])).events.map(({ cursor }) => cursor);
    const random = createRandom(20_300_101);
    const other = await onAnotherServer(world, person);
    try {
      await bob.reads.acknowledge(begin);
      for (const most of [5, 17, 29]) {
        const calls = shuffled(cursors.slice(0, most), random).map(
          (cursor, index) => () =>
            index % 2 ? bob.reads.acknowledge(cursor) : acknowledgeEvents(other.scope, { cursors: [cursor] }),
        );
        for (let from = 0; from < calls.length; from += 10)
          await Promise.all(calls.slice(from, from + 10).map((call) => call()));
        const told = await toldNow(bob);
        expect(told[0]?.message?.number).toBe(most + 1);
        expect((await ada.reads.placed(id))[bob.userId]).toEqual([0, most]);
      }
    } finally {
      await other.close();
    }
  });

  it('begins with something complete, and is refused as a whole when any of it is no cursor of this person', async () => {
    const { ada, bob, id } = await crew();
    const begin = await bob.syncCursor();
    await ada.send(id, 'one');
    const [single = ''] = (await bob.reads.told([begin])).events.map(({ cursor }) => cursor);
    for (const cursors of [[], [single], [single, single]])
      expect(await codeOf(bob, cursors)).toBe('BAD_USER_INPUT');
    for (const wrong of ['', 'nonsense', await ada.syncCursor(), `${begin}A`])
      expect(await codeOf(bob, [begin, wrong])).toBe('BAD_USER_INPUT');
    for (const wrong of [null, 3, {}]) expect(await codeOf(bob, [begin, wrong])).not.toBe('taken');
    expect(
      await codeOf(
        bob,
        Array.from({ length: 1_001 }, () => begin),
      ),
    ).toBe('BAD_USER_INPUT');
    expect(await wordsNow(bob)).toEqual([]);
    expect((await ada.reads.placed(id))[bob.userId]).toEqual([0, 0]);
    expect(await codeOf(bob, [single, begin])).toBe('taken');
    expect(await codeOf(bob, [])).toBe('taken');
    expect(await wordsNow(bob)).toEqual(['PositionsChanged']);
  });

  it('of a channel of others changes nothing there, and is not kept', async () => {
    const { ada, bob, id } = await crew();
    const { zoe } = await readingPeople(world, 'zoe');
    const begin = await bob.syncCursor();
    await ada.send(id, 'one');
    const [single = ''] = (await bob.reads.told([begin])).events.map(({ cursor }) => cursor);
    const cursor = await ada.syncCursor();
    await zoe.reads.acknowledge(await zoe.syncCursor(), single);
    expect((await ada.reads.told([cursor])).events).toEqual([]);
    await ada.add(id, zoe.userId);
    await ada.send(id, 'two');
    expect(await wordsNow(zoe)).toEqual(['ViewerChannelChanged', 'MemberAdded', 'two']);
  });

  it('is the business of who is signed in', async () => {
    const document = 'mutation { acknowledgeEvents(input: { cursors: [] }) { __typename } }';
    const { errors } = await world.anonymous.execute(document);
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });
});

describe('a server that was restored', () => {
  let restored: World;
  beforeEach(async () => {
    restored = await openWorld({ log: 'postgres' });
  });
  afterEach(() => restored.close());

  /** Bob in four groups, who has acknowledged all there was. */
  async function four() {
    const { ada, bob } = await readingPeople(restored, 'ada', 'bob');
    const ids: string[] = [];
    for (const n of upTo(4)) {
      const { id } = (await ada.createGroup([bob.userId])).channel;
      await say(ada, id, n);
      ids.push(id);
    }
    const cursor = await bob.syncCursor();
    await bob.reads.acknowledge(cursor);
    await restored.database.pool.query('UPDATE installation SET epoch = epoch + 1');
    return { ada, bob, ids, cursor };
  }
  const resetsIn = (told: readonly Told[]) =>
    told.filter(({ __typename }) => __typename === 'SyncReset').map(({ channelId }) => channelId);

  it('tells so, each time until that is acknowledged, and then goes on quietly', async () => {
    const { ada, bob, ids } = await four();
    for (const _ of upTo(2)) {
      const told = await toldNow(bob);
      expect(told[0]).toMatchObject({ __typename: 'ViewerReset', reason: 'LOG_RESTORED' });
      expect(resetsIn(told).toSorted()).toEqual(ids.toSorted());
    }
    const all = await toldNow(bob);
    await bob.reads.acknowledge(all.at(-1)?.cursor ?? '');
    await ada.send(ids[2] ?? '', 'after that');
    expect(await wordsNow(bob)).toEqual(['after that']);
  });

  it('passes over no channel that a device has not been told of when it acknowledges a part', async () => {
    const { ada, bob, ids, cursor } = await four();
    // The viewer and one of the channels; the cursor of this page says that three are still to come.
    const page = await bob.reads.told([cursor], 2);
    expect([page.events.length, page.hasMore]).toEqual([2, true]);
    await bob.reads.acknowledge(page.cursor);
    for (const id of ids) await ada.send(id, 'after that');
    expect((await ada.reads.placed(ids[0] ?? ''))[bob.userId]).toEqual([0, 1]);
    const told = await toldNow(bob);
    expect(resetsIn(told).toSorted()).toEqual(ids.toSorted());
    await bob.reads.acknowledge(told.at(-1)?.cursor ?? '');
    const quiet = await toldNow(bob);
    expect([resetsIn(quiet), words(quiet)]).toEqual([[], expect.not.arrayContaining(['LOG_RESTORED'])]);
  });
});
