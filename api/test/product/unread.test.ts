import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { incomingId, rowIdOf } from '../../../schema/ids.ts';
import { systemClock } from '../../../schema/ports/clock.ts';
import { createRandom, upTo } from '../../../schema/ports/random.contract.ts';
import { openWorld, type World } from '../world.ts';
import { type Reading, readingPeople, say } from './reading.ts';

/** Stands still until a test moves it. */
let now = Date.UTC(2030, 0, 1);
let world: World;
beforeAll(async () => {
  world = await openWorld({ clock: { ...systemClock, now: () => now }, log: 'postgres' });
});
afterAll(() => world.close());

const hour = 3_600_000;
const inHours = (hours: number) => new Date(now + hours * hour);
const unread = async ({ reads }: Reading, id: string) => (await reads.own(id)).unreadCount;
const read = async ({ reads }: Reading, id: string) => (await reads.own(id)).member.readNumber;

async function crew() {
  const { ada, bob, cyn } = await readingPeople(world, 'ada', 'bob', 'cyn');
  const { id } = (await ada.createGroup([bob.userId, cyn.userId])).channel;
  return { ada, bob, cyn, id };
}

describe('what is unread', () => {
  it('is what others have said, never what one has said oneself', async () => {
    const { ada, bob, cyn, id } = await crew();
    await say(bob, id, 2);
    await say(ada, id);
    await say(cyn, id);
    expect([await unread(ada, id), await unread(bob, id), await unread(cyn, id)]).toEqual([3, 2, 3]);
    expect(await ada.reads.own(id)).toMatchObject({ countedToNumber: 4, member: { readNumber: 0 } });
  });

  it('is not read by what one wrote offline and sends much later: what came in between stays unread', async () => {
    const { ada, bob, id } = await crew();
    await say(bob, id);
    await ada.reads.markRead(id, 1);
    await say(bob, id, 40);
    await say(ada, id, 3);
    expect([await unread(ada, id), await read(ada, id)]).toEqual([40, 1]);
    await say(bob, id);
    await ada.reads.markRead(id, 40);
    expect([await unread(ada, id), await read(ada, id)]).toEqual([2, 40]);
    // The last of the forty: her own three behind it are read with it.
    await ada.reads.markRead(id, 41);
    expect([await unread(ada, id), await read(ada, id)]).toEqual([1, 44]);
  });

  it('is nothing for who has read everything and writes, and has read that then', async () => {
    const { ada, bob, id } = await crew();
    await say(bob, id, 2);
    await ada.reads.markRead(id, 2);
    await say(ada, id, 3);
    expect([await unread(ada, id), await read(ada, id)]).toEqual([0, 5]);
    expect((await bob.reads.placed(id))[ada.userId]).toEqual([5, 5]);
  });

  it('is not what was deleted, by whomever, and in whatever order that is told', async () => {
    const { ada, bob, cyn, id } = await crew();
    const [one, two, three] = await say(bob, id, 3);
    const [own] = await say(ada, id);
    await bob.erase(one?.id ?? '');
    expect(await unread(ada, id)).toBe(2);
    await ada.erase(two?.id ?? '');
    await ada.erase(own?.id ?? '');
    expect([await unread(ada, id), await unread(cyn, id)]).toEqual([1, 1]);
    await ada.reads.markRead(id, 3);
    await bob.erase(three?.id ?? '');
    expect([await unread(ada, id), await unread(cyn, id)]).toEqual([0, 0]);
    await say(bob, id);
    expect([await unread(ada, id), await unread(cyn, id)]).toEqual([1, 1]);
  });

  it('is not what two have deleted at the same moment, and takes that off once', async () => {
    const { ada, bob, cyn, id } = await crew();
    for (const _ of upTo(5)) {
      const [message] = await say(bob, id);
      await say(bob, id);
      await Promise.all([ada.erase(message?.id ?? ''), bob.erase(message?.id ?? '')]);
    }
    expect([await unread(ada, id), await unread(cyn, id)]).toEqual([5, 5]);
    await cyn.reads.markRead(id, 7);
    expect(await unread(cyn, id)).toBe(2);
  });

  it('stays what it is when something is edited, somebody gets a role, or a name is changed', async () => {
    const { ada, bob, cyn, id } = await crew();
    const [message] = await say(bob, id, 2);
    await bob.edit(message?.id ?? '', 'edited');
    await ada.setRole(id, bob.userId, 'ADMIN');
    await bob.updateGroup(id, { name: 'Another', historyVisibility: 'ALL' });
    expect([await unread(ada, id), await unread(bob, id), await unread(cyn, id)]).toEqual([2, 0, 2]);
  });

  it.for(['FROM_JOINING', 'ALL'])(
    'of somebody new is what comes after their joining (%s)',
    async (visibility) => {
      const { ada, bob, id } = await crew();
      await ada.updateGroup(id, { historyVisibility: visibility });
      await say(ada, id, 3);
      const { dan } = await readingPeople(world, 'dan');
      await bob.add(id, dan.userId);
      expect(await dan.reads.own(id)).toMatchObject({
        ...{ unreadCount: 0, countedToNumber: 3 },
        member: { readNumber: 3, deliveredNumber: 3 },
      });
      const [message] = await say(ada, id, 2);
      expect(await unread(dan, id)).toBe(2);
      await ada.erase(message?.id ?? '');
      expect(await unread(dan, id)).toBe(1);
      // Who comes back begins anew, and what was said meanwhile does not count.
      await dan.leave(id);
      await say(ada, id, 4);
      await bob.add(id, dan.userId);
      expect([await unread(dan, id), await read(dan, id)]).toEqual([0, 9]);
      await say(bob, id);
      expect(await unread(dan, id)).toBe(1);
    },
  );

  it('of a channel of two is what the other has said', async () => {
    const { ada, bob } = await crew();
    const two = (await ada.openDirect(bob.userId)).channel.id;
    await say(ada, two, 2);
    await say(bob, two);
    expect([await unread(ada, two), await unread(bob, two)]).toEqual([1, 2]);
    await bob.reads.markRead(two, 3);
    expect(await ada.reads.own(two)).toMatchObject({ readByAllNumber: 3, deliveredToAllNumber: 3 });
    expect(await bob.reads.own(two)).toMatchObject({ readByAllNumber: 2, deliveredToAllNumber: 2 });
  });

  it('is exact however much was said since anybody has looked', async () => {
    const { ada, bob, cyn, id } = await crew();
    const random = createRandom(1);
    const left = new Set<number>();
    for (const n of upTo(300)) {
      const by = random() < 0.5 ? bob : cyn;
      const [message] = await say(by, id);
      if (by === bob) left.add(n);
      if (random() < 0.2) {
        await by.erase(message?.id ?? '');
        left.delete(n);
      }
    }
    expect(await unread(cyn, id)).toBe(left.size);
    await cyn.reads.markRead(id, 123);
    expect(await unread(cyn, id)).toBe([...left].filter((n) => n > 123).length);
    expect((await ada.reads.own(id)).countedToNumber).toBe(300);
  });
});

describe('a log that goes on far behind what was counted', () => {
  it('is not gone through by a query: it is asked to come back, and soon is right', async () => {
    const { ada, bob, id } = await crew();
    const row = rowIdOf.channel(incomingId(id));
    const { head, count } = { head: 20_000, count: 20_000 - 3 };
    await world.database.pool.query(
      `INSERT INTO log_event (channel_id, seq, number, kind, author_id, nonce, created_at, body)
        SELECT $1, n, n - 3, 1, $2, 'c:' || n, now(), 'x' FROM generate_series(4, $3::int) n`,
      [row, rowIdOf.user(ada.userId), head],
    );
    await world.database.pool.query(
      'UPDATE log_head SET head = $2, message_count = $3 WHERE channel_id = $1',
      [row, head, count],
    );
    const document = `query ($id: ID!) { channel(id: $id) { name lastNumber viewerState { unreadCount } } }`;
    const { data, errors } = await bob.execute(document, { id });
    expect(data).toEqual({ channel: null });
    expect(errors?.[0]).toMatchObject({ extensions: { code: 'UNAVAILABLE', retryAfterMs: 1_000 } });
    await expect
      .poll(async () => (await bob.execute(document, { id })).data, { timeout: 30_000 })
      .toEqual({
        channel: { name: 'Crew', lastNumber: count, viewerState: { unreadCount: count } },
      });
    expect(await bob.reads.markRead(id, count - 5)).toMatchObject({
      channel: { viewerState: { unreadCount: 5 } },
    });
  });
});

describe('what is unread in total', () => {
  /** Ada in four channels: 1, 2, 3 and 4 messages of Bob are unread there. */
  async function four() {
    const { ada, bob } = await readingPeople(world, 'ada', 'bob');
    const ids: string[] = [];
    for (const count of upTo(4)) {
      const { id } = (await bob.createGroup([ada.userId])).channel;
      now += 1;
      await say(bob, id, count);
      ids.push(id);
    }
    const [one = '', two = '', three = '', fourth = ''] = ids;
    return { ada, bob, ids: [one, two, three, fourth] as const };
  }

  it('is the sum of all channels', async () => {
    const { ada, bob, ids } = await four();
    expect([await ada.reads.total(), await bob.reads.total()]).toEqual([10, 0]);
    expect(await ada.reads.markRead(ids[3], 3)).toMatchObject({ viewer: { unreadCount: 7 } });
    await ada.leave(ids[1]);
    await bob.remove(ids[2], ada.userId);
    expect(await ada.reads.total()).toBe(2);
  });

  it('leaves out what is muted, as long as it is, and what is archived; a mark does not count', async () => {
    const { ada, bob, ids } = await four();
    await ada.mute(ids[0]);
    await ada.mute(ids[1], inHours(1));
    await ada.archive(ids[2]);
    expect(await ada.reads.total()).toBe(4);
    await say(bob, ids[0]);
    await say(bob, ids[2]);
    await ada.reads.markRead(ids[3], 4);
    await ada.reads.markUnread(ids[3]);
    expect(await ada.reads.total()).toBe(0);
    now += hour;
    expect(await ada.reads.total()).toBe(2);
    await ada.unmute(ids[0]);
    await ada.unarchive(ids[2]);
    expect(await ada.reads.total()).toBe(8);
  });

  it('can be asked for beside the channels of one page, and is that of all', async () => {
    const { ada } = await four();
    type Answer = { viewer: { unreadCount: number; channels: { edges: readonly object[] } } };
    const { viewer } = await ada.query<Answer>(
      '{ syncCursor viewer { unreadCount channels(first: 1) { edges { node { viewerState { unreadCount } } } } } }',
    );
    expect(viewer).toMatchObject({
      unreadCount: 10,
      channels: { edges: [{ node: { viewerState: { unreadCount: 4 } } }] },
    });
  });
});

describe('channels by whether something is unread', () => {
  it('are those with unread messages or a mark, or those without, by pages', async () => {
    const { ada, bob } = await readingPeople(world, 'ada', 'bob');
    const ids: string[] = [];
    for (const n of upTo(9)) {
      const { id } = (await ada.createGroup([bob.userId])).channel;
      now += 1_000;
      await say(bob, id, n);
      ids.unshift(id);
    }
    // The newest first: 0 and 3 are read, 6 is read and marked, 5 is muted and 7 archived.
    for (const index of [0, 3, 6]) await ada.reads.markRead(ids[index] ?? '', 9);
    await ada.reads.markUnread(ids[6] ?? '');
    await ada.mute(ids[5] ?? '');
    await ada.archive(ids[7] ?? '');
    const found = async (filter: object, args = {}) =>
      (await ada.reads.channelIds(filter, args)).edges.map(({ node }) => ids.indexOf(node.id));
    expect(await found({ hasUnread: true })).toEqual([1, 2, 4, 5, 6, 7, 8]);
    expect(await found({ hasUnread: false })).toEqual([0, 3]);
    expect(await found({ hasUnread: true, isArchived: false })).toEqual([1, 2, 4, 5, 6, 8]);
    for (const hasUnread of [null, undefined]) expect(await found({ hasUnread })).toHaveLength(9);
    const page = await ada.reads.channelIds({ hasUnread: true }, { first: 3 });
    expect(page.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const after = page.pageInfo.endCursor ?? '';
    expect(await found({ hasUnread: true }, { first: 3, after })).toEqual([5, 6, 7]);
    expect(await found({ hasUnread: true }, { last: 2, before: after })).toEqual([1, 2]);
    // What is read meanwhile falls out of the list, and its place in it stays good.
    await ada.reads.markRead(ids[4] ?? '', 9);
    expect(await found({ hasUnread: true }, { first: 3, after })).toEqual([5, 6, 7]);
  });
});

describe('who is in a channel no more', () => {
  it('learns nothing of what is said and read there since, by a message that they sent', async () => {
    const { ada, bob, cyn, id } = await crew();
    await bob.send(id, 'mine', 'again');
    await ada.reads.markRead(id, 1);
    await bob.reads.markUnread(id);
    await bob.leave(id);
    await say(ada, id, 5);
    await cyn.reads.markRead(id, 4);
    const fields = `unreadCount countedToNumber countedToRevision readByAllNumber deliveredToAllNumber
      member { readNumber deliveredNumber }`;
    const { sent } = await bob.query<{ sent: object }>(
      `mutation ($id: ID!) { sent: sendMessage(input: { channelId: $id, text: "mine", nonce: "again" }) {
        ... on SendMessagePayload { message { number channel { lastNumber viewerState { ${fields} } } } } } }`,
      { id },
    );
    const nothing = { unreadCount: 0, countedToNumber: 0, countedToRevision: 0 };
    const nobody = { readByAllNumber: null, deliveredToAllNumber: null };
    const member = { readNumber: null, deliveredNumber: null };
    const channel = { lastNumber: 0, viewerState: { ...nothing, ...nobody, member } };
    expect(sent).toEqual({ message: { number: 1, channel } });
  });
});
