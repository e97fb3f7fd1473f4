import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChannelId, UserId } from '../../../schema/ids.ts';
import { incomingId } from '../../../schema/ids.ts';
import { createCursorCodec } from '../../../schema/stream/cursor.ts';
import { type Event, isCaughtUp, people, type Talker, until } from '../product/talker.ts';
import { openWorld, type World } from '../world.ts';

// A4: somebody resumes with old cursors after they were removed. A cursor carries no authority.

let world: World;
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
});
afterAll(() => world.close());

/** What a replay from these cursors brings, by subscription and by page. */
async function replaysOf(talker: Talker, after: readonly string[]): Promise<readonly (readonly Event[])[]> {
  const stream = await talker.events(after);
  const followed = await until(stream, isCaughtUp);
  await stream.return?.();
  return [followed.slice(0, -1), (await talker.changes(after)).events];
}
const gone = (channelId: string) => ({ __typename: 'ViewerChannelChanged', channelId, channel: null });
const leaks = (events: readonly Event[]) => JSON.stringify(events).match(/secret/g) ?? [];

/** Bob had cursors of a time when he was in the group; secrets were said since, some of them while he still was. */
async function removed() {
  const { ada, bob, eve } = await people(world, 'ada', 'bob', 'eve');
  const before = await bob.syncCursor();
  const { channel } = await ada.createGroup([bob.userId, eve.userId], { historyVisibility: 'ALL' });
  const complete = await bob.syncCursor();
  await ada.send(channel.id, 'known');
  const [{ cursor: single } = { cursor: '' }] = (await bob.changes([complete])).events;
  await ada.send(channel.id, 'secret, said while he was there');
  const ofEve = (await eve.changes([await eve.syncCursor()])).cursor;
  await ada.remove(channel.id, bob.userId);
  await ada.send(channel.id, 'secret, said when he was gone');
  return { ada, bob, eve, id: channel.id, cursors: { before, complete, single }, ofEve };
}

describe('A4: a cursor of a channel that one was removed from', () => {
  it.for([
    ['of before', ({ before }) => [before]],
    ['of when one was in it', ({ complete }) => [complete]],
    ['of one of its events', ({ complete, single }) => [complete, single]],
    ['of one of its events, beside one of before', ({ before, single }) => [single, before]],
  ] as const satisfies readonly (readonly [
    string,
    (cursors: Record<'before' | 'complete' | 'single', string>) => string[],
  ])[])('%s brings nothing of it but that it is gone', async ([, after]) => {
    const { bob, id, cursors } = await removed();
    for (const events of await replaysOf(bob, after(cursors))) {
      expect(events).toMatchObject([gone(id)]);
      expect(leaks(events)).toEqual([]);
    }
  });

  it('brings what comes after one is back, and nothing of the time between', async () => {
    const { ada, bob, id, cursors } = await removed();
    await ada.add(id, bob.userId);
    await ada.send(id, 'welcome back');
    for (const events of await replaysOf(bob, [cursors.complete, cursors.single])) {
      const said = events.flatMap(({ message }) => message?.text ?? []);
      expect(said.at(-1)).toBe('welcome back');
      expect(said).not.toContain('secret, said when he was gone');
    }
  });

  it('goes on with everything else', async () => {
    const { ada, bob, cursors } = await removed();
    const { channel } = await ada.createGroup([bob.userId]);
    await ada.send(channel.id, 'elsewhere');
    for (const events of await replaysOf(bob, [cursors.complete])) {
      expect(events.flatMap(({ message }) => message?.text ?? [])).toEqual(['elsewhere']);
    }
  });
});

describe('A4: a cursor of a channel that one never was in', () => {
  /** As a client that knows how cursors are made could forge one: the checksum is no secret. */
  async function forged(userId: UserId, channelId: string, seq: number) {
    const { uuid } = await world.product.prisma.installation.findFirstOrThrow();
    const codec = createCursorCodec(uuid);
    const id: ChannelId = incomingId(channelId);
    return {
      complete: codec.complete(userId, { epoch: 1, feed: 0, channels: [[id, seq]] }),
      single: codec.channel(1, id, seq),
    };
  }

  /** That she signed in is her own affair, and behind a cursor of before it. */
  const ofOthers = (events: readonly Event[]) =>
    events.filter(({ __typename }) => __typename !== 'ViewerChanged');

  it('brings nothing of it, whoever gave it, and whoever made it', async () => {
    const { ada, id } = await removed();
    const { zoe } = await people(world, 'zoe');
    const own = await zoe.syncCursor();
    const before = await ada.syncCursor();
    await ada.send(id, 'secret, as ever');
    const [{ cursor: ofAda } = { cursor: '' }] = (await ada.changes([before])).events;
    const { complete, single } = await forged(zoe.userId, id, 0);
    for (const after of [[own, ofAda], [own, single], [complete], [complete, single, ofAda]])
      for (const events of await replaysOf(zoe, after)) expect(ofOthers(events)).toEqual([]);
  });

  it('says no more of it when it claims a place that the log has not reached', async () => {
    const { id } = await removed();
    const { zoe } = await people(world, 'zoe');
    const { complete } = await forged(zoe.userId, id, 1e9);
    for (const events of await replaysOf(zoe, [complete])) expect(ofOthers(events)).toEqual([]);
  });

  it('shows nothing of before one came when it claims a place of then', async () => {
    const { ada } = await removed();
    const { zoe } = await people(world, 'zoe');
    const { channel } = await ada.createGroup([]);
    await ada.send(channel.id, 'secret, said before she came');
    await ada.add(channel.id, zoe.userId);
    await ada.send(channel.id, 'hello');
    const { complete, single } = await forged(zoe.userId, channel.id, 0);
    for (const after of [[complete], [await zoe.syncCursor(), single]])
      for (const events of await replaysOf(zoe, after)) expect(leaks(events)).toEqual([]);
  });
});
