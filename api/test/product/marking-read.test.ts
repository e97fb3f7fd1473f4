import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChannelId, incomingId } from '../../../schema/ids.ts';
import { createRandom, upTo } from '../../../schema/ports/random.contract.ts';
import { markRead } from '../../../schema/read-state/mark-read.ts';
import { isRefusal } from '../../../schema/verdict.ts';
import { onAnotherServer, openWorld, type World } from '../world.ts';
import { type Reading, readingBy, readingPeople, say } from './reading.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
});
afterAll(() => world.close());

const notFound = expect.objectContaining({ __typename: 'Denied', code: 'NOT_FOUND' });

/** A group of Ada, with a phone of hers, and Bob, who has said so much. */
async function crew(said = 10) {
  const { ada, bob } = await readingPeople(world, 'ada', 'bob');
  const { id } = (await ada.createGroup([bob.userId])).channel;
  const messages = await say(bob, id, said);
  return { ada, bob, id, messages, phone: readingBy(await world.signIn(ada.handle)) };
}
const at = async ({ reads }: Reading, id: string) => {
  const { unreadCount, member } = await reads.own(id);
  return [member.readNumber, member.deliveredNumber, unreadCount];
};

describe('marking read', () => {
  it('is up to a message: what is above stays unread', async () => {
    const { ada, id } = await crew();
    expect(await at(ada, id)).toEqual([0, 0, 10]);
    const member = expect.objectContaining({ readNumber: 4, deliveredNumber: 4 });
    const viewerState = { unreadCount: 6, countedToNumber: 10, isMarkedUnread: false, member };
    expect(await ada.reads.markRead(id, 4)).toMatchObject({
      __typename: 'MarkReadPayload',
      channel: { id, viewerState },
      viewer: { unreadCount: 6 },
    });
    expect(await at(ada, id)).toEqual([4, 4, 6]);
  });

  it('never goes back, and never beyond the newest message', async () => {
    const { ada, bob, id } = await crew();
    await ada.reads.markRead(id, 7);
    for (const number of [0, 1, 6, 7]) {
      expect(await ada.reads.markRead(id, number)).toMatchObject({ __typename: 'MarkReadPayload' });
      expect(await at(ada, id)).toEqual([7, 7, 3]);
    }
    expect(await ada.reads.markRead(id, Number.MAX_SAFE_INTEGER)).toMatchObject({
      channel: { viewerState: { unreadCount: 0, member: { readNumber: 10, deliveredNumber: 10 } } },
    });
    await bob.send(id, 'after that');
    expect(await at(ada, id)).toEqual([10, 10, 1]);
  });

  it('in an empty channel changes nothing', async () => {
    const { ada, id } = await crew(0);
    expect(await ada.reads.markRead(id, 5)).toMatchObject({
      channel: { viewerState: { unreadCount: 0, countedToNumber: 0, member: { readNumber: 0 } } },
    });
  });

  it.for([-1, 0.5, '3', 2 ** 53, null])('refuses %j, which is no place', async (number) => {
    const { ada, id } = await crew(1);
    const document = `mutation ($input: MarkReadInput!) { markRead(input: $input) { __typename } }`;
    const { data, errors } = await ada.execute(document, { input: { channelId: id, number } });
    expect([data ?? null, (errors ?? []).length]).toEqual([null, 1]);
    expect(await at(ada, id)).toEqual([0, 0, 1]);
  });

  it('ends at the largest, whatever comes in which order, from whichever device', async () => {
    const { ada, bob, id, phone } = await crew(60);
    const random = createRandom(20_300_101);
    for (const round of upTo(3)) {
      const numbers = upTo(20).map(() => 1 + Math.floor(random() * 20 * round));
      await Promise.all(numbers.map((number, index) => (index % 2 ? ada : phone).reads.markRead(id, number)));
      const most = Math.max(...numbers);
      expect(await at(phone, id)).toEqual([most, most, 60 - most]);
    }
    // Bob's own were read as he wrote them.
    expect(await at(bob, id)).toEqual([60, 60, 0]);
  });

  it('ends at the largest also when two servers write at once, and is there when either of them has answered', async () => {
    const [ada, bob] = [await world.signUp(), readingBy(await world.signUp())];
    const here = readingBy(ada);
    const { id } = (await here.createGroup([bob.userId])).channel;
    await say(bob, id, 40);
    const other = await onAnotherServer(world, ada);
    try {
      const channelId: ChannelId = incomingId(id);
      await Promise.all(
        upTo(20).map(async (n) => {
          await here.reads.markRead(id, 2 * n - 1);
          if (isRefusal(await markRead(other.scope, { channelId, number: 2 * n })))
            throw new Error('Refused.');
          const { readNumber } = (await here.reads.own(id)).member;
          expect(readNumber).toBeGreaterThanOrEqual(2 * n);
        }),
      );
      expect(await at(here, id)).toEqual([40, 40, 0]);
    } finally {
      await other.close();
    }
  });
});

describe('who has read on one device', () => {
  it('has read on all of them: they are told the new count, and the others in the channel how far', async () => {
    const { ada, bob, id, phone } = await crew();
    const { zoe } = await readingPeople(world, 'zoe');
    const cursors = await Promise.all([ada, phone, bob, zoe].map((one) => one.syncCursor()));
    await ada.reads.markRead(id, 8);
    const told = async (one: Reading, cursor = '') => (await one.reads.told([cursor])).events;
    const own = { ...(await ada.reads.own(id)), unreadCount: 2, countedToNumber: 10 };
    for (const [index, device] of [ada, phone].entries()) {
      const events = await told(device, cursors[index]);
      expect(events).toMatchObject([
        { __typename: 'ViewerChannelChanged', channelId: id, channel: { viewerState: own } },
        { __typename: 'PositionsChanged', members: [{ readNumber: 8, deliveredNumber: 8 }] },
      ]);
    }
    expect(await told(bob, cursors[2])).toMatchObject([
      {
        __typename: 'PositionsChanged',
        channelId: id,
        channel: { id },
        members: [{ user: { id: ada.userId }, readNumber: 8, deliveredNumber: 8 }],
      },
    ]);
    expect(await told(zoe, cursors[3])).toEqual([]);
  });

  it('is told it at once where they are connected', async () => {
    const { ada, id, phone } = await crew(3);
    const live = await phone.reads.follow();
    expect(await live.next()).toMatchObject({ __typename: 'CaughtUp' });
    await ada.reads.markRead(id, 3);
    expect(await live.next()).toMatchObject({ channel: { viewerState: { unreadCount: 0 } } });
    await live.stop();
  });

  it('is told once of several that came together, and nothing when nothing was new', async () => {
    const { ada, bob, id, phone } = await crew();
    const [mine, theirs] = [await phone.syncCursor(), await bob.syncCursor()];
    for (const number of [3, 6, 9]) await ada.reads.markRead(id, number);
    const kinds = async (one: Reading, cursor: string) =>
      (await one.reads.told([cursor])).events.map(({ __typename }) => __typename);
    expect(await kinds(phone, mine)).toEqual(['ViewerChannelChanged', 'PositionsChanged']);
    expect(await kinds(bob, theirs)).toEqual(['PositionsChanged']);
    const [later, then] = [await phone.syncCursor(), await bob.syncCursor()];
    for (const number of [0, 4, 9]) await ada.reads.markRead(id, number);
    expect([await kinds(phone, later), await kinds(bob, then)]).toEqual([[], []]);
  });
});

describe('marking unread', () => {
  it('is a mark: what is read stays read, nothing counts, and nobody else hears of it', async () => {
    const { ada, bob, id, phone } = await crew();
    await ada.reads.markRead(id, 10);
    const [mine, theirs] = [await phone.syncCursor(), await bob.syncCursor()];
    const member = expect.objectContaining({ readNumber: 10, deliveredNumber: 10 });
    const marked = { isMarkedUnread: true, unreadCount: 0, member };
    expect(await ada.reads.markUnread(id)).toMatchObject({
      __typename: 'MarkUnreadPayload',
      channel: { id, viewerState: marked },
      viewer: { unreadCount: 0 },
    });
    expect((await phone.reads.told([mine])).events).toMatchObject([
      { __typename: 'ViewerChannelChanged', channelId: id, channel: { viewerState: marked } },
    ]);
    expect((await bob.reads.told([theirs])).events).toEqual([]);
    expect((await bob.reads.own(id)).isMarkedUnread).toBe(false);
  });

  it('is over when the channel is read, on any device, also when there is nothing new to read', async () => {
    const { ada, id, phone } = await crew(2);
    for (const number of [1, 2, 2, 0]) {
      await ada.reads.markUnread(id);
      expect((await phone.reads.own(id)).isMarkedUnread).toBe(true);
      const cursor = await ada.syncCursor();
      expect(await phone.reads.markRead(id, number)).toMatchObject({
        channel: { viewerState: { isMarkedUnread: false } },
      });
      const own = { isMarkedUnread: false };
      expect((await ada.reads.told([cursor])).events[0]).toMatchObject({ channel: { viewerState: own } });
    }
  });

  it('stays when messages come, and twice is once', async () => {
    const { ada, bob, id } = await crew(1);
    for (const _ of upTo(2)) await ada.reads.markUnread(id);
    await say(bob, id);
    await ada.send(id, 'mine');
    expect(await ada.reads.own(id)).toMatchObject({ isMarkedUnread: true, unreadCount: 2 });
  });

  it('is gone when one leaves and comes back', async () => {
    const { ada, bob, id } = await crew(1);
    await bob.reads.markUnread(id);
    await bob.leave(id);
    await ada.add(id, bob.userId);
    expect((await bob.reads.own(id)).isMarkedUnread).toBe(false);
  });
});

describe.for([
  ['markRead', (one: Reading, id: string) => one.reads.markRead(id, 1)],
  ['markUnread', (one: Reading, id: string) => one.reads.markUnread(id)],
] as const)('%s', ([, act]) => {
  it('finds only channels that the person is in now', async () => {
    const { ada, bob, id, messages } = await crew(3);
    const { zoe } = await readingPeople(world, 'zoe');
    for (const unknown of ['chn7vvvvv', 'nonsense', '', ada.userId, messages[0]?.id ?? ''])
      expect(await act(ada, unknown)).toEqual(notFound);
    expect(await act(zoe, id)).toEqual(notFound);
    await ada.remove(id, bob.userId);
    expect(await act(bob, id)).toEqual(notFound);
    await ada.leave(id);
    expect(await act(ada, id)).toEqual(notFound);
  });

  it('is the business of who is signed in', async () => {
    const { id } = await crew(1);
    const { errors } = await world.anonymous.execute(
      `mutation ($id: ID!) { markRead(input: { channelId: $id, number: 1 }) { __typename }
        markUnread(input: { channelId: $id }) { __typename } }`,
      { id },
    );
    expect(errors?.map(({ extensions }) => extensions.code)).toContain('UNAUTHENTICATED');
  });
});
