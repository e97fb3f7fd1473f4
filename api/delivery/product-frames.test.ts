import { type GraphQLObjectType, getNamedType, isAbstractType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../schema/index.ts';
import { openMemoryBus } from '../../schema/ports/bus.memory.ts';
import type { Person } from '../../schema/test/world.ts';
import { readConfig } from '../config.ts';
import { createDocumentCache } from '../document-cache.ts';
import { openRevocations, type Revocations } from '../revocations.ts';
import { openServer, type Server } from '../server.ts';
import { mutations } from '../test/product/documents.ts';
import { openSse } from '../test/serving/sse-client.ts';
import { openAcknowledged, subscribeFrame } from '../test/serving/wire-client.ts';
import { openWorld, type World } from '../test/world.ts';
import { sharePlanOf } from './share-plan.ts';

type Above = { readonly types: readonly GraphQLObjectType[]; readonly isAway: boolean };

/**
 * Everything of a type that is marked, as deep as it goes without coming back to a type above; by what is marked with `once`,
 * once, and without what varies there.
 */
function markedFieldsOf(type: GraphQLObjectType, above: Above = { types: [], isAway: false }): string {
  const types = [...above.types, type];
  const selections = Object.values(type.getFields()).map(({ name, extensions, args, type: fieldType }) => {
    const inner = getNamedType(fieldType);
    const isOnce = extensions.sameForAll === 'once';
    const isMarked = extensions.sameForAll === true || extensions.variesBy === 'author' || isOnce;
    if (!isMarked || args.length > 0) return '';
    if (above.isAway && (isOnce || extensions.variesBy)) return '';
    if (!isObjectType(inner)) return name;
    const fields = isOnce
      ? markedFieldsOf(inner, { types: above.types, isAway: true })
      : types.includes(inner)
        ? ''
        : markedFieldsOf(inner, { types, isAway: above.isAway });
    return fields === '' ? '' : `${name} { ${fields} }`;
  });
  return selections.filter(Boolean).join(' ');
}

/** Written anew from the schema: a field that is marked tomorrow is in it. */
function documentOfAllThatIsMarked(): string {
  const chatEvent = schema.getType('ChatEvent');
  if (!isAbstractType(chatEvent)) throw new Error('No ChatEvent.');
  const types = schema.getPossibleTypes(chatEvent);
  const fragments = types.map((type) => `... on ${type.name} { ${markedFieldsOf(type)} }`);
  return `subscription { events { __typename ${fragments.join(' ')} } }`;
}
const document = documentOfAllThatIsMarked();

let world: World;
let revocations: Revocations;
let server: Server;
let people: Person[];
beforeAll(async () => {
  world = await openWorld();
  const { product } = world;
  revocations = await openRevocations({ ...product, bus: openMemoryBus() });
  server = await openServer({ product, revocations }, readConfig({ PORT: '0' }));
  people = [await world.signUp('ada'), await world.signUp('bob'), await world.signUp('eve')];
});
afterAll(async () => {
  await server.close();
  await revocations.close();
  await world.close();
});

type Event = {
  readonly __typename: string;
  readonly eventId: string;
  readonly message?: { readonly replyTo: { readonly text: string } | null };
};
type Payload = { readonly data: { readonly events: Event }; readonly errors?: unknown };

/** Reads one subscription until this event has come; markers of the subscription itself are left out. */
async function until(read: () => Promise<Payload>, typename: string): Promise<Payload> {
  for (;;) {
    const payload = await read();
    expect(payload.errors).toBeUndefined();
    if (payload.data.events.__typename === typename) return payload;
  }
}

/** One person's events over a socket, which shares executions, and over SSE, which does not. */
async function listen({ session: { accessToken: token } }: Person) {
  const socket = await openAcknowledged(server.socketUrl, token);
  socket.send(subscribeFrame('a', document));
  const sse = await openSse(server.url, { query: document, token });
  const both = [
    async () => (await socket.next()).payload as Payload,
    async () => (await sse.next()).data as Payload,
  ];
  return (typename: string) => Promise.all(both.map((read) => until(read, typename)));
}

async function act(who: Person, name: keyof typeof mutations, input: object) {
  const { data, errors } = await who.execute<{ result: Record<string, { id: string }> }>(mutations[name], {
    input,
  });
  expect(errors).toBeUndefined();
  return data.result;
}

describe('every field of the product that is marked as shareable', () => {
  it('can be shared in one document', () => {
    const operation = createDocumentCache({ schema, isIntrospectionOpen: true }).find(document);
    if (!('node' in operation)) throw new Error(operation.join());
    expect(sharePlanOf(schema, operation)).toEqual({ variesByAuthor: true, variableNames: [] });
    for (const field of ['message', 'nonce', 'author', 'channel', 'member', 'user', 'by', 'replyTo'])
      expect(document).toContain(field);
  });

  it('says the same to each viewer as an execution of their own', async () => {
    const [ada, bob, eve] = people;
    if (!ada || !bob || !eve) throw new Error('Nobody is there.');
    const listeners = await Promise.all(people.map(listen));
    await Promise.all(listeners.map((next) => next('CaughtUp')));
    /** What everybody gets of it: the same by both ways. */
    const everybody = async (typename: string) => {
      for (const [shared, own] of await Promise.all(listeners.map((next) => next(typename)))) {
        expect(shared).toEqual(own);
      }
    };
    const { channel } = await act(ada, 'createGroup', {
      name: 'All',
      memberIds: [bob.userId, eve.userId],
      nonce: 'g',
    });
    const channelId = channel?.id;
    // Made for each reader by itself, and never shared: only that it came is waited for.
    await Promise.all(listeners.map((next) => next('ViewerChannelChanged')));
    const { message } = await act(ada, 'sendMessage', { channelId, text: 'One', nonce: 'n1' });
    await everybody('MessageSent');
    await act(bob, 'sendMessage', { channelId, text: 'Two', nonce: 'n2', replyToId: message?.id });
    await everybody('MessageSent');
    await act(ada, 'editMessage', { messageId: message?.id, text: 'Edited' });
    await everybody('MessageEdited');
    await act(ada, 'deleteMessage', { messageId: message?.id });
    await everybody('MessageDeleted');
    const fay = await world.signUp('fay');
    await act(ada, 'addMembers', { channelId, userIds: [fay.userId] });
    await everybody('MemberAdded');
    await act(ada, 'removeMember', { channelId, userId: eve.userId });
    await everybody('MemberRemoved');
  });

  it('says of a reply what each viewer may see of what it answers', async () => {
    const [ada, bob, late] = await Promise.all(['gus', 'hal', 'ivy'].map(world.signUp));
    if (!ada || !bob || !late) throw new Error('Nobody is there.');
    const { channel } = await act(ada, 'createGroup', { name: 'R', memberIds: [bob.userId], nonce: 'r' });
    const channelId = channel?.id;
    const { message: old } = await act(ada, 'sendMessage', { channelId, text: 'old', nonce: 'n1' });
    await act(ada, 'addMembers', { channelId, userIds: [late.userId] });
    const { message: since } = await act(ada, 'sendMessage', { channelId, text: 'since', nonce: 'n2' });
    const listeners = await Promise.all([ada, bob, late].map(listen));
    await Promise.all(listeners.map((next) => next('CaughtUp')));
    const answered = async () =>
      Promise.all(
        listeners.map(async (next) => {
          const [shared, own] = await next('MessageSent');
          expect(shared).toEqual(own);
          return shared?.data.events.message?.replyTo?.text;
        }),
      );
    await act(bob, 'sendMessage', { channelId, text: 'a', nonce: 'n3', replyToId: old?.id });
    expect(await answered()).toEqual(['old', 'old', undefined]);
    await act(bob, 'sendMessage', { channelId, text: 'b', nonce: 'n4', replyToId: since?.id });
    expect(await answered()).toEqual(['since', 'since', 'since']);
  });
});
