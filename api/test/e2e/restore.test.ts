import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask, read } from '../client/ask.ts';
import { createGroup, refresh, type SignedIn, signIn, signUp } from '../client/people.ts';
import { closeClient, openStockClient } from '../client/stock-client.ts';
import { done, openFolder } from './operator.ts';
import { closeAtEnd } from './running.ts';
import {
  type ChatEvent,
  doOverHttp,
  followEvents,
  keepCursors,
  type Message,
  mutations,
  type Sent,
} from './talk.ts';

/** Starts a server twice and runs commands; a test run has the computer not for itself. */
const patience = { timeout: 150_000 };
const manyAttempts = 10_000;

type Channel = {
  readonly id: string;
  readonly name: string;
  readonly messages: { edges: { node: Message }[] };
};
const channelsQuery = `{ viewer { channels(first: 20) { edges { node {
  id name messages(last: 50) { edges { node { id number revision text nonce } } }
} } } } }`;

/** What a person's channels are now, by a query. */
async function channelsOf(httpUrl: string, token: string): Promise<Map<string, Channel>> {
  type Data = { readonly viewer: { readonly channels: { readonly edges: readonly { node: Channel }[] } } };
  const { viewer } = await read<Data>(httpUrl, { query: channelsQuery, token });
  return new Map(viewer.channels.edges.map(({ node }) => [node.id, node]));
}

/**
 * What an app shows: it takes events in, insists on newer revisions, and reads again what it is told to. Nothing of a channel
 * that was reset is kept.
 */
function openScreen(readAll: () => Promise<Map<string, Channel>>) {
  let texts = new Map<string, Map<string, Message>>();
  return {
    async take({ __typename, channelId = '', message }: ChatEvent): Promise<void> {
      if (__typename === 'ViewerReset') texts = new Map();
      if (__typename === 'SyncReset') {
        const edges = (await readAll()).get(channelId)?.messages.edges ?? [];
        texts.set(channelId, new Map(edges.map(({ node }) => [node.id, node])));
      }
      const shown = texts.get(channelId) ?? new Map<string, Message>();
      if (!message || (shown.get(message.id)?.revision ?? 0) >= message.revision) return;
      texts.set(channelId, shown.set(message.id, message));
    },
    of: (channelId: string) =>
      [...(texts.get(channelId)?.values() ?? [])].sort((a, b) => a.number - b.number).map(({ text }) => text),
  };
}

/** Ann and Bob, who talk; a backup while they do; and what is said after it, and will be lost. */
async function world() {
  const folder = await openFolder();
  const first = await folder.start();
  const { httpUrl, socketUrl } = first;
  const [ann, bob] = [await signUp(httpUrl, 'ann'), await signUp(httpUrl, 'bob')];
  const channelId = await createGroup(httpUrl, ann, { name: 'Two', members: [bob] });
  const send = (who: SignedIn, text: string, to = channelId) =>
    doOverHttp<Sent>(httpUrl, who, mutations.sendMessage({ channelId: to, text, nonce: text }));
  await send(ann, 'one');
  await send(bob, 'two');
  const file = join(folder.path, 'kept.backup.gz');
  await done(folder.run('backup', ['kept.backup.gz']));
  const lost = await send(ann, 'lost');
  await doOverHttp(httpUrl, ann, mutations.editMessage({ messageId: lost.message.id, text: 'lost, edited' }));
  const zed = await signUp(httpUrl, 'zed');
  const lostChannelId = await createGroup(httpUrl, zed, { name: 'Lost', members: [ann] });
  await send(zed, 'lost, too', lostChannelId);
  return { folder, first, httpUrl, socketUrl, ann, bob, zed, channelId, lostChannelId, lost, send, file };
}

/** Bob's app on one device. */
function openApp({ httpUrl, socketUrl }: { httpUrl: string; socketUrl: string }, token: () => string) {
  const client = openStockClient({ socketUrl, token, retryAttempts: manyAttempts });
  const kept = keepCursors();
  const screen = openScreen(() => channelsOf(httpUrl, token()));
  const feed = followEvents(client, kept.variables);
  closeAtEnd({ close: () => closeClient(client) });
  let taken = 0;
  /** Takes in everything up to the first new event that this is true of. */
  const takeUpTo = async (isIt: (event: ChatEvent) => boolean): Promise<string[]> => {
    const from = taken;
    const last = await feed.find((event) => feed.items.indexOf(event) >= from && isIt(event));
    const events = feed.items.slice(from, feed.items.indexOf(last) + 1);
    taken += events.length;
    for (const event of events) {
      await screen.take(event);
      kept.take(event);
    }
    return events.map(({ __typename }) => __typename);
  };
  return { screen, takeUpTo, kept, client };
}
const isCaughtUp = ({ __typename }: ChatEvent) => __typename === 'CaughtUp';

describe('a server that goes back to a backup', patience, () => {
  it('tells the stock client that comes back by itself to read again, and nothing old is shown under a new place', async () => {
    const here = await world();
    const { folder, first, httpUrl, ann, bob, channelId, lost, lostChannelId, send } = here;
    const app = openApp(here, () => bob.session.accessToken);
    await app.takeUpTo(isCaughtUp);
    await send(ann, 'lost, four');
    await app.takeUpTo(({ message }) => message?.text === 'lost, four');
    expect(app.screen.of(channelId)).toEqual(['lost, four']);

    await first.stop();
    await done(folder.run('restore', [here.file, '--keep-sessions']));
    await folder.start();
    const told = await app.takeUpTo(isCaughtUp);
    expect(told).toEqual(expect.arrayContaining(['ViewerReset', 'SyncReset']));
    expect(app.screen.of(channelId)).toEqual(['one', 'two']);

    const again = await send(ann, 'another third');
    expect(again.message.id).toBe(lost.message.id); // the place of a message that is lost
    expect(again.message.number).toBe(lost.message.number);
    await app.takeUpTo(({ message }) => message?.text === 'another third');
    expect(app.screen.of(channelId)).toEqual(['one', 'two', 'another third']);
    const channels = await channelsOf(httpUrl, bob.session.accessToken);
    const texts = channels.get(channelId)?.messages.edges.map(({ node }) => node.text);
    expect(app.screen.of(channelId)).toEqual(texts);

    // What was made after the backup shares its id with nothing.
    const newChannelId = await createGroup(httpUrl, bob, { name: 'New', members: [] });
    expect(newChannelId).not.toBe(lostChannelId);
    const stranger = await signUp(httpUrl, 'zoe');
    expect(stranger.userId).not.toBe(here.zed.userId);
    const { errors } = await ask(httpUrl, {
      query: '{ viewer { user { handle } } }',
      token: here.zed.session.accessToken,
    });
    expect(errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  });

  it('lets nobody go on in an old session, and whoever signs in again goes on with the cursors they kept', async () => {
    const here = await world();
    const { folder, first, httpUrl, ann, bob, channelId } = here;
    const before = openApp(here, () => bob.session.accessToken);
    await before.takeUpTo(isCaughtUp);
    await closeClient(before.client);
    await first.stop();
    await done(folder.run('restore', [here.file]));
    await folder.start();

    for (const { session } of [ann, bob, here.zed]) {
      expect(await refresh(httpUrl, session.refreshToken)).toMatchObject({ code: 'SESSION_REVOKED' });
      const { errors } = await ask(httpUrl, { query: '{ viewer { id } }', token: session.accessToken });
      expect(errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    }
    const [again, back] = [await signIn(httpUrl, 'ann'), await signIn(httpUrl, 'bob')];
    // By now the log is longer than what the old cursors say: only the epoch tells that these are other messages.
    for (const text of ['a', 'b', 'c', 'd']) await here.send(again, text);
    const client = openStockClient({ socketUrl: here.socketUrl, token: () => back.session.accessToken });
    closeAtEnd({ close: () => closeClient(client) });
    const feed = followEvents(client, before.kept.variables);
    await feed.find(isCaughtUp);
    expect(feed.items.map(({ __typename }) => __typename)).toEqual(['ViewerReset', 'SyncReset', 'CaughtUp']);
    expect(feed.items[1]?.channelId).toBe(channelId);
  });
});
