import { afterEach, describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../schema/limits.ts';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { defaultRateLimits } from '../../../schema/rate-limits.ts';
import { maxWatched } from '../../../schema/shares.ts';
import { clientOf, talkerOf } from '../product/talker.ts';
import { type TypingTold, typingDocuments, writingOf } from '../product/writing.ts';
import { openAcknowledged, subscribeFrame } from '../serving/wire-client.ts';
import { openWorld } from '../world.ts';
import { openProductServer } from './product-server.ts';

// Whether people are there and write is kept in memory, and told as it happens: nobody gets more of that than there is for one.

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function openTown(options: Parameters<typeof openWorld>[0] = {}) {
  const clock = createManualClock(Date.UTC(2030, 0, 1));
  const world = await openWorld({ clock, ...options });
  closers.push(world.close);
  return { world, clock };
}

const atOnce = defaultLimits.presenceWatch;
/** Ids that could be of people, or of channels. */
const idsOf = (type: 'usr' | 'chn', many: number) => upTo(many).map((n) => `${type}${n}`);
const watching = {
  presence: { type: 'usr', query: 'subscription ($ids: [ID!]!) { presence(userIds: $ids) { __typename } }' },
  typing: { type: 'chn', query: 'subscription ($ids: [ID!]!) { typing(channelIds: $ids) { __typename } }' },
} as const;

describe.each(['presence', 'typing'] as const)('Q5: watching thousands by `%s`', (what) => {
  const { type, query } = watching[what];

  it('is refused by one more id than the server says, and nothing is kept of that', async () => {
    const { world } = await openTown();
    const [ada, { shares }] = [await world.signUp(), world.product[what]];
    await expect(ada.subscribe(query, { ids: idsOf(type, atOnce + 1) })).rejects.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    });
    expect(shares.total).toBe(0);
  });

  it('is refused by all subscriptions of a person together, until one of them ends; others watch on', async () => {
    const { server, world, close } = await openProductServer();
    closers.push(close);
    const [ada, bob] = [await world.signUp(), await world.signUp()];
    const { shares } = world.product[what];
    const open = ({ session: { accessToken } }: typeof ada) =>
      openAcknowledged(server.socketUrl, accessToken);
    const [first, second, other] = [await open(ada), await open(ada), await open(bob)];
    const variables = { ids: idsOf(type, atOnce) };
    const full = maxWatched / atOnce;
    for (const n of upTo(full)) first.send(subscribeFrame(`${n}`, query, variables));
    await expect.poll(() => shares.total).toBe(maxWatched);
    // On whatever socket they ask.
    for (const n of upTo(30)) second.send(subscribeFrame(`${n}`, query, variables));
    const refused = new Set<string>();
    for (const _ of upTo(30)) {
      const { id = '', payload } = await second.until(({ type: kind }) => kind === 'next');
      expect(payload).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
      refused.add(id);
    }
    expect([refused.size, shares.total]).toEqual([30, maxWatched]);
    other.send(subscribeFrame('a', query, variables));
    await expect.poll(() => shares.total).toBe(maxWatched + atOnce);
    first.send({ id: '1', type: 'complete' });
    await expect.poll(() => shares.total).toBe(maxWatched);
    second.send(subscribeFrame('again', query, variables));
    await expect.poll(() => shares.total).toBe(maxWatched + atOnce);
    for (const client of [first, second, other]) await client.close();
    await expect.poll(() => shares.total).toBe(0);
  });
});

describe('Q3: saying all the time that one writes, or turns to the device', () => {
  it.for(['setTyping', 'setActivity'] as const)('%s is refused for the rest of the minute', async (name) => {
    const { world, clock } = await openTown();
    const [ada, bob] = [await world.signUp(), await world.signUp()];
    const { channel } = await talkerOf(ada).createGroup([bob.userId]);
    const { execute } = clientOf(world.viewerAt('192.0.2.7', ada.viewer));
    const input = name === 'setTyping' ? { channelId: channel.id, isTyping: true } : { isIdle: true };
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const document = `mutation ($input: ${type}!) { result: ${name}(input: $input) {
      __typename ... on Denied { code until } } }`;
    const say = async () => (await execute<{ result: object }>(document, { input })).data?.result;
    const most = defaultRateLimits.changesPerMinute;
    for (const _ of upTo(most)) expect(await say()).not.toHaveProperty('code');
    const until = new Date(clock.now() + 60_000).toISOString();
    expect(await say()).toEqual({ __typename: 'Denied', code: 'RATE_LIMITED', until });
    // Whoever is kept from saying so can still talk.
    const talker = talkerOf({ ...ada, ...world.viewerAt('192.0.2.7', ada.viewer) });
    expect(await talker.send(channel.id, 'Hello')).toHaveProperty('message');
    await clock.advance(60_000);
    expect(await say()).not.toHaveProperty('code');
  });
});

describe('T9: who is told that people write, and never listens', () => {
  it('holds the last word of each, however often they say it', async () => {
    const { world } = await openTown();
    const writers = await Promise.all(upTo(3).map(() => world.signUp()));
    const reader = await world.signUp();
    const { channel } = await talkerOf(reader).createGroup(writers.map(({ userId }) => userId));
    const stream = await reader.subscribe<{ typing: TypingTold }>(typingDocuments.watch, {
      channelIds: [channel.id],
    });
    for (const n of upTo(100))
      for (const writer of writers) await writingOf(writer).setTyping(channel.id, n % 2 === 0);
    const told: TypingTold[] = [];
    for (const _ of writers) told.push((await stream.next()).value?.data.typing as TypingTold);
    expect(told.map(({ isTyping }) => isTyping)).toEqual([true, true, true]);
    // What comes next is new.
    await writingOf(writers[0] as (typeof writers)[0]).setTyping(channel.id, false);
    expect((await stream.next()).value?.data.typing).toMatchObject({ isTyping: false });
    await stream.return?.();
  });
});
