import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ChannelId, incomingId, type UserId } from '../../../schema/ids.ts';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { openWorld, type World } from '../world.ts';
import { placedFields, type Reading, readingBy, say } from './reading.ts';
import { many, statementsDuring } from './statements-of.ts';

const clock = createManualClock(Date.UTC(2030, 0, 1));
let world: World;
let people: readonly Reading[];
let channelId: ChannelId;
/** A group of 100 people, in which 30 messages have been said. */
beforeAll(async () => {
  // Time stands still: nothing that is done now and then sends statements of its own.
  world = await openWorld({ log: 'postgres', clock });
  people = await Promise.all(upTo(100).map(async () => readingBy(await world.signUp())));
  const [ada, ...others] = people;
  if (!ada) throw new Error('Nobody is there.');
  channelId = incomingId((await ada.createGroup(others.map(({ userId }) => userId))).channel.id);
  await say(ada, channelId, 30);
}, 120_000);
afterAll(() => world.close());

/** All at once, as one round writes it. */
async function read(number: number, readers: readonly { readonly userId: UserId }[]): Promise<void> {
  const marks = readers.map(({ userId }) => world.product.stream.mark(channelId, userId, { read: number }));
  await clock.advance(100);
  await Promise.all(marks);
}

it('marks of a hundred people cost as much as one: a round reads once and writes once', async () => {
  for (const [index, readers] of [people.slice(1, 2), people.slice(1)].entries()) {
    const { statements } = await statementsDuring(() => read(3 + index, readers));
    expect(statements.length, many(statements)).toBeLessThanOrEqual(4);
    expect(statements.filter((text) => text.includes('write_positions'))).toHaveLength(1);
  }
});

it('`PositionsChanged` takes three statements, however many members it is about', async () => {
  const [ada] = people;
  if (!ada) throw new Error('Nobody is there.');
  const document = `subscription { event: events { __typename
    ... on PositionsChanged { channelId members { ${placedFields} user { handle displayName } } } } }`;
  type Event = { readonly __typename: string; readonly members?: readonly object[] };
  const events = await ada.subscribe<{ event: Event }>(document);
  expect((await events.next()).value?.data.event.__typename).toBe('CaughtUp');
  for (const [index, movers] of [people.slice(1, 2), people.slice(1)].entries()) {
    await read(10 + index, movers);
    const { result, statements } = await statementsDuring(() => events.next());
    expect(result.value?.data.event.members).toHaveLength(movers.length);
    expect(statements.length, many(statements)).toBeLessThanOrEqual(3);
  }
  await events.return?.();
});
