import { describe, expect, it } from 'vitest';
import { ChannelDocument, ChannelMembersDocument, StartDocument } from '../gql/graphql.ts';
import { openCachedClient } from '../test/cached-client.ts';
import { channelId, createModel, type Model, me, type Telling } from '../test/model.ts';
import { createRandom } from '../test/random.ts';

/** A client that has read everything, and nothing since but events. */
async function openFollowing(model: Model) {
  const cached = await openCachedClient(me, model.answer);
  const { client } = cached;
  const read = async () => {
    await client.query(StartDocument, {}).toPromise();
    await client.query(ChannelDocument, { id: channelId }).toPromise();
    await client.query(ChannelMembersDocument, { id: channelId }).toPromise();
  };
  await read();
  const held = () => {
    const start = client.readQuery(StartDocument, {})?.data;
    const open = client.readQuery(ChannelDocument, { id: channelId })?.data;
    const members = client.readQuery(ChannelMembersDocument, { id: channelId })?.data?.channel?.members;
    const [entry] = start?.viewer?.channels.edges ?? [];
    return {
      isListed: entry !== undefined,
      unreadCount: open?.channel?.viewerState.unreadCount,
      own: open?.channel?.viewerState.member.readNumber,
      lastMessage: open?.channel?.lastMessage?.id ?? null,
      memberCount: open?.channel?.memberCount,
      messages: open?.channel?.messages.edges.map(({ node: { id, text, deletedAt } }) => ({
        id,
        text,
        deletedAt,
      })),
      members: members?.edges
        .map(({ node: { id, readNumber, deliveredNumber } }) => ({ id, readNumber, deliveredNumber }))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    };
  };
  return { ...cached, held };
}
type Following = Awaited<ReturnType<typeof openFollowing>>;

/** Something that happens in the channel, by chance. */
function happen(model: Model, random: (below: number) => number): Telling | undefined {
  const names = [...model.members.keys()];
  const name = names[random(names.length)] ?? 'me';
  const number = 1 + random(Math.max(1, model.messages.length));
  const absent = ['ada', 'bob', 'cem', 'dua'].filter((one) => !model.members.has(one));
  const others = names.filter((one) => one !== 'me');
  const kind = random(20);
  if (kind < 8) return model.send(name);
  if (kind < 10) return model.edit(number);
  if (kind < 12) return model.remove(number);
  if (kind < 16) return model.read(name, number);
  if (kind < 18) return absent[0] ? model.join(absent[0]) : undefined;
  return others.length > 1 && others[0] ? model.leave(others[0]) : undefined;
}

describe('A cache that is told events', () => {
  it.for(Array.from({ length: 40 }, (_, at) => 1 + at))(
    'holds what a query would bring (seed %i)',
    async (seed) => {
      const random = createRandom(seed);
      const model = createModel();
      const following = await openFollowing(model);
      const all: Telling[] = [];
      for (let step = 0; step < 120; step += 1) {
        const tell = happen(model, random);
        if (tell === undefined) continue;
        all.push(tell);
        following.take(tell());
        // A cursor that is too low brings again what came before, in order.
        if (random(10) === 0) for (const again of all.slice(-1 - random(8))) following.take(again());
      }
      expect(following.held()).toEqual((await openFollowing(model)).held());
    },
  );

  it('keeps the newest fifty messages of a channel', async () => {
    const { model, following } = await open();
    for (let count = 0; count < 60; count += 1) following.take(model.send('ada')());
    const { messages } = following.held();
    expect(messages?.map(({ id }) => id)).toEqual(model.messages.slice(-50).map(({ id }) => id));
  });

  it('puts nothing behind a hole', async () => {
    const { model, following } = await open();
    model.send('ada');
    following.take(model.send('ada')());
    expect(following.held().messages).toEqual([]);
  });

  it('leaves a channel out that the viewer is no longer in, and takes it in again', async () => {
    const { model, following } = await open();
    following.take(model.setIn(false)());
    expect(following.held().isListed).toBe(false);
    expect(following.client.readQuery(ChannelDocument, { id: channelId })?.data?.channel).toBeNull();
    following.take(model.setIn(true)());
    following.take(model.setIn(true)());
    expect(following.held().isListed).toBe(true);
    expect(following.client.readQuery(ChannelDocument, { id: channelId })?.data?.channel).not.toBeNull();
  });

  it('takes a channel into a list that had none', async () => {
    const model = createModel();
    model.setIn(false);
    const following = await openFollowing(model);
    expect(following.held().isListed).toBe(false);
    following.take(model.setIn(true)());
    expect(following.held().isListed).toBe(true);
  });

  it('remembers the cursor of what it was told, and begins anew with a complete one', async () => {
    const { model, following } = await open();
    const event = model.send('ada')();
    following.take(event);
    expect(following.cursors.all()).toEqual([event.cursor]);
    following.take({ __typename: 'Checkpoint', eventId: 'x', cursor: 'whole', at: '' });
    expect(following.cursors.all()).toEqual(['whole']);
  });

  it('passes over what it does not know, and keeps its cursor', async () => {
    const { following } = await open();
    const before = following.held();
    const unknown = { __typename: 'ReactionAdded', eventId: 'x', cursor: 'later', at: '' };
    following.take(JSON.parse(JSON.stringify(unknown)));
    expect(following.held()).toEqual(before);
    expect(following.cursors.all()).toEqual(['later']);
  });
});

async function open(): Promise<{ model: Model; following: Following }> {
  const model = createModel();
  return { model, following: await openFollowing(model) };
}
