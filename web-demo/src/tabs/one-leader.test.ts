import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChatEvent } from '../sync/apply-event.ts';
import { createWritable } from '../sync/readable.ts';
import { createLocks } from '../test/locks.ts';
import { type Connection, openStream } from './one-leader.ts';

/** A server with a log of numbered events, and the tabs of one browser that follow it. */
function createBrowser() {
  const log: number[] = [];
  const subscribers = new Set<(event: ChatEvent) => void>();
  const locks = createLocks();
  const name = crypto.randomUUID();
  const tabs: { close(): void }[] = [];
  let caughtUp = () => Promise.resolve();
  const eventOf = (number: number): ChatEvent => ({
    ...{ __typename: 'MessageSent', eventId: `${number}`, cursor: `${number}`, at: '', channelId: 'c' },
    ...{ channel: null, messageId: `${number}`, message: null },
  });
  const end: ChatEvent = { __typename: 'CaughtUp', eventId: 'end', cursor: 'whole', at: '' };

  function openTab({ isVisible = true } = {}) {
    const socket = createWritable<Connection>('live');
    const taken: number[] = [];
    const leading: boolean[] = [];
    const stream = openStream({
      name,
      locks,
      socket,
      isVisible: () => isVisible,
      onLeading: (isLeading) => leading.push(isLeading),
      take: ({ __typename, eventId }) => {
        if (__typename === 'MessageSent') taken.push(Number(eventId));
      },
      subscribe(next) {
        let isOver = false;
        const from = taken.at(-1) ?? 0;
        void caughtUp().then(() => {
          if (isOver) return;
          subscribers.add(next);
          for (const number of log.filter((one) => one > from)) next(eventOf(number));
          next(end);
        });
        return () => {
          isOver = true;
          subscribers.delete(next);
        };
      },
    });
    const tab = { stream, taken, leading, socket, close: () => stream.close() };
    tabs.push(tab);
    return tab;
  }
  return {
    openTab,
    subscribers,
    /** Makes catching up take until `go` is called. */
    slowDown() {
      let go = () => {};
      const gone = new Promise<void>((resolve) => {
        go = resolve;
      });
      caughtUp = () => gone;
      return () => go();
    },
    say(number: number) {
      log.push(number);
      for (const next of [...subscribers]) next(eventOf(number));
    },
    close: () => tabs.splice(0).forEach((tab) => void tab.close()),
  };
}

let browser: ReturnType<typeof createBrowser>;
beforeEach(() => {
  browser = createBrowser();
});
afterEach(() => {
  vi.useRealTimers();
  browser.close();
});

const isLeading = ({ leading }: { readonly leading: readonly boolean[] }) => leading.at(-1) === true;
async function openTwo() {
  const leader = browser.openTab();
  await vi.waitFor(() => expect(isLeading(leader) && browser.subscribers.size === 1).toBe(true));
  const other = browser.openTab();
  await vi.waitFor(() => expect(other.stream.connection.get()).toBe('live'));
  await vi.waitFor(() => expect(browser.subscribers.size).toBe(1));
  return { leader, other };
}
const unique = (numbers: readonly number[]) => [...new Set(numbers)];

describe('Of the tabs of one browser', () => {
  it('one alone leads, and takes everything once and in order', async () => {
    const tab = browser.openTab();
    await vi.waitFor(() => expect(browser.subscribers.size).toBe(1));
    for (const number of [1, 2, 3]) browser.say(number);
    expect(tab.taken).toEqual([1, 2, 3]);
    expect(tab.stream.connection.get()).toBe('live');
  });

  it('one has the subscription, and all take every event once', async () => {
    const { leader, other } = await openTwo();
    for (const number of [1, 2, 3]) browser.say(number);
    await vi.waitFor(() => expect(other.taken).toEqual([1, 2, 3]));
    expect(leader.taken).toEqual([1, 2, 3]);
    expect(browser.subscribers.size).toBe(1);
  });

  it('a new one catches up by itself, and loses nothing that is told meanwhile', async () => {
    const leader = browser.openTab();
    await vi.waitFor(() => expect(isLeading(leader) && browser.subscribers.size === 1).toBe(true));
    for (const number of [1, 2]) browser.say(number);
    const go = browser.slowDown();
    const other = browser.openTab();
    browser.say(3);
    await new Promise((resolve) => setImmediate(resolve));
    go();
    browser.say(4);
    await vi.waitFor(() => expect(unique(other.taken)).toEqual([1, 2, 3, 4]));
    await vi.waitFor(() => expect(browser.subscribers.size).toBe(1));
    browser.say(5);
    await vi.waitFor(() => expect(unique(other.taken)).toEqual([1, 2, 3, 4, 5]));
  });

  it('another one leads when the first is closed, and goes on where it was', async () => {
    const { leader, other } = await openTwo();
    browser.say(1);
    await vi.waitFor(() => expect(other.taken).toEqual([1]));
    leader.close();
    browser.say(2); // heard by nobody
    await vi.waitFor(() => expect(isLeading(other)).toBe(true));
    browser.say(3);
    await vi.waitFor(() => expect(unique(other.taken)).toEqual([1, 2, 3]));
  });

  it('all show the connection of the one that leads', async () => {
    const { leader, other } = await openTwo();
    leader.socket.set('offline');
    await vi.waitFor(() => expect(other.stream.connection.get()).toBe('offline'));
    leader.socket.set('live');
    await vi.waitFor(() => expect(other.stream.connection.get()).toBe('catchingUp'));
  });

  it('one that somebody looks at takes over from one that was put to sleep', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'Date'] });
    const asleep = browser.openTab({ isVisible: false });
    await vi.waitFor(() => expect(isLeading(asleep)).toBe(true));
    const seen = browser.openTab();
    await vi.waitFor(() => expect(seen.stream.connection.get()).toBe('live'));
    // The clock of the one that sleeps stands still: here it just does not tell any more.
    vi.spyOn(BroadcastChannel.prototype, 'postMessage').mockImplementation(() => undefined);
    vi.advanceTimersByTime(15_000);
    vi.restoreAllMocks();
    await vi.waitFor(() => expect(isLeading(seen)).toBe(true));
    await vi.waitFor(() => expect(isLeading(asleep)).toBe(false));
    browser.say(1);
    await vi.waitFor(() => expect(unique(seen.taken)).toEqual([1]));
  });
});
