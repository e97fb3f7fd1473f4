import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../schema/ports/clock.manual.ts';
import { messageDelivery } from '../test/serving/feed.ts';
import { closeProduct, openServing, type Serving, signedIn, viewerOf } from '../test/serving/serving.ts';
import { openSse } from '../test/serving/sse-client.ts';

let clock: ManualClock;
let serving: Serving;
beforeEach(async () => {
  clock = createManualClock(1_000_000);
  serving = await openServing({ clock, settings: { SOCKETS_PER_USER: '2' } });
  serving.tokens.set('short', signedIn(1, new Date(1_005_000)));
});
afterEach(async () => {
  const closed = serving.close();
  await clock.advance(2_000);
  await closed;
});
afterAll(closeProduct);

const events = 'subscription { events { eventId ... on MessageSent { message { number isMine } } } }';

const open = (query = events) => openSse(serving.server.url, { query, token: 'short' });

describe('a subscription over SSE', () => {
  it('brings each event once, in order, each executed in a scope of its own, and completes with its source', async () => {
    const { response, next } = await open();
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    expect(serving.watched.size).toBe(1);
    for (const seq of [1, 2, 3]) serving.feed.push(messageDelivery(seq));
    for (const seq of [1, 2, 3]) {
      const data = { data: { events: { eventId: `chn7.${seq}`, message: { number: seq, isMine: true } } } };
      expect(await next()).toEqual({ event: 'next', data });
    }
    expect(new Set(serving.watch.scopes).size).toBe(4);
    serving.feed.end();
    expect(await next()).toEqual({ event: 'complete', data: undefined });
    expect(serving.watched.size).toBe(0);
  });

  it('gives its reader back when the client leaves', async () => {
    const { leave } = await open();
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    leave();
    await expect.poll(() => serving.feed.liveReaders).toBe(0);
  });

  it.for([
    ['its token expires', () => clock.advance(5_000)],
    ['its session is revoked', () => serving.revoke(viewerOf(1).sessionId)],
  ] as const)('says why and ends when %s', async ([, happens]) => {
    const { next } = await open();
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    await happens();
    expect(await next()).toMatchObject({ data: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } });
    expect(await next()).toMatchObject({ event: 'complete' });
    await expect.poll(() => serving.feed.liveReaders).toBe(0);
  });

  it('takes a place of its person, and gives it back', async () => {
    const [first] = [await open(), await open()];
    const third = await open();
    expect(await third.next()).toMatchObject({
      data: { errors: [{ extensions: { code: 'RATE_LIMITED' } }] },
    });
    await expect.poll(() => serving.feed.liveReaders).toBe(2);
    first.leave();
    await expect.poll(() => serving.feed.liveReaders).toBe(1);
    const fourth = await open();
    await expect.poll(() => serving.feed.liveReaders).toBe(2);
    serving.feed.push(messageDelivery(1));
    expect(await fourth.next()).toMatchObject({ data: { data: { events: { eventId: 'chn7.1' } } } });
  });

  it('is refused like any other operation', async () => {
    const { next } = await open('subscription { refused { eventId } }');
    expect(await next()).toMatchObject({ data: { errors: [{ extensions: { code: 'FORBIDDEN' } }] } });
  });
});
