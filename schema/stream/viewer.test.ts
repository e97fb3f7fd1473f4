import { expect, it } from 'vitest';
import {
  ada,
  ben,
  channelId,
  nameOf,
  openStreamWorld,
  type StreamWorld,
  take,
  untilCaughtUp,
} from './test/stream-world.ts';

const signal = new AbortController().signal;

/** A channel with ada and ben in it, and a subscription of each that has caught up. */
async function twoReaders() {
  const world = await openStreamWorld();
  await world.add(ada);
  await world.add(ben);
  const open = async (userId: typeof ada) => {
    const reader = await world.stream.follow(userId, undefined, signal);
    await untilCaughtUp(reader);
    return reader;
  };
  return { ...world, ofAda: await open(ada), ofBen: await open(ben) };
}

const giveRole = ({ stream }: Pick<StreamWorld, 'stream'>) =>
  stream.changeMembership(channelId, { by: ada, candidates: [] }, () => ({
    changes: [{ kind: 'ROLE_CHANGED', userId: ben, role: 'ADMIN' }],
    result: true,
  }));

const missed = async ({ stream }: Pick<StreamWorld, 'stream'>, userId: typeof ada, after: string) =>
  (await stream.changes(userId, { after: [after], first: 100, waitMs: 0 }, signal)).events.map(nameOf);

it('a role is an event of the channel for all, and one more of their own for whose it is', async () => {
  const world = await twoReaders();
  await giveRole(world);
  await world.send('hello');
  expect((await take(world.ofAda, 2)).map(nameOf)).toEqual(['3 member.role-changed', '4 hello']);
  expect(new Set((await take(world.ofBen, 3)).map(nameOf))).toEqual(
    new Set(['viewer.channel true', '3 member.role-changed', '4 hello']),
  );
});

it('an own setting is told to the devices of whose it is, and to nobody else', async () => {
  const { stream, send, ofAda, ofBen } = await twoReaders();
  expect(await stream.changeOwn(ben, channelId, { isMuted: true })).toBe(true);
  await send('hello');
  expect((await take(ofBen, 2)).map(nameOf)).toEqual(['viewer.channel true', '3 hello']);
  expect((await take(ofAda, 1)).map(nameOf)).toEqual(['3 hello']);
});

it('an own setting of who is no member is none', async () => {
  const { stream, remove } = await twoReaders();
  await remove(ben);
  expect(await stream.changeOwn(ben, channelId, { isMuted: true })).toBe(false);
});

it('own things are told once on each device, whatever else of the feed is told after that', async () => {
  const { stream, touchViewer, ofBen } = await twoReaders();
  stream.announceFeed(touchViewer(ben));
  expect((await take(ofBen, 1)).map(nameOf)).toEqual(['viewer.changed']);
  for (const isArchived of [true, false]) {
    await stream.changeOwn(ben, channelId, { isArchived });
    expect((await take(ofBen, 1)).map(nameOf)).toEqual(['viewer.channel true']);
  }
});

it('own things that changed while nobody was there are told to who comes back, unless they knew', async () => {
  const { stream, touchViewer } = await twoReaders();
  const before = (await stream.syncPoint(ben)).cursor;
  touchViewer(ben);
  touchViewer(ben);
  const after = (await stream.syncPoint(ben)).cursor;
  await stream.changeOwn(ben, channelId, { isMuted: true });
  expect(await missed({ stream }, ben, before)).toEqual(['viewer.changed', 'viewer.channel true']);
  expect(await missed({ stream }, ben, after)).toEqual(['viewer.channel true']);
  expect(await missed({ stream }, ada, (await stream.syncPoint(ada)).cursor)).toEqual([]);
});

it('own things whose announcement was lost are found within 30 s', async () => {
  const { clock, touchViewer, ofBen } = await twoReaders();
  touchViewer(ben);
  const told = take(ofBen, 1);
  await clock.advance(30_000);
  expect((await told).map(nameOf)).toEqual(['viewer.changed']);
});
