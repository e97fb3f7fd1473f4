import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { createGroup, type SignedIn, signUp, syncCursor } from '../client/people.ts';
import { closeClient, openStockClient } from '../client/stock-client.ts';
import { openFeed } from '../e2e/feed.ts';
import { closeAtEnd } from '../e2e/running.ts';
import { type ChatEvent, doOverHttp, doOverSocket, followEvents, mutations, type Sent } from '../e2e/talk.ts';
import { missingRedis } from '../engines/redis.ts';
import { requires } from '../requirements.ts';
import { countOf, type FleetServer, openTwoServers } from './servers.ts';

requires('redis', missingRedis);

/** Somebody on one device, at one server, who follows everything from now on. */
async function deviceAt({ httpUrl, socketUrl }: FleetServer, person: SignedIn) {
  let onClosed: (code: number) => void = () => undefined;
  const closed = new Promise<number>((resolve) => {
    onClosed = resolve;
  });
  const client = openStockClient({
    socketUrl,
    token: () => person.session.accessToken,
    onClosed: ({ code }) => onClosed(code),
  });
  closeAtEnd({ close: () => closeClient(client) });
  const after = [await syncCursor(httpUrl, person.session.accessToken)];
  const feed = followEvents(client, { after });
  await feed.find(({ __typename }) => __typename === 'CaughtUp');
  return { person, client, feed, closed };
}

/** Ann at one server, Bob at the other, in one group. */
async function world() {
  const { here, there, redis } = await openTwoServers();
  const [ann, bob] = [await signUp(here.httpUrl, 'ann'), await signUp(there.httpUrl, 'bob')];
  const channelId = await createGroup(here.httpUrl, ann, { name: 'Two', members: [bob] });
  const devices = { ann: await deviceAt(here, ann), bob: await deviceAt(there, bob) };
  const commands = new Redis(redis.url);
  closeAtEnd({ close: () => commands.disconnect() });
  const say = (text: string) => mutations.sendMessage({ channelId, text, nonce: text });
  return { here, there, channelId, ...devices, commands, say };
}

const has = (text: string) => (event: ChatEvent) => event.message?.text === text;
const textsIn = (events: readonly ChatEvent[]) => events.flatMap(({ message }) => message?.text ?? []);

describe('two servers on one database and one Redis', { timeout: 60_000 }, () => {
  it('carry messages both ways', async () => {
    const { here, there, ann, bob, say } = await world();
    await doOverSocket<Sent>(ann.client, say('from Ann'));
    await bob.feed.find(has('from Ann'));
    await doOverSocket<Sent>(bob.client, say('from Bob'));
    await ann.feed.find(has('from Bob'));
    for (const { feed } of [ann, bob]) expect(textsIn(feed.items)).toEqual(['from Ann', 'from Bob']);
    for (const server of [here, there]) {
      expect(await countOf(server, 'parley_bus_topics')).toBeGreaterThan(1);
      expect(await countOf(server, 'parley_bus_lag_seconds_count')).toBeGreaterThan(0);
    }
  });

  it('lose nothing when Redis kills the subscriptions and loses its memory in the middle', async () => {
    const { here, there, ann, bob, commands, say } = await world();
    const texts = upTo(60).map((n) => `message ${n}`);
    for (const [index, text] of texts.entries()) {
      if (index % 20 === 5) await commands.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      if (index % 20 === 10) await commands.flushall();
      await doOverSocket<Sent>((index % 2 === 0 ? ann : bob).client, say(text));
    }
    for (const { feed } of [ann, bob]) {
      await feed.find(has('message 60'));
      expect(textsIn(feed.items)).toEqual(texts);
    }
    for (const server of [here, there])
      expect(await countOf(server, 'parley_bus_interruptions_total{how="reconnect"}')).toBeGreaterThan(0);
  });

  it('find within 2 s what no hint told, by the heads in Redis', async () => {
    const { there, ann, bob, commands, say } = await world();
    await doOverSocket<Sent>(ann.client, say('heard'));
    await bob.feed.find(has('heard'));
    // Commands of the servers go on, but what they publish reaches nobody any more.
    await commands.call('ACL', 'SETUSER', 'default', 'resetchannels');
    await doOverSocket<Sent>(ann.client, say('unheard'));
    await bob.feed.find(has('unheard'));
    expect(await countOf(there, 'parley_hub_repairs_total{cause="cache"}')).toBe(1);
    expect(await countOf(there, 'parley_hub_repairs_total{cause="poll"}')).toBe(0);
  });

  it('carry how far somebody has read', async () => {
    const { there, channelId, ann, bob, say } = await world();
    const { message } = await doOverSocket<Sent>(ann.client, say('read me'));
    await bob.feed.find(has('read me'));
    const query = `mutation ($input: MarkReadInput!) { result: markRead(input: $input) { __typename } }`;
    const input = { channelId, number: message.number };
    await doOverHttp(there.httpUrl, bob.person, { query, variables: { input } });
    await ann.feed.find(({ __typename }) => __typename === 'PositionsChanged');
  });

  it('tell somebody at one server that they were added at the other, and what is said there', async () => {
    const { here, there, channelId, ann, say } = await world();
    const cyd = await deviceAt(there, await signUp(there.httpUrl, 'cyd'));
    const add = mutations.addMembers({ channelId, userIds: [cyd.person.userId] });
    await doOverHttp(here.httpUrl, ann.person, add);
    await cyd.feed.find(
      ({ __typename, channelId: id }) => __typename === 'ViewerChannelChanged' && id === channelId,
    );
    await doOverSocket<Sent>(ann.client, say('welcome'));
    await cyd.feed.find(has('welcome'));
  });

  it('carry that somebody writes', async () => {
    const { channelId, ann, bob } = await world();
    const query = `subscription ($channelIds: [ID!]!) { typing(channelIds: $channelIds) { isTyping user { handle } } }`;
    type Typing = { readonly isTyping: boolean; readonly user: { readonly handle: string } };
    const pick = ({ typing }: { typing: Typing }) => typing;
    const typing = openFeed(bob.client, { query, variables: { channelIds: [channelId] } }, pick);
    const input = { channelId, isTyping: true };
    const write = `mutation ($input: SetTypingInput!) { result: setTyping(input: $input) { __typename } }`;
    // The subscription has no answer of its own that says when it begins.
    await expect
      .poll(async () => {
        await doOverSocket(ann.client, { query: write, variables: { input } });
        return typing.items;
      })
      .toContainEqual({ isTyping: true, user: { handle: 'ann' } });
  });

  it('cut the sockets of a session that was ended at the other', async () => {
    const { here, bob } = await world();
    const query = `mutation ($input: SignOutInput!) { result: signOut(input: $input) { __typename } }`;
    const input = { refreshToken: bob.person.session.refreshToken };
    await doOverHttp(here.httpUrl, bob.person, { query, variables: { input } });
    expect(await bob.closed).toBe(4401);
  });
});
