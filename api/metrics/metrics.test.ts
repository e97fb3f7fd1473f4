import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../prisma/package-root.ts';
import { createManualClock } from '../../schema/ports/clock.manual.ts';
import { upTo } from '../../schema/ports/random.contract.ts';
import { messageDelivery } from '../test/serving/feed.ts';
import {
  closeProduct,
  openServing,
  productOfFile,
  type Serving,
  type ServingOptions,
  viewerOf,
} from '../test/serving/serving.ts';
import { openSse } from '../test/serving/sse-client.ts';
import { openAcknowledged, openWire, subscribeFrame } from '../test/serving/wire-client.ts';
import { createMetrics } from './metrics.ts';

let serving: Serving | undefined;
afterEach(() => serving?.close());
afterAll(closeProduct);

/** A server that is measured. `value` is that of one line; undefined when there is none. */
async function measured(options: ServingOptions = {}) {
  const metrics = createMetrics({ documents: ['query Persisted { hello } mutation Second { say }'] });
  serving = await openServing({ ...options, metrics });
  const { server, feed, watch } = serving;
  const value = async (line: string) => {
    const found = (await metrics.text()).split('\n').find((one) => one.startsWith(`${line} `));
    return found === undefined ? undefined : Number(found.slice(line.length + 1));
  };
  const ask = async (body: object) => {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer ada' };
    await fetch(server.url, { method: 'POST', headers, body: JSON.stringify(body) }).then((r) => r.text());
  };
  return { metrics, server, feed, watch, value, ask };
}

const operations = (type: string, name: string, outcome: string) =>
  `parley_operations_total{type="${type}",name="${name}",outcome="${outcome}"}`;
const events = 'subscription { events { eventId } }';

describe('metrics', () => {
  it('count what is open, until it is closed', async () => {
    const { server, value } = await measured();
    const socket = await openAcknowledged(server.socketUrl, 'ada');
    const pending = await openWire(server.socketUrl);
    socket.send(subscribeFrame('a', events));
    const stream = await openSse(server.url, { token: 'ada', query: events });
    await expect.poll(() => value('parley_subscriptions_open')).toBe(2);
    expect(await value('parley_sockets_open')).toBe(2);
    expect(await value('parley_event_streams_open')).toBe(1);
    expect(await value('parley_sockets_pending')).toBe(1);
    expect(await value('parley_socket_operations')).toBe(1);
    stream.leave();
    await pending.close();
    await socket.close();
    await expect.poll(() => value('parley_subscriptions_open')).toBe(0);
    await expect.poll(() => value('parley_sockets_open')).toBe(0);
    await expect.poll(() => value('parley_event_streams_open')).toBe(0);
  });

  it('count people who are connected, once however often, and people who are watched', async () => {
    const { server, value } = await measured();
    const { presence } = await productOfFile();
    const sockets = [
      await openAcknowledged(server.socketUrl, 'ada'),
      await openAcknowledged(server.socketUrl, 'ada'),
    ];
    await expect.poll(() => value('parley_people_connected')).toBe(1);
    const stops = await Promise.all(upTo(2).map(() => presence.listen(viewerOf(2).id, () => undefined)));
    expect(await value('parley_people_watched')).toBe(1);
    for (const stop of stops) stop();
    expect(await value('parley_people_watched')).toBe(0);
    for (const socket of sockets) await socket.close();
    await expect.poll(() => value('parley_people_connected')).toBe(0);
  });

  it('count operations of both transports by type, known name and outcome', async () => {
    const { server, value, ask } = await measured();
    await ask({ query: '{ hello }' });
    await ask({ query: 'query Persisted { hello }' });
    await ask({ query: 'query Server { ours broken }' });
    await ask({ query: 'mutation Second { say(text: "x") }' });
    await ask({ query: '{ nothing }' });
    const socket = await openAcknowledged(server.socketUrl, 'ada');
    socket.send(subscribeFrame('a', 'query Persisted { hello }'));
    await socket.until(({ type }) => type === 'complete');
    socket.send(subscribeFrame('b', 'subscription Events { refused { eventId } }'));
    await socket.until(({ type }) => type === 'complete');
    expect(await value(operations('query', 'other', 'ok'))).toBe(1);
    expect(await value(operations('query', 'Persisted', 'ok'))).toBe(2);
    expect(await value(operations('query', 'Server', 'NOT_FOUND'))).toBe(1);
    expect(await value(operations('mutation', 'Second', 'ok'))).toBe(1);
    expect(await value(operations('invalid', 'other', 'BAD_USER_INPUT'))).toBe(1);
    expect(await value(operations('subscription', 'Events', 'FORBIDDEN'))).toBe(1);
    expect(await value('parley_operation_duration_seconds_count{type="query",name="Persisted"}')).toBe(2);
    await socket.close();
  });

  it('have no label that a client can choose, and none that tells of anybody', async () => {
    const { metrics, ask, server, feed } = await measured();
    await ask({ query: 'query Hush0 { echo(text: "hush") }' });
    const labels = async () => (await metrics.text()).match(/^parley_.*(?= )/gm)?.sort();
    const before = await labels();
    for (const nth of upTo(200)) await ask({ query: `query Hush${nth} { echo(text: "hush") }` });
    await ask({ query: '{ echo }', operationName: 'Hush\n# HELP hush' });
    const socket = await openAcknowledged(server.socketUrl, 'ada');
    socket.send(
      subscribeFrame(
        'hush',
        'subscription Hush { events { eventId ... on MessageSent { message { text } } } }',
      ),
    );
    await expect.poll(() => feed.liveReaders).toBe(1);
    feed.push(messageDelivery(1, { text: 'hush' }));
    await socket.next();
    const known = await labels();
    expect(known?.filter((label) => !before?.includes(label))).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/[Hh]ush/)]),
    );
    expect((known?.length ?? 0) - (before?.length ?? 0)).toBeLessThan(30);
    expect(await metrics.text()).not.toMatch(/hush|Bearer|"ada"|usr|chn7|127\.0\.0\.1/i);
    await socket.close();
  });

  it('count whoever meets a limit, by the name of the limit', async () => {
    const { server, metrics, value } = await measured({
      operationsPerSocket: 1,
      limits: { socketsPerUser: 1, socketsPerAddress: 3, framesPerSecond: 1, framesBurst: 4, floodMs: 1 },
    });
    const socket = await openAcknowledged(server.socketUrl, 'ada');
    for (const id of ['a', 'b']) socket.send(subscribeFrame(id, events));
    await socket.until(({ type }) => type === 'error');
    expect(await value('parley_refusals_total{by="operations-of-socket"}')).toBe(1);
    const second = await openWire(server.socketUrl);
    second.send({ type: 'connection_init', payload: { authorization: 'Bearer ada' } });
    await second.closed;
    expect(await value('parley_refusals_total{by="sockets-of-person"}')).toBe(1);
    for (const id of upTo(10)) socket.send(subscribeFrame(`${id}`, '{ hello }'));
    await socket.closed;
    expect(await value('parley_refusals_total{by="frames-of-socket"}')).toBe(1);
    const others = await Promise.all(upTo(4).map(() => openWire(server.socketUrl)));
    await expect.poll(() => value('parley_refusals_total{by="sockets-of-address"}')).toBe(1);
    for (const other of others) await other.close();
    expect(await metrics.text()).not.toContain('by="undefined"');
  });

  it('count who is let in, and who is not because too many come at once', async () => {
    const clock = createManualClock(1_000_000);
    const { server, value } = await measured({ clock, limits: { socketsPerSecond: 1, socketsBurst: 3 } });
    const asked = { token: 'ada', query: events };
    const sockets = await Promise.all(upTo(2).map(() => openAcknowledged(server.socketUrl)));
    const stream = await openSse(server.url, asked);
    expect(await value('parley_sockets_admitted_total')).toBe(3);
    for (const late of await Promise.all(upTo(4).map(() => openWire(server.socketUrl))))
      expect(await late.closed).toMatchObject({ code: 1013 });
    expect((await (await openSse(server.url, asked)).next()).data).toMatchObject({
      errors: [{ extensions: { code: 'RATE_LIMITED' } }],
    });
    expect(await value('parley_refusals_total{by="sockets-at-once"}')).toBe(5);
    await clock.advance(1_000);
    sockets.push(await openAcknowledged(server.socketUrl));
    expect(await value('parley_sockets_admitted_total')).toBe(4);
    stream.leave();
    for (const socket of sockets) await socket.close();
  });

  it('know how long an event takes to a socket, but not of those that came before their subscriber', async () => {
    const { server, feed, value } = await measured();
    const socket = await openAcknowledged(server.socketUrl, 'ada');
    socket.send(subscribeFrame('a', events));
    await expect.poll(() => feed.liveReaders).toBe(1);
    feed.push(messageDelivery(1));
    feed.push({ ...messageDelivery(2), at: Date.now() });
    feed.push({ type: 'checkpoint', eventId: 'c', cursor: 'c', at: Date.now() });
    for (const _ of upTo(3)) await socket.next();
    expect(await value('parley_stream_lag_seconds_count')).toBe(1);
    expect(await value('parley_stream_lag_seconds_bucket{le="30"}')).toBe(1);
    await socket.close();
  });

  it('are all explained to whoever runs a server, and no others are', async () => {
    const names = [...(await createMetrics().text()).matchAll(/^# TYPE (parley_\w+)/gm)].map(
      ([, name]) => name,
    );
    const guide = await readFile(join(packageRoot, 'docs', 'operations.md'), 'utf8');
    const rows = guide.match(/^\| `parley_.*/gm)?.flatMap((row) => row.split('|')[1] ?? []) ?? [];
    const explained = rows.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    expect(explained.toSorted()).toEqual(names.toSorted());
  });

  it('are in the text format of Prometheus, with the process and its event loop', async () => {
    const { metrics, value } = await measured();
    const text = await metrics.text();
    const format = /^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"\n]*",?)+\})? (-?[\d.e+-]+|Nan|NaN|\+Inf))$/;
    expect(text.split('\n').filter((line) => line !== '' && !format.test(line))).toEqual([]);
    const names = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(await value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(names).toContain('nodejs_eventloop_lag_p99_seconds');
  });
});
