import { once } from 'node:events';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channelIdOf } from '../../schema/ids.ts';
import { closeProduct, openServing, type Serving } from '../test/serving/serving.ts';
import { openAcknowledged, subscribeFrame } from '../test/serving/wire-client.ts';
import { createHearing } from './hearing.ts';

function held() {
  let resolve = () => {};
  const promise = new Promise<void>((onResolve) => {
    resolve = onResolve;
  });
  return { promise, resolve };
}
const ticks = async () => {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
};

/** A socket whose pings are seen, with answers and frames that take as long as the test wants. */
function world() {
  const pings: Buffer[] = [];
  const [answered, passed]: [ReturnType<typeof held>[], ReturnType<typeof held>[]] = [[], []];
  const wait = (where: ReturnType<typeof held>[]) => () => {
    const one = held();
    where.push(one);
    return one.promise;
  };
  const hearing = createHearing({
    webSocket: { ping: (bytes: Buffer) => pings.push(bytes) },
    answers: { settled: wait(answered) },
    inbox: { passed: wait(passed) },
  });
  const heard: string[] = [];
  const ask = (name: string) => void hearing.heard().then(() => heard.push(name));
  const go = async (what: { readonly resolve: () => void } | undefined) => {
    what?.resolve();
    await ticks();
  };
  const pong = async (bytes = pings.at(-1)) => {
    hearing.onPong(bytes ?? Buffer.alloc(0));
    await ticks();
  };
  return { pings, answered, passed, heard, ask, go, pong };
}

describe('whether an answer is known on the other side', () => {
  it('is asked behind the answer, and true when what came before the pong has been answered', async () => {
    const { pings, answered, passed, heard, ask, go, pong } = world();
    ask('first');
    await ticks();
    expect(pings).toHaveLength(0);
    await go(answered[0]);
    expect(pings).toHaveLength(1);
    await pong();
    await go(passed[0]);
    expect(heard).toEqual([]);
    await go(answered[1]);
    expect(heard).toEqual(['first']);
  });

  it('is not said by a pong with other bytes, or that nobody asked for', async () => {
    const { passed, answered, ask, go, pong } = world();
    await pong(Buffer.alloc(0));
    ask('first');
    await ticks();
    await go(answered[0]);
    for (const bytes of [Buffer.alloc(8), Buffer.alloc(0)]) await pong(bytes);
    expect(passed).toHaveLength(0);
    await pong();
    expect(passed).toHaveLength(1);
  });

  it('takes one ping for all that are answered before it, and another one behind that for the others', async () => {
    const { pings, answered, passed, heard, ask, go, pong } = world();
    for (const name of ['first', 'second']) ask(name);
    await ticks();
    await go(answered[0]);
    for (const name of ['third', 'fourth']) ask(name);
    await ticks();
    expect(pings).toHaveLength(1);
    await pong();
    await go(passed[0]);
    await go(answered[1]);
    expect(heard).toEqual(['first', 'second']);
    await go(answered[2]);
    expect(pings).toHaveLength(2);
    await pong();
    await go(passed[1]);
    await go(answered[3]);
    expect(heard).toEqual(['first', 'second', 'third', 'fourth']);
  });
});

describe('on a real socket', () => {
  let serving: Serving;
  beforeEach(async () => {
    serving = await openServing();
  });
  afterEach(() => serving.close());
  afterAll(closeProduct);

  it('what comes behind a send that failed fails, too, until the other side has answered a ping', async () => {
    const client = await openAcknowledged(serving.server.socketUrl, 'ada', { autoPong: false });
    client.send(subscribeFrame('a', 'subscription { events { eventId } }'));
    await expect.poll(() => serving.watch.scopes.length).toBe(1);
    const inOrder = serving.watch.scopes[0]?.inOrder;
    if (inOrder === undefined) throw new Error('No scope.');
    const send = (nonce: string, failure?: Error) =>
      inOrder(
        { channelId: channelIdOf(7n), nonce },
        async () => undefined,
        async () => (failure === undefined ? nonce : Promise.reject(failure)),
      );
    const asked = once(client.webSocket, 'ping');
    const failure = new Error('unavailable');
    await expect(send('first', failure)).rejects.toBe(failure);
    const [bytes] = await asked;
    await expect(send('second')).rejects.toBe(failure);
    client.webSocket.pong(bytes);
    await expect.poll(() => send('second').catch(() => 'refused')).toBe('second');
    await client.close();
  });
});
