import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { upTo } from '../../schema/ports/random.contract.ts';
import type { Person } from '../../schema/test/world.ts';
import { openProductServer, type ProductServer } from '../test/attacks/product-server.ts';
import { placedFields, placesOf, type Reading, readingBy, say, type Told } from '../test/product/reading.ts';
import { statementsDuring } from '../test/product/statements-of.ts';
import { openSse } from '../test/serving/sse-client.ts';
import { openAcknowledged, subscribeFrame } from '../test/serving/wire-client.ts';

// Positions on their way to many: over a socket, where one execution serves all, and over SSE, where each has their own.

let serving: ProductServer;
beforeAll(async () => {
  serving = await openProductServer({}, {}, { log: 'postgres' });
});
afterAll(() => serving.close());
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const document = `subscription { event: events { __typename eventId cursor at
  ... on ChannelEvent { channelId channel { id name lastNumber } }
  ... on PositionsChanged { members { ${placedFields} role user { id handle displayName } } } } }`;
type Listening = { next(): Promise<Told> };

/** The next of these events; whatever else comes is passed over. */
async function nextOf(read: () => Promise<unknown>, typename: string): Promise<Told> {
  for (;;) {
    const { data, errors } = (await read()) as { data: { event: Told }; errors?: unknown };
    expect(errors).toBeUndefined();
    if (data.event.__typename === typename) return data.event;
  }
}

/** One device that listens over a socket. */
async function listen({ session: { accessToken } }: Person): Promise<Listening> {
  const socket = await openAcknowledged(serving.server.socketUrl, accessToken);
  closers.push(() => socket.close());
  socket.send(subscribeFrame('a', document));
  const next = async () => (await socket.next()).payload;
  await nextOf(next, 'CaughtUp');
  return { next: () => nextOf(next, 'PositionsChanged') };
}

/** The same over SSE. */
async function listenPlainly({ session: { accessToken: token } }: Person): Promise<Listening> {
  const sse = await openSse(serving.server.url, { query: document, token });
  closers.push(() => sse.leave());
  const next = async () => (await sse.next()).data;
  await nextOf(next, 'CaughtUp');
  return { next: () => nextOf(next, 'PositionsChanged') };
}

/** People in one group, in which the first has said ten things. */
async function crew(count: number) {
  const people = await Promise.all(upTo(count).map(() => serving.world.signUp()));
  const talkers: readonly Reading[] = people.map(readingBy);
  const [first] = talkers;
  if (!first) throw new Error('Nobody is there.');
  const { id } = (await first.createGroup(talkers.slice(1).map(({ userId }) => userId))).channel;
  await say(first, id, 10);
  return { people, talkers, id };
}

describe('`PositionsChanged`', () => {
  it('says the same to each viewer as an execution of their own: to the member themselves all, to others what is shared', async () => {
    const { people, talkers, id } = await crew(3);
    const [, bob] = talkers;
    if (!bob) throw new Error('Nobody is there.');
    const both = await Promise.all(
      people.map(async (one) => [await listen(one), await listenPlainly(one)] as const),
    );
    /** What everybody is told now of where Bob is: the same by both ways. */
    const told = () =>
      Promise.all(
        both.map(async (ways) => {
          const [shared, own] = await Promise.all(ways.map(({ next }) => next()));
          expect(shared).toEqual(own);
          expect(shared?.channel).toMatchObject({ id, lastNumber: 10 });
          return placesOf(shared?.members ?? [])[bob.userId];
        }),
      );
    await bob.reads.markRead(id, 4);
    expect(await told()).toEqual([
      [4, 4],
      [4, 4],
      [4, 4],
    ]);
    await bob.reads.share(false);
    expect(await told()).toEqual([
      [null, null],
      [4, 4],
      [null, null],
    ]);
    await bob.reads.share(true);
    expect(await told()).toEqual([
      [4, 4],
      [4, 4],
      [4, 4],
    ]);
  });

  it('is executed once for all the others, however many of them listen', async () => {
    const { people, talkers, id } = await crew(6);
    const [, bob] = talkers;
    if (!bob) throw new Error('Nobody is there.');
    const others = people.filter(({ userId }) => userId !== bob.userId);
    const listening: Listening[] = [];
    const counts: number[] = [];
    for (const [index, devices] of [1, 3].entries()) {
      for (const person of others) for (const _ of upTo(devices)) listening.push(await listen(person));
      const { statements } = await statementsDuring(async () => {
        await bob.reads.markRead(id, 3 + index);
        const all = await Promise.all(listening.map(({ next }) => next()));
        expect(new Set(all.map(({ eventId }) => eventId)).size).toBe(1);
        for (const { members } of all)
          expect(placesOf(members ?? [])[bob.userId]).toEqual([3 + index, 3 + index]);
      });
      counts.push(statements.filter((text) => text.includes('WHERE m.id = ANY')).length);
    }
    expect(listening).toHaveLength(20);
    expect(counts).toEqual([1, 1]);
  });
});
