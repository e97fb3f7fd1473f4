import { expect, it } from 'vitest';
import { type UserId, userIdOf } from '../ids.ts';
import { type Contacts, maxContactsMoved } from '../ports/contacts.ts';
import { upTo } from '../ports/random.contract.ts';
import { ada, ben, channelId, nameOf, openStreamWorld, take, untilCaughtUp } from './test/stream-world.ts';

const signal = new AbortController().signal;
const [eve, fay] = [userIdOf(11n), userIdOf(12n)];
const told = (userId: UserId) => `contact.changed ${userId}`;

/** Ada is in the channel. What her contacts are read for is counted. */
async function world(change: (inner: Contacts) => Contacts = (inner) => inner) {
  const ranges: string[] = [];
  const opened = await openStreamWorld({
    userIds: [ada, ben, eve, fay],
    contacts(inner) {
      const { movedIn } = change(inner);
      return {
        async movedIn(userId, range) {
          ranges.push(`${range.after}-${range.upTo}`);
          return movedIn(userId, range);
        },
      };
    },
  });
  await opened.add(ada);
  const { stream, touchContact } = opened;
  const touch = (otherId: UserId, userId = ada) => stream.announceFeed(touchContact(userId, otherId));
  const open = async (after?: string) => {
    const reader = await stream.follow(ada, after === undefined ? undefined : [after], signal);
    return { reader, replay: (await untilCaughtUp(reader)).map(nameOf) };
  };
  const missed = async (after: string) =>
    (await stream.changes(ada, { after: [after], first: 100, waitMs: 0 }, signal)).events;
  const cursor = async () => (await stream.syncPoint(ada)).cursor;
  return { ...opened, ranges, touch, open, missed, cursor };
}

it('a contact that changed is told to the devices of whose it is, each time once', async () => {
  const { touch, open, stream } = await world();
  const [{ reader: phone }, { reader: laptop }] = [await open(), await open()];
  touch(ben);
  touch(eve, ben);
  for (const reader of [phone, laptop]) expect((await take(reader, 1)).map(nameOf)).toEqual([told(ben)]);
  touch(ben);
  touch(eve);
  for (const reader of [phone, laptop])
    expect((await take(reader, 2)).map(nameOf)).toEqual([told(ben), told(eve)]);
  await stream.changeOwn(ada, channelId, { isMuted: true });
  expect((await take(phone, 1)).map(nameOf)).toEqual(['viewer.channel true']);
});

it('contacts that changed while nobody was there are told to who comes back, each once, in the order of the feed', async () => {
  const { touch, missed, cursor, stream, touchViewer, open } = await world();
  const before = await cursor();
  for (const otherId of [ben, eve]) touch(otherId);
  await stream.changeOwn(ada, channelId, { isMuted: true });
  touch(fay);
  touchViewer(ada);
  touch(ben);
  const events = await missed(before);
  const expected = [told(eve), 'viewer.channel true', told(fay), 'viewer.changed', told(ben)];
  expect(events.map(nameOf)).toEqual(expected);
  // The same event has the same id, however it is told; and from each of them one goes on behind it.
  expect((await missed(before)).map(({ eventId }) => eventId)).toEqual(events.map(({ eventId }) => eventId));
  for (const [index, event] of events.entries()) {
    const page = await stream.changes(ada, { after: [before, event.cursor], first: 100, waitMs: 0 }, signal);
    expect(page.events.map(nameOf)).toEqual(expected.slice(index + 1));
  }
  expect((await open(before)).replay).toEqual([...expected, 'caught.up']);
  expect(await missed(await cursor())).toEqual([]);
});

it('contacts are read only when a feed says that some changed, and up to where it was read', async () => {
  const { touch, open, ranges, send, touchViewer, stream } = await world();
  const { reader } = await open();
  await send('hello');
  stream.announceFeed(touchViewer(ada));
  expect((await take(reader, 2)).map(nameOf).sort()).toEqual(['2 hello', 'viewer.changed']);
  expect(ranges).toEqual([]);
  touch(ben);
  await take(reader, 1);
  expect(ranges).toEqual(['3-4']);
});

it('a contact that changes while contacts are read is told behind that, once', async () => {
  let isLate = false;
  const late: { touch?: () => void } = {};
  const { touch, open, touchContact } = await world((inner) => ({
    async movedIn(...args) {
      if (!isLate) late.touch?.();
      isLate = true;
      return inner.movedIn(...args);
    },
  }));
  late.touch = () => void touchContact(ada, eve);
  const { reader } = await open();
  touch(ben);
  expect((await take(reader, 1)).map(nameOf)).toEqual([told(ben)]);
  touch(ben);
  expect((await take(reader, 2)).map(nameOf)).toEqual([told(eve), told(ben)]);
});

it('who missed more than a thousand of them is told to read the lists again, then what comes', async () => {
  const many = maxContactsMoved + 1;
  const { touch, open, missed, cursor, touchContact } = await world();
  const before = await cursor();
  for (const n of upTo(many)) touchContact(ada, userIdOf(BigInt(1_000 + n)));
  expect((await missed(before)).map(nameOf)).toEqual(['viewer.reset TOO_FAR_BEHIND']);
  const { reader, replay } = await open(before);
  expect(replay).toEqual(['viewer.reset TOO_FAR_BEHIND', 'caught.up']);
  touch(ben);
  expect((await take(reader, 1)).map(nameOf)).toEqual([told(ben)]);
});

it('so is who listens, when so many change unheard', async () => {
  const { touch, open, send, touchContact } = await world();
  const { reader } = await open();
  for (const n of upTo(maxContactsMoved + 1)) touchContact(ada, userIdOf(BigInt(1_000 + n)));
  touch(ben);
  expect((await take(reader, 1)).map(nameOf)).toEqual(['viewer.reset TOO_FAR_BEHIND']);
  await send('hello');
  expect((await take(reader, 1)).map(nameOf)).toEqual(['2 hello']);
});

it('a contact whose announcement was lost is found within 30 s', async () => {
  const { clock, open, touchContact } = await world();
  const { reader } = await open();
  touchContact(ada, ben);
  const next = take(reader, 1);
  await clock.advance(30_000);
  expect((await next).map(nameOf)).toEqual([told(ben)]);
});
