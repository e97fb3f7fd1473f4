import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { channelIdOf } from '../ids.ts';
import { upTo } from '../ports/random.contract.ts';
import { createCursorCodec } from './cursor.ts';
import { lingerMs } from './lingering.ts';
import {
  ada,
  ben,
  channelId,
  draft,
  isLog,
  nameOf,
  openStreamWorld,
  settled,
  take,
  untilCaughtUp,
} from './test/stream-world.ts';

const endless = () => new AbortController().signal;

/** Ben, who is in a channel with Ada, and follows. */
async function following() {
  const world = await openStreamWorld();
  await world.add(ada);
  await world.add(ben);
  const reader = await world.stream.follow(ben, undefined, endless());
  const [caughtUp] = await untilCaughtUp(reader);
  return { ...world, reader, cursor: caughtUp?.cursor ?? '' };
}

describe('a reader', () => {
  it('begins with what was missed, says when that is over, and goes on with what happens', async () => {
    const { stream, send, cursor } = await following();
    await send('one');
    await send('two');
    const reader = await stream.follow(ben, [cursor], endless());
    expect((await untilCaughtUp(reader)).map(nameOf)).toEqual(['3 one', '4 two', 'caught.up']);
    const next = reader.next();
    await send('three');
    expect((await next).value).toMatchObject({ type: 'log', event: { seq: 5 } });
  });

  it('goes on behind the events whose cursors a client kept', async () => {
    const { stream, send, reader, cursor } = await following();
    for (const text of ['one', 'two', 'three']) await send(text);
    const [one, two] = await take(reader, 2);
    const again = await stream.follow(ben, [cursor, two?.cursor ?? '', one?.cursor ?? ''], endless());
    expect((await untilCaughtUp(again)).map(nameOf)).toEqual(['5 three', 'caught.up']);
  });

  it('sends the very same object to all who see the same', async () => {
    const { stream, send, reader } = await following();
    const other = await stream.follow(ada, undefined, endless());
    await untilCaughtUp(other);
    await send('one');
    const [[mine], [hers]] = [await take(reader, 1), await take(other, 1)];
    expect(mine).toBe(hers);
  });

  it('takes turns between channels', async () => {
    const channels = [11n, 12n].map(channelIdOf);
    const [first, second] = channels;
    if (first === undefined || second === undefined) throw new Error('No channels.');
    const { stream, add, send } = await openStreamWorld({ channelIds: channels });
    for (const id of channels) await add(ben, id);
    const reader = await stream.follow(ben, undefined, endless());
    await untilCaughtUp(reader);
    for (const text of ['a', 'b']) for (const id of channels) await send(text, id);
    const order = (await take(reader, 4)).map((delivery) => isLog(delivery) && delivery.channelId);
    expect(order).toEqual([first, second, first, second]);
  });
});

it('a reader behind the ring uses up the page of one channel before it reads one of another', async () => {
  const channels = [11n, 12n].map(channelIdOf);
  const { stream, add, send, store } = await openStreamWorld({ channelIds: channels });
  for (const id of channels) await add(ben, id);
  const { cursor } = await stream.syncPoint(ben);
  for (const n of upTo(400)) for (const id of channels) await send(`${n}`, id);
  const reader = await stream.follow(ben, [cursor], endless());
  store.reads = 0;
  const taken = await take(reader, 101);
  expect(new Set(taken.slice(0, 100).map((one) => isLog(one) && one.channelId)).size).toBe(1);
  expect(store.reads).toBe(1);
});

describe('a checkpoint', () => {
  it('comes every 100 events, and is all that a client needs to go on', async () => {
    const { stream, send, reader } = await following();
    for (const n of upTo(150)) await send(`${n}`);
    const taken = await take(reader, 102);
    expect(taken.map(({ type }) => type).indexOf('checkpoint')).toBe(100);
    const again = await stream.follow(ben, [taken[100]?.cursor ?? ''], endless());
    expect((await take(again, 1)).map(nameOf)).toEqual(['103 101']);
  });

  it('comes 60 s after the one before, when there was traffic', async () => {
    const { clock, send, reader } = await following();
    await send('one');
    await take(reader, 1);
    const next = reader.next();
    await clock.advance(70_000);
    expect((await next).value).toMatchObject({ type: 'checkpoint' });
  });

  it('does not come when nothing happened', async () => {
    const { clock, send, reader } = await following();
    const next = reader.next();
    await clock.advance(300_000);
    await send('one');
    expect((await next).value).toMatchObject({ type: 'log' });
  });
});

describe('what cannot be replayed', () => {
  it('is 1,000 events at most: one more is a reset to the newest', async () => {
    const { stream, send, cursor } = await following();
    for (const n of upTo(1_000)) await send(`${n}`);
    const within = await stream.follow(ben, [cursor], endless());
    expect((await take(within, 1)).map(nameOf)).toEqual(['3 1']);
    await send('one more');
    const beyond = await stream.follow(ben, [cursor], endless());
    const names = (await untilCaughtUp(beyond)).map(nameOf);
    expect(names).toEqual(['sync.reset TOO_FAR_BEHIND', 'caught.up']);
    await send('next');
    expect((await take(beyond, 1)).map(nameOf)).toEqual(['1004 next']);
  });

  it('is what rows have forgotten: the viewer is told to read anew', async () => {
    let minVersion = 0;
    const { stream, add, remove } = await openStreamWorld({
      memberships: (inner) => ({
        ...inner,
        feedOf: async (userId, after) => ({ ...(await inner.feedOf(userId, after)), minVersion }),
      }),
    });
    await add(ben);
    const { cursor } = await stream.syncPoint(ben);
    await remove(ben);
    minVersion = 100;
    const reader = await stream.follow(ben, [cursor], endless());
    expect((await untilCaughtUp(reader)).map(nameOf)).toEqual(['viewer.reset EXPIRED', 'caught.up']);
  });
});

describe('the end of a reader', () => {
  it('comes at once, while it waits', async () => {
    const { reader } = await following();
    const waiting = reader.next();
    await settled();
    expect(await reader.return()).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  it('comes with the signal of its client, waiting or not, and with the stream', async () => {
    const { stream, reader } = await following();
    const client = new AbortController();
    const [waiting, idle] = [
      await stream.follow(ben, undefined, client.signal),
      await stream.follow(ben, undefined, client.signal),
    ];
    await untilCaughtUp(waiting);
    const next = waiting.next();
    client.abort();
    expect([(await next).done, (await idle.next()).done]).toEqual([true, true]);
    const last = reader.next();
    expect(await stream.close()).toBe(true);
    expect((await last).done).toBe(true);
  });

  it('frees everything: a thousand readers leave nothing behind', async () => {
    const { stream, clock, hints, reader } = await following();
    await reader.return();
    const client = new AbortController();
    for (const n of upTo(1_000)) {
      const short = await stream.follow(ben, undefined, client.signal);
      if (n % 2 === 0) await short.next();
      await short.return();
    }
    expect(getEventListeners(client.signal, 'abort')).toEqual([]);
    expect(hints.listening).toBe(2);
    await clock.advance(lingerMs + 60_000);
    expect(hints.listening).toBe(0);
  });

  it('comes at once for a client that is gone already', async () => {
    const { stream, clock, hints, reader } = await following();
    await reader.return();
    const late = await stream.follow(ben, undefined, AbortSignal.abort());
    expect((await late.next()).done).toBe(true);
    await clock.advance(lingerMs + 60_000);
    expect(hints.listening).toBe(0);
  });

  it('is no failure for who ended it while the store was down', async () => {
    const { stream, send, store, cursor } = await following();
    for (const n of upTo(300)) await send(`${n}`);
    const reader = await stream.follow(ben, [cursor], endless());
    store.isDown = true;
    const next = reader.next();
    await settled();
    await reader.return();
    expect((await next).done).toBe(true);
  });

  it('frees what a channel takes that was just being opened', async () => {
    const [known, opened] = [11n, 12n].map(channelIdOf);
    const world = await openStreamWorld({ channelIds: [known, opened].flatMap((id) => id ?? []) });
    const reader = await world.stream.follow(ben, undefined, endless());
    await untilCaughtUp(reader);
    let goOn = () => {};
    world.store.beforeHeads = () =>
      new Promise((resolve) => {
        goOn = resolve;
      });
    const next = reader.next();
    await world.add(ben, opened);
    await settled();
    await reader.return();
    world.store.beforeHeads = async () => {};
    goOn();
    expect((await next).done).toBe(true);
    await settled();
    await world.clock.advance(lingerMs + 60_000);
    expect(world.hints.listening).toBe(0);
  });

  it('frees what it took when it could not find out whether a cursor is too high', async () => {
    const { stream, store, clock, hints, reader } = await following();
    await reader.return();
    const tooHigh = createCursorCodec('test').complete(ben, {
      epoch: 1,
      feed: 1,
      channels: [[channelId, 99]],
    });
    let heads = 0;
    store.beforeHeads = async () => {
      heads += 1;
      if (heads === 1) throw new Error('the store is down');
    };
    await expect(stream.follow(ben, [tooHigh], endless())).rejects.toThrow('down');
    store.beforeHeads = async () => {};
    await clock.advance(lingerMs + 60_000);
    expect(hints.listening).toBe(0);
  });

  it('frees everything when it could not even begin', async () => {
    const { stream, store, clock, hints, reader, cursor } = await following();
    await reader.return();
    await clock.advance(lingerMs + 60_000);
    store.isDown = true;
    const client = new AbortController();
    await expect(stream.follow(ben, [cursor], client.signal)).rejects.toThrow('down');
    await expect(stream.follow(ben, ['damaged'], client.signal)).rejects.toThrow('damaged');
    expect(getEventListeners(client.signal, 'abort')).toEqual([]);
    store.isDown = false;
    await clock.advance(lingerMs + 60_000);
    expect(hints.listening).toBe(0);
  });
});

describe('while the store is down', () => {
  it('a reader keeps its place, and goes on when it is back', async () => {
    const { stream, send, store, clock, cursor } = await following();
    // Behind the ring, so that every event has to be read.
    for (const n of upTo(300)) await send(`${n}`);
    const reader = await stream.follow(ben, [cursor], endless());
    store.isDown = true;
    const first = reader.next();
    await clock.advance(20_000);
    store.isDown = false;
    await clock.advance(2_000);
    expect((await first).value).toMatchObject({ event: { seq: 3 } });
    expect((await take(reader, 3)).map(nameOf)).toEqual(['4 2', '5 3', '6 4']);
  });

  it('a reader gives up after a minute, and says that it can be tried again', async () => {
    const { stream, send, store, clock, cursor } = await following();
    for (const n of upTo(300)) await send(`${n}`);
    const reader = await stream.follow(ben, [cursor], endless());
    store.isDown = true;
    const first = reader.next().catch((failure: unknown) => failure);
    await clock.advance(70_000);
    expect(await first).toMatchObject({ extensions: { code: 'UNAVAILABLE' } });
    expect((await reader.next()).done).toBe(true);
  });
});

it('a lost hint delays an event by 30 s at most', async () => {
  const { send, hints, clock, reader } = await following();
  hints.isDeaf = true;
  await send('unheard');
  const next = reader.next();
  await clock.advance(30_000);
  expect((await next).value).toMatchObject({ event: { seq: 3 } });
});

it('after an interruption of the bus everything is looked at at once', async () => {
  const { send, hints, interrupt, reader, touchViewer, touchContact } = await following();
  hints.isDeaf = true;
  await send('unheard');
  touchContact(ben, ada);
  touchViewer(ben);
  interrupt();
  const told = (await take(reader, 3)).map(nameOf);
  expect(told.sort()).toEqual(['3 unheard', `contact.changed ${ada}`, 'viewer.changed']);
});

it('a slow reader that took a page of the log does not get a text that was deleted since', async () => {
  const { stream, send, erase, cursor } = await following();
  for (const n of upTo(300)) await send(`secret ${n}`);
  const reader = await stream.follow(ben, [cursor], endless());
  expect((await take(reader, 1)).map(nameOf)).toEqual(['3 secret 1']);
  await erase(5);
  expect((await take(reader, 2)).map(nameOf)).toEqual(['4 secret 2', '5 message.sent']);
});

it('an event that was recorded twice comes once', async () => {
  const { stream, reader, send } = await following();
  const same = draft('once');
  await stream.record(channelId, same);
  expect(await stream.record(channelId, same)).toMatchObject({ deduplicated: true, event: { seq: 3 } });
  await send('next');
  expect((await take(reader, 2)).map(nameOf)).toEqual(['3 once', '4 next']);
});
