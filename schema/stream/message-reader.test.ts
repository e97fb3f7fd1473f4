import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { upTo } from '../ports/random.contract.ts';
import { lingerMs } from './lingering.ts';
import { ada, ben, channelId, draft, openStreamWorld, settled, take } from './test/stream-world.ts';

const wanted = { channelId, afterNumber: 0, showsAll: false };
const endless = () => new AbortController().signal;

/** Ada has written before Ben came. */
async function withBen() {
  const world = await openStreamWorld();
  await world.add(ada);
  await world.send('before');
  await world.add(ben);
  const follow = async (options: Partial<typeof wanted> & { afterNumber?: number } = {}) => {
    const reader = await world.stream.followMessages(ben, { ...wanted, ...options }, endless());
    if (reader === undefined) throw new Error('Not a member.');
    return reader;
  };
  return { ...world, follow };
}
const textsOf = async (
  reader: Parameters<typeof take<import('./delivery.ts').LogDelivery>>[0],
  count: number,
) => (await take(reader, count)).map(({ event }) => event.message?.text);

it('brings the messages behind a number, then each new one, and nothing else', async () => {
  const { follow, send, stream } = await withBen();
  for (const text of ['two', 'three']) await send(text);
  await stream.record(channelId, draft('edited', { kind: 'message.edited', refSeq: 4 }));
  const reader = await follow({ afterNumber: 2 });
  await send('four');
  expect(await textsOf(reader, 2)).toEqual(['three', 'four']);
});

it('begins at the joining, or where all is shown at the first message', async () => {
  const { follow, send } = await withBen();
  await send('after');
  expect(await textsOf(await follow(), 1)).toEqual(['after']);
  expect(await textsOf(await follow({ showsAll: true }), 2)).toEqual(['before', 'after']);
});

it('begins now without a number', async () => {
  const { stream, send } = await withBen();
  await send('old');
  const reader = await stream.followMessages(ben, { ...wanted, afterNumber: undefined }, endless());
  await send('new');
  expect(reader && (await textsOf(reader, 1))).toEqual(['new']);
});

it('waits for a number that is far ahead', async () => {
  const { follow, send } = await withBen();
  const reader = await follow({ afterNumber: 3 });
  for (const text of ['two', 'three', 'four']) await send(text);
  expect(await textsOf(reader, 1)).toEqual(['four']);
});

it('ends with the removal of the viewer', async () => {
  const { follow, send, remove } = await withBen();
  const reader = await follow();
  await send('last');
  await remove(ben);
  await send('behind');
  expect(await textsOf(reader, 1)).toEqual(['last']);
  expect((await reader.next()).done).toBe(true);
});

it('does not end with a removal from before the viewer came back', async () => {
  const { follow, send, remove, add } = await withBen();
  await remove(ben);
  await send('unseen');
  await add(ben);
  await send('back');
  expect(await textsOf(await follow(), 1)).toEqual(['back']);
  expect(await textsOf(await follow({ showsAll: true }), 3)).toEqual(['before', 'unseen', 'back']);
});

it('does not read what the viewer may not see', async () => {
  const { follow, send, remove, add, store } = await withBen();
  await send('seen');
  await remove(ben);
  for (const n of upTo(1_000)) await send(`unseen ${n}`);
  await add(ben);
  await send('back');
  const reader = await follow();
  store.reads = 0;
  expect(await textsOf(reader, 2)).toEqual(['seen', 'back']);
  expect(store.reads).toBeLessThan(3);
});

it('is nothing for a stranger, and opens nothing for one', async () => {
  const { stream, remove, hints } = await withBen();
  await remove(ben);
  expect(await stream.followMessages(ben, wanted, endless())).toBeUndefined();
  expect(hints.listening).toBe(0);
});

/** A world with Ben in it, in which something happens right after the nth look at who he is. */
async function openWorldWhere(nth: number) {
  let reads = 0;
  const then = { run: async () => undefined as unknown };
  const world = await openStreamWorld({
    memberships: (inner) => ({
      ...inner,
      async of(...args) {
        const rows = await inner.of(...args);
        reads += 1;
        if (reads === nth) await then.run();
        return rows;
      },
    }),
  });
  await world.add(ben);
  return { world, then };
}

it('is nothing for a member who is removed while it begins', async () => {
  const { world, then } = await openWorldWhere(1);
  then.run = () => world.remove(ben);
  expect(await world.stream.followMessages(ben, wanted, endless())).toBeUndefined();
});

it('shows nothing behind a removal that came while it began', async () => {
  const { world, then } = await openWorldWhere(2);
  then.run = async () => {
    await world.remove(ben);
    await world.send('behind');
  };
  const reader = await world.stream.followMessages(ben, wanted, endless());
  expect((await reader?.next())?.done).toBe(true);
});

it('asks again while the store is down', async () => {
  const { follow, send, store, clock } = await withBen();
  for (const n of upTo(300)) await send(`${n}`);
  const reader = await follow();
  store.isDown = true;
  const next = textsOf(reader, 2);
  await clock.advance(5_000);
  store.isDown = false;
  await clock.advance(5_000);
  expect(await next).toEqual(['1', '2']);
});

it('ends at once while it waits, and frees everything', async () => {
  const { stream, clock, hints } = await withBen();
  const client = new AbortController();
  for (const n of upTo(1_000)) {
    const reader = await stream.followMessages(ben, { ...wanted, afterNumber: 1 }, client.signal);
    const waiting = reader?.next();
    if (n === 1) await settled();
    await reader?.return();
    expect((await waiting)?.done).toBe(true);
  }
  expect(getEventListeners(client.signal, 'abort')).toEqual([]);
  await clock.advance(lingerMs + 60_000);
  expect(hints.listening).toBe(0);
});
