import { describe, expect, it } from 'vitest';
import { read } from '../client/ask.ts';
import { createGroup, type SignedIn, signIn, signUp, syncCursor } from '../client/people.ts';
import { closeClient, openStockClient } from '../client/stock-client.ts';
import { closeAtEnd, serverOfAll } from './running.ts';
import {
  type ChatEvent,
  doOverHttp,
  doOverSocket,
  followEvents,
  keepCursors,
  mutations,
  type Sent,
} from './talk.ts';

const server = serverOfAll();
let worlds = 0;

/** Ann and Bob on two devices each, Cy on one, in one group; every device follows `events` from before the first message. */
async function world() {
  const { httpUrl, socketUrl } = server();
  worlds += 1;
  const handleOf = (name: string) => `${name}.${worlds}`;
  const [ann, bob, cy] = [
    await signUp(httpUrl, handleOf('ann')),
    await signUp(httpUrl, handleOf('bob')),
    await signUp(httpUrl, handleOf('cy')),
  ];
  const channelId = await createGroup(httpUrl, ann, { name: 'Three', members: [bob, cy] });
  const device = async (person: SignedIn) => {
    const client = openStockClient({ socketUrl, token: () => person.session.accessToken });
    closeAtEnd({ close: () => closeClient(client) });
    const after = [await syncCursor(httpUrl, person.session.accessToken)];
    return { person, client, feed: followEvents(client, { after }) };
  };
  const devices = {
    annPhone: await device(ann),
    annLaptop: await device(await signIn(httpUrl, ann.handle)),
    bobPhone: await device(bob),
    bobLaptop: await device(await signIn(httpUrl, bob.handle)),
    cyPhone: await device(cy),
  };
  const all = Object.values(devices);
  await Promise.all(all.map(({ feed }) => feed.find(({ __typename }) => __typename === 'CaughtUp')));
  const send = (text: string) => mutations.sendMessage({ channelId, text, nonce: text });
  return { httpUrl, socketUrl, channelId, people: { ann, bob, cy }, devices, all, send };
}
type World = Awaited<ReturnType<typeof world>>;

const has = (text: string) => (event: ChatEvent) =>
  event.__typename === 'MessageSent' && event.message?.text === text;
const textsIn = (events: readonly ChatEvent[]) =>
  events.flatMap(({ __typename, message }) => (__typename === 'MessageSent' ? [message?.text] : []));
const everywhere = ({ all }: World, isIt: (event: ChatEvent) => boolean) =>
  Promise.all(all.map(({ feed }) => feed.find(isIt)));

describe('three people on five devices', () => {
  it('all get every message once and in one order, whoever sends it and however', async () => {
    const here = await world();
    const { httpUrl, devices, people, send } = here;
    await Promise.all([
      doOverSocket<Sent>(devices.annPhone.client, send('by socket')),
      doOverHttp<Sent>(httpUrl, people.bob, send('by HTTP')),
      doOverSocket<Sent>(devices.cyPhone.client, send('from Cy')),
    ]);
    const last = await doOverSocket<Sent>(devices.bobLaptop.client, send('the last'));
    expect(last.message.number).toBe(4);
    await everywhere(here, has('the last'));
    const [first, ...others] = here.all.map(({ feed }) => textsIn(feed.items));
    expect(first?.toSorted()).toEqual(['by HTTP', 'by socket', 'from Cy', 'the last']);
    for (const texts of others) expect(texts).toEqual(first);
  });

  it('see who wrote what, and only the author sees the nonce, on both devices', async () => {
    const here = await world();
    await doOverSocket(here.devices.annPhone.client, here.send('mine'));
    const nonces = (await everywhere(here, has('mine'))).map(({ message }) => message?.nonce);
    expect(nonces).toEqual(['mine', 'mine', null, null, null]);
  });

  it('see an edit and a deletion, and a deleted text comes back to nobody', async () => {
    const here = await world();
    const { httpUrl, devices, people, socketUrl } = here;
    const start = await syncCursor(httpUrl, people.bob.session.accessToken);
    const { message } = await doOverSocket<Sent>(devices.annPhone.client, here.send('secret'));
    await doOverHttp(
      httpUrl,
      people.ann,
      mutations.editMessage({ messageId: message.id, text: 'secret too' }),
    );
    const edited = await everywhere(here, ({ __typename }) => __typename === 'MessageEdited');
    for (const event of edited) expect(event.message).toMatchObject({ id: message.id, text: 'secret too' });
    await doOverHttp(httpUrl, people.ann, mutations.deleteMessage({ messageId: message.id }));
    await everywhere(here, ({ __typename }) => __typename === 'MessageDeleted');

    const client = openStockClient({ socketUrl, token: () => people.bob.session.accessToken });
    closeAtEnd({ close: () => closeClient(client) });
    const replay = followEvents(client, { after: [start] });
    await replay.find(({ __typename }) => __typename === 'CaughtUp');
    expect(replay.items.map(({ __typename }) => __typename)).toEqual([
      'MessageSent',
      'MessageEdited',
      'MessageDeleted',
      'CaughtUp',
    ]);
    expect(JSON.stringify(replay.items)).not.toContain('secret');
  });

  it('who was away gets exactly what was missed, and goes on live', async () => {
    const here = await world();
    const { devices, people, socketUrl, send } = here;
    await doOverSocket(devices.annPhone.client, send('before'));
    await devices.bobPhone.feed.find(has('before'));
    const kept = keepCursors();
    for (const event of devices.bobPhone.feed.items) kept.take(event);
    await closeClient(devices.bobPhone.client);
    await devices.bobPhone.feed.ended;
    await doOverSocket(devices.annPhone.client, send('while away'));
    await doOverSocket(devices.cyPhone.client, send('also while away'));

    const client = openStockClient({ socketUrl, token: () => people.bob.session.accessToken });
    closeAtEnd({ close: () => closeClient(client) });
    const back = followEvents(client, kept.variables);
    await back.find(({ __typename }) => __typename === 'CaughtUp');
    expect(textsIn(back.items)).toEqual(['while away', 'also while away']);
    await doOverSocket(client, send('I am back'));
    await everywhere({ ...here, all: [{ ...devices.bobPhone, client, feed: back }] }, has('I am back'));
    await devices.annLaptop.feed.find(has('I am back'));
    expect(textsIn(back.items)).toEqual(['while away', 'also while away', 'I am back']);
  });

  it('who is removed gets the removal and nothing after it, until added again', async () => {
    const here = await world();
    const { httpUrl, channelId, devices, people, send } = here;
    await doOverHttp(httpUrl, people.ann, mutations.removeMember({ channelId, userId: people.cy.userId }));
    await doOverSocket(devices.annPhone.client, send('without Cy'));
    await devices.bobPhone.feed.find(has('without Cy'));
    await doOverHttp(httpUrl, people.bob, mutations.addMembers({ channelId, userIds: [people.cy.userId] }));
    await doOverSocket(devices.annPhone.client, send('with Cy again'));
    await everywhere(here, has('with Cy again'));
    const inChannel = devices.cyPhone.feed.items.filter((event) => event.channelId === channelId);
    const kinds = inChannel
      .map(({ __typename }) => __typename)
      .filter((kind) => kind !== 'ViewerChannelChanged');
    expect(kinds).toEqual(['MemberRemoved', 'MemberAdded', 'MessageSent']);
    expect(textsIn(inChannel)).toEqual(['with Cy again']);
    expect(textsIn(devices.bobPhone.feed.items)).toEqual(['without Cy', 'with Cy again']);
  });

  it('find in the history what the stream had told them', async () => {
    const here = await world();
    const { httpUrl, channelId, devices, people, send } = here;
    for (const nth of [1, 2, 3, 4, 5]) await doOverSocket(devices.annPhone.client, send(`number ${nth}`));
    await everywhere(here, has('number 5'));
    const query =
      'query ($id: ID!) { channel(id: $id) { lastNumber messages(last: 3) { edges { node { number text } } } } }';
    const { channel } = await read<{ channel: unknown }>(httpUrl, {
      query,
      variables: { id: channelId },
      token: people.cy.session.accessToken,
    });
    const edges = [3, 4, 5].map((number) => ({ node: { number, text: `number ${number}` } }));
    expect(channel).toEqual({ lastNumber: 5, messages: { edges } });
  });
});
