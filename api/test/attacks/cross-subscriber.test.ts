import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { incomingId } from '../../../schema/ids.ts';
import { sendMessage } from '../../../schema/message/send-message.ts';
import { createRandom, upTo } from '../../../schema/ports/random.contract.ts';
import type { Person } from '../../../schema/test/world.ts';
import { clientOf } from '../product/talker.ts';
import { documents, type Listener, listen, type Tag, textOf } from './audience.ts';
import { openProductServer, type ProductServer } from './product-server.ts';

// Many people with private channels on one server, whose sockets stall and go on as they like. Every message says who may read it.

const sizes = { people: 10, socketsEach: 4, channels: 12, deliveries: 100_000 };

let serving: ProductServer;
beforeAll(async () => {
  // On a machine that does this and much else, a stalled socket may have to wait longer than one that is dead.
  serving = await openProductServer({ heartbeatMs: 600_000, congestedMs: 600_000 });
}, 60_000);
afterAll(() => serving.close());

type Channel = {
  readonly id: string;
  readonly name: string;
  readonly members: readonly Person[];
  /** Said before the last of the members came. */
  readonly old: string;
  /** Said to all of them. */
  readonly recent: string;
  serial: number;
};

type Cast = { readonly people: readonly Person[]; readonly random: () => number };
const idsOf = (people: readonly Person[]) => people.map(({ userId }) => userId);

/** From three to eight of them, in an order of their own; the last came later, and sees nothing of before. */
async function openChannel({ people, random }: Cast, number: number): Promise<Channel> {
  const shuffled = people.map((person) => ({ person, at: random() })).sort((a, b) => a.at - b.at);
  const members = shuffled.slice(0, 3 + Math.floor(random() * 6)).map(({ person }) => person);
  const [owner, ...others] = members;
  const late = others.pop();
  if (owner === undefined || late === undefined) throw new Error('Nobody is there.');
  const name = `Channel ${number}`;
  const client = clientOf(owner);
  const { channel } = await client.createGroup(idsOf(others), { name });
  const say = async (to: readonly Person[], serial: number) =>
    (await client.send(channel.id, textOf({ to: idsOf(to), channel: name, serial }))).message.id;
  const old = await say([owner, ...others], 1);
  await client.add(channel.id, late.userId);
  return { id: channel.id, name, members, old, recent: await say(members, 2), serial: 2 };
}

/** One message of one of the members; one in three answers what all of them saw, one in three what the last of them did not. */
async function say(channel: Channel, random: () => number): Promise<number> {
  const author = channel.members[Math.floor(random() * channel.members.length)];
  if (author === undefined) throw new Error('Nobody is there.');
  channel.serial += 1;
  const tag: Tag = { to: idsOf(channel.members), channel: channel.name, serial: channel.serial };
  const replyTo = [channel.old, channel.recent, undefined][channel.serial % 3];
  // Whoever came last cannot answer what they cannot see.
  const mayAnswer = replyTo !== channel.old || author !== channel.members.at(-1);
  const sent = await sendMessage(author.scope, {
    channelId: incomingId(channel.id),
    text: textOf(tag),
    nonce: `n${channel.serial}`,
    ...(replyTo !== undefined && mayAnswer && { replyToId: incomingId(replyTo) }),
  });
  if (!('message' in sent)) throw new Error(`Not sent: ${JSON.stringify(sent)}`);
  return channel.members.length * sizes.socketsEach;
}

describe('A19: what is for one subscriber', () => {
  it('never reaches another, and reaches that one whole and in order, whoever stalls', async () => {
    const seed = Date.now() % 1_000_000;
    process.stdout.write(`Seed of the audiences: ${seed}.\n`);
    const random = createRandom(seed);
    const people = await Promise.all(upTo(sizes.people).map(() => serving.world.signUp()));
    const channels = await Promise.all(upTo(sizes.channels).map((n) => openChannel({ people, random }, n)));
    const listeners = await Promise.all(
      people.flatMap((person, index) =>
        upTo(sizes.socketsEach).map((n) =>
          listen(serving.server.socketUrl, person, documents[n === 1 && index < 4 ? 1 : 0]),
        ),
      ),
    );
    const deliveries = await talk({ channels, listeners, random });
    await settled(listeners, deliveries);
    expect(
      listeners.flatMap(({ wrong }) => wrong),
      `Seed ${seed}`,
    ).toEqual([]);
    for (const { userId, seen } of listeners)
      expect(new Map([...seen].sort()), `Seed ${seed}`).toEqual(expectedFor(userId, channels));
    const total = (of: (listener: Listener) => number) => listeners.reduce((sum, one) => sum + of(one), 0);
    expect(total(({ counts }) => counts.answered)).toBeGreaterThan(1_000);
    expect(total(({ counts }) => counts.hidden)).toBeGreaterThan(1_000);
    for (const listener of listeners) listener.close();
  }, 180_000);
});

type Play = {
  readonly channels: readonly Channel[];
  readonly listeners: readonly Listener[];
  readonly random: () => number;
};

/** Everybody talks at once, and after each round some stop reading and some begin again. Resolves with how often that is delivered. */
async function talk({ channels, listeners, random }: Play): Promise<number> {
  let deliveries = 0;
  while (deliveries < sizes.deliveries) {
    const round = channels.map(async (channel) => {
      let count = 0;
      for (const _ of upTo(4)) count += await say(channel, random);
      return count;
    });
    for (const count of await Promise.all(round)) deliveries += count;
    for (const listener of listeners) {
      if (random() < 0.2) listener.stall();
      else if (random() < 0.3) listener.resume();
    }
  }
  const stalled = listeners.map((listener) => ({ listener, at: random() })).sort((a, b) => a.at - b.at);
  for (const { listener } of stalled) listener.resume();
  process.stdout.write(`${deliveries} deliveries to ${listeners.length} sockets.\n`);
  return deliveries;
}

const settled = (listeners: readonly Listener[], deliveries: number) =>
  expect
    .poll(() => listeners.reduce((sum, { counts }) => sum + counts.delivered, 0), {
      timeout: 120_000,
      interval: 100,
    })
    .toBe(deliveries);

/** Of every channel that they are in: the last serial, and each one since they began to listen. */
const expectedFor = (userId: string, channels: readonly Channel[]) =>
  new Map(
    channels
      .filter(({ members }) => members.some((member) => member.userId === userId))
      .map(({ name, serial }) => [name, { serial, count: serial - 2 }] as const)
      .sort(),
  );
