import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { channelIdOf } from '../ids.ts';
import { upTo } from '../ports/random.contract.ts';
import { lingerMs } from './lingering.ts';
import { maxWaiting } from './long-poll.ts';
import type { ChangesPage, Stream } from './stream.ts';
import {
  ada,
  ben,
  channelId,
  draft,
  nameOf,
  openStreamWorld,
  settled,
  untilCaughtUp,
} from './test/stream-world.ts';

const endless = () => new AbortController().signal;
const [here, there] = [channelId, channelIdOf(10n)];

async function cursorNow(stream: Stream, userId = ben): Promise<string> {
  const reader = await stream.follow(userId, undefined, endless());
  const [caughtUp] = await untilCaughtUp(reader);
  await reader.return();
  return caughtUp?.cursor ?? '';
}

/** Ben, who is in a channel with Ada, and asks for pages. */
async function asking() {
  const world = await openStreamWorld({ channelIds: [here, there] });
  await world.add(ada);
  await world.add(ben);
  const cursor = await cursorNow(world.stream);
  const ask = (options: { after?: string; first?: number; waitMs?: number; signal?: AbortSignal } = {}) => {
    const { after = cursor, first = 100, waitMs = 25_000, signal = endless() } = options;
    return world.stream.changes(ben, { after: [after], first, waitMs }, signal);
  };
  return { ...world, ask, cursor };
}

/** What a page says once it is there; undefined while it waits. */
async function stateOf(page: Promise<ChangesPage>): Promise<readonly string[] | undefined> {
  await settled();
  return Promise.race([page.then(({ events }) => events.map(nameOf)), settled().then(() => undefined)]);
}

describe('a page that may wait', () => {
  it('comes at once when there is something', async () => {
    const { ask, send } = await asking();
    await send('one');
    await send('two');
    expect(await stateOf(ask())).toEqual(['3 one', '4 two']);
    expect(await ask({ first: 1 })).toMatchObject({ events: [{ event: { seq: 3 } }], hasMore: true });
  });

  it('comes with the first event, and with all that came together with it', async () => {
    const { ask, stream, send } = await asking();
    const page = ask();
    expect(await stateOf(page)).toBeUndefined();
    await send('one');
    const { events, cursor, hasMore } = await page;
    expect([events.map(nameOf), hasMore]).toEqual([['3 one'], false]);
    const next = ask({ after: cursor });
    await settled();
    await Promise.all(['two', 'three', 'four'].map((body) => stream.record(here, draft(body))));
    expect(await stateOf(next)).toEqual(['4 two', '5 three', '6 four']);
  });

  it('is empty when nothing came in time, with a cursor to go on from', async () => {
    const { ask, send, clock } = await asking();
    const page = ask({ waitMs: 10_000 });
    await clock.advance(9_999);
    expect(await stateOf(page)).toBeUndefined();
    await clock.advance(1);
    const { events, cursor, hasMore } = await page;
    expect([events, hasMore]).toEqual([[], false]);
    await send('one');
    expect(await stateOf(ask({ after: cursor }))).toEqual(['3 one']);
  });

  it('does not wait without being told to', async () => {
    const { ask } = await asking();
    expect(await stateOf(ask({ waitMs: 0 }))).toEqual([]);
  });

  it('tells of a new channel, and waits for what happens there', async () => {
    const { ask, add, send } = await asking();
    const page = ask();
    await settled();
    await add(ben, there);
    const { events, cursor } = await page;
    expect(events.map(nameOf)[0]).toBe('viewer.channel true');
    const rest = await ask({ after: cursor, waitMs: 0 });
    const next = ask({ after: rest.cursor });
    expect(await stateOf(next)).toBeUndefined();
    await send('one', there);
    expect(await stateOf(next)).toEqual(['2 one']);
  });

  it('ends with the removal of its viewer, as `events` does', async () => {
    const { ask, remove, send, clock } = await asking();
    const page = ask();
    await settled();
    await remove(ben);
    await send('behind');
    const { events, cursor } = await page;
    expect(events.map(nameOf)).toEqual(['3 member.removed']);
    expect(events).toMatchObject([{ isShared: false }]);
    const next = ask({ after: cursor });
    await clock.advance(25_000);
    expect(await stateOf(next)).toEqual([]);
  });

  it('comes with what a lost hint would have told, 30 s later at most', async () => {
    const { ask, send, hints, clock } = await asking();
    hints.isDeaf = true;
    const page = ask({ waitMs: 60_000 });
    await settled();
    await send('unheard');
    await clock.advance(30_000);
    expect(await stateOf(page)).toEqual(['3 unheard']);
  });
});

describe('the end of a wait', () => {
  it('comes at once with the client, and frees everything', async () => {
    const { ask, clock, hints } = await asking();
    await clock.advance(lingerMs + 60_000);
    const client = new AbortController();
    const pages = upTo(10).map(() => ask({ signal: client.signal }));
    await settled();
    expect(hints.listening).toBe(2);
    client.abort();
    for (const page of pages) expect(await stateOf(page)).toEqual([]);
    expect(getEventListeners(client.signal, 'abort')).toEqual([]);
    await clock.advance(lingerMs + 60_000);
    expect(hints.listening).toBe(0);
  });

  it('comes at once with the stream, which says up to where it was', async () => {
    const { ask, stream, openOther, send } = await asking();
    const page = ask();
    await settled();
    const closing = stream.close();
    const { events, cursor } = await page;
    expect([events, await closing]).toEqual([[], true]);
    await send('behind');
    const after = [cursor];
    const elsewhere = await (await openOther()).changes(ben, { after, first: 10, waitMs: 0 }, endless());
    expect(elsewhere.events.map(nameOf)).toEqual(['3 behind']);
    expect(await stateOf(ask())).toEqual(['3 behind']);
  });

  it('is told to those who come when it is too late to wait: they would come again at once', async () => {
    const { ask, stream, cursor } = await asking();
    await stream.close();
    await expect(ask()).rejects.toMatchObject({ extensions: { code: 'UNAVAILABLE', retryAfterMs: 1_000 } });
    expect(await ask({ waitMs: 0 })).toMatchObject({ events: [], cursor });
  });

  it('leaves no timer behind, and while it waits there is one', async () => {
    const { ask, send, clock } = await asking();
    const sleep = vi.spyOn(clock, 'sleep');
    const page = ask();
    await settled();
    expect(sleep).toHaveBeenCalledTimes(1);
    const [ms, signal] = sleep.mock.calls[0] ?? [];
    expect([ms, signal?.aborted]).toEqual([25_000, false]);
    await send('one');
    await page;
    expect(signal?.aborted).toBe(true);
  });

  it('is an error when the store is down, and then nothing waits', async () => {
    const { ask, store, clock, hints } = await asking();
    await clock.advance(lingerMs + 60_000);
    store.isDown = true;
    await expect(ask()).rejects.toThrow('down');
    store.isDown = false;
    await clock.advance(lingerMs + 60_000);
    expect(hints.listening).toBe(0);
    for (const _ of upTo(maxWaiting + 1)) expect(await stateOf(ask({ waitMs: 0 }))).toEqual([]);
  });
});

describe('one person', () => {
  it('has so many waiting at once, and no more, until one of them ends', async () => {
    const { ask, stream } = await asking();
    const client = new AbortController();
    const first = ask({ signal: client.signal });
    const others = upTo(maxWaiting - 1).map(() => ask());
    await settled();
    await expect(ask()).rejects.toMatchObject({ extensions: { code: 'RATE_LIMITED', retryAfterMs: 1_000 } });
    // Others wait, and who does not wait needs no place.
    expect(await stateOf(ask({ waitMs: 0 }))).toEqual([]);
    const after = [await cursorNow(stream, ada)];
    expect(await stateOf(stream.changes(ada, { after, first: 1, waitMs: 1 }, endless()))).toBeUndefined();
    client.abort();
    await first;
    expect(await stateOf(ask())).toBeUndefined();
    expect(await stateOf(Promise.race(others))).toBeUndefined();
  });

  it('gives the place back also when it could not even begin', async () => {
    const { ask } = await asking();
    for (const _ of upTo(maxWaiting + 1)) await expect(ask({ after: 'damaged' })).rejects.toThrow('damaged');
    expect(await stateOf(ask())).toBeUndefined();
  });
});
