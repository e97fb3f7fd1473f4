import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom, upTo } from '../../../schema/ports/random.contract.ts';
import { roles } from '../../../schema/stream/event.ts';
import { giveRole, openWorld, type World } from '../world.ts';
import { people, type Talker, talkerOf } from './talker.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

type Verdict = { isAllowed: boolean; code: string | null; explanation: string | null; until: string | null };
type Abilities = { id: string; edit: Verdict; delete: Verdict; reply: Verdict };
const verdict = '{ isAllowed code explanation until }';
const abilities = `viewerCan { id edit ${verdict} delete ${verdict} reply ${verdict} }`;

/** What the viewer may do with the messages of a channel that they see, by number. */
async function abilitiesIn(talker: Talker, id: string): Promise<Map<number, Abilities & { of: string }>> {
  const document = `query ($id: ID!) { channel(id: $id) { messages(last: 100) { edges { node { id number ${abilities} } } } } }`;
  type Found = { id: string; number: number; viewerCan: Abilities };
  type Answer = { channel: { messages: { edges: { node: Found }[] } } | null };
  const { channel } = await talker.query<Answer>(document, { id });
  const nodes = channel?.messages.edges.map(({ node }) => node) ?? [];
  return new Map(nodes.map(({ id: of, number, viewerCan }) => [number, { ...viewerCan, of }]));
}

const refused = '__typename ... on UserError { code explanation } ... on Denied { until }';
/** What the mutations answer, as a verdict. */
const attempts = {
  edit: (id: string) => [
    `mutation ($input: EditMessageInput!) { result: editMessage(input: $input) { ${refused} } }`,
    { messageId: id, text: 'edited' },
  ],
  delete: (id: string) => [
    `mutation ($input: DeleteMessageInput!) { result: deleteMessage(input: $input) { ${refused} } }`,
    { messageId: id },
  ],
  reply: (id: string, channelId: string) => [
    `mutation ($input: SendMessageInput!) { result: sendMessage(input: $input) { ${refused} } }`,
    { channelId, text: 'reply', nonce: `to ${id} ${Math.random()}`, replyToId: id },
  ],
} as const satisfies Record<string, (id: string, channelId: string) => readonly [string, object]>;

async function attempt(
  talker: Talker,
  ability: keyof typeof attempts,
  { id, channelId }: { id: string; channelId: string },
): Promise<Verdict> {
  const [document, input] = attempts[ability](id, channelId);
  type Answer = { result: { __typename: string } & Partial<Omit<Verdict, 'isAllowed'>> };
  const { result } = await talker.query<Answer>(document, { input });
  const { code = null, explanation = null, until = null } = result;
  return { isAllowed: result.__typename.endsWith('Payload'), code, explanation, until };
}

describe('what the viewer may do with a message', () => {
  const yes: Verdict = { isAllowed: true, code: null, explanation: null, until: null };
  const no = (code: string): Verdict => ({
    isAllowed: false,
    code,
    explanation: expect.stringMatching(/\.$/),
    until: null,
  });

  it('depends on whose it is, on their role, and on whether it is there', async () => {
    const { ada, bob } = await people(world, 'ada', 'bob');
    const { id } = (await ada.createGroup([bob.userId])).channel;
    await ada.send(id, 'hers');
    const his = await bob.send(id, 'his');
    const gone = await bob.send(id, 'gone');
    await bob.erase(gone.message.id);
    const [ofAda, ofBob] = [await abilitiesIn(ada, id), await abilitiesIn(bob, id)];
    expect(ofAda.get(1)).toMatchObject({ edit: yes, delete: yes, reply: yes });
    expect(ofAda.get(2)).toMatchObject({ edit: no('NOT_YOURS'), delete: yes, reply: yes });
    expect(ofBob.get(1)).toMatchObject({ edit: no('NOT_YOURS'), delete: no('NOT_YOURS'), reply: yes });
    expect(ofBob.get(2)).toMatchObject({ edit: yes, delete: yes, reply: yes });
    const tombstone = no('ALREADY_DELETED');
    expect(ofBob.get(3)).toMatchObject({ edit: tombstone, delete: tombstone, reply: tombstone });
    expect(ofBob.get(2)?.id).toBe(his.message.id.replace(/^msg/, 'mab'));
  });

  it('is told with events, for each viewer as it is for them', async () => {
    const { ada, bob } = await people(world, 'ada', 'bob');
    const { id } = (await ada.createGroup([bob.userId])).channel;
    const document = `subscription ($id: ID!) { event: messageAdded(channelId: $id) { ${abilities} } }`;
    const readers = await Promise.all(
      [ada, bob].map((talker) => talker.subscribe<{ event: { viewerCan: Abilities } }>(document, { id })),
    );
    await bob.send(id, 'his');
    const told = await Promise.all(readers.map((reader) => reader.next()));
    expect(told.map(({ value }) => value?.data.event.viewerCan.edit)).toEqual([no('NOT_YOURS'), yes]);
    await Promise.all(readers.map((reader) => reader.return?.()));
  });

  it('is nothing of a message that they repeat after they were removed', async () => {
    const { ada, bob } = await people(world, 'ada', 'bob');
    const { id } = (await ada.createGroup([bob.userId])).channel;
    await bob.send(id, 'his', 'n');
    await ada.remove(id, bob.userId);
    const document = `mutation ($input: SendMessageInput!) { result: sendMessage(input: $input) {
      ... on SendMessagePayload { message { ${abilities} } } } }`;
    const input = { channelId: id, text: 'his', nonce: 'n' };
    expect(await bob.query(document, { input })).toMatchObject({
      result: {
        message: {
          viewerCan: { edit: no('NOT_FOUND'), delete: no('NOT_FOUND'), reply: no('NOT_A_MEMBER') },
        },
      },
    });
  });

  const seed = Math.floor(Math.random() * 1e6);
  it(`is what the mutations answer then, whoever they are (seed ${seed})`, { timeout: 60_000 }, async () => {
    const random = createRandom(seed);
    const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)];
    const owner = talkerOf(await world.signUp());
    const others = await Promise.all(upTo(3).map(async () => talkerOf(await world.signUp())));
    const seen = new Set<string>();
    for (const _ of upTo(8)) {
      const historyVisibility = random() < 0.5 ? 'ALL' : 'FROM_JOINING';
      const { id: channelId } = (await owner.createGroup([], { historyVisibility })).channel;
      await owner.send(channelId, 'the first');
      for (const { userId } of others.filter(() => random() < 0.8)) {
        await owner.add(channelId, userId);
        await giveRole(world, { channelId, userId }, pick(roles) ?? 'MEMBER');
      }
      for (const talker of [owner, ...others, owner]) await talker.send(channelId, `by ${talker.handle}`);
      for (const ability of ['reply', 'edit', 'delete'] as const)
        for (const talker of [owner, ...others]) {
          const message = pick([...(await abilitiesIn(talker, channelId)).values()]);
          if (message === undefined) continue;
          const answer = await attempt(talker, ability, { id: message.of, channelId });
          expect(answer, `seed ${seed}, ${ability}`).toEqual(message[ability]);
          seen.add(`${ability} ${answer.code ?? 'yes'}`);
        }
    }
    // It was no walk in which everything is allowed.
    expect([...seen]).toEqual(expect.arrayContaining(['reply yes', 'edit NOT_YOURS', 'delete yes']));
  });
});
