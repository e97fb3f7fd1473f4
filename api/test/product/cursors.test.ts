import { execute, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../../schema/index.ts';
import type { ViewerScope } from '../../../schema/scope.ts';
import { openWorld, type World } from '../world.ts';
import { streams } from './documents.ts';
import { people, type Talker } from './talker.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

async function crew() {
  const { ada, bob } = await people(world, 'ada', 'bob');
  const { channel } = await ada.createGroup([bob.userId]);
  return { ada, bob, id: channel.id };
}

describe('a cursor that is none', () => {
  /** How a list of cursors is refused, by page and by subscription. */
  async function refusalsOf(talker: Talker, after: readonly string[]) {
    const paged = await talker.execute(streams.changes, { after, first: 10 });
    const code = paged.errors?.[0]?.extensions.code ?? 'taken';
    const followed = await talker.subscribe(streams.events, { after }).then(
      async (events) => {
        await events.return?.();
        return 'taken';
      },
      (error) => error.extensions.code,
    );
    return [code, followed];
  }
  const refused = ['BAD_USER_INPUT', 'BAD_USER_INPUT'];

  it('is refused when it is damaged, wherever', async () => {
    const { bob } = await crew();
    const cursor = await bob.syncCursor();
    expect(await refusalsOf(bob, [cursor])).toEqual(['taken', 'taken']);
    const bytes = Buffer.from(cursor, 'base64url');
    for (const [at, byte] of bytes.entries()) {
      const damaged = Buffer.from(bytes);
      damaged[at] = byte ^ 0x10;
      expect(await refusalsOf(bob, [damaged.toString('base64url')])).toEqual(refused);
    }
    for (const text of ['A', 'AQ', cursor.slice(0, -2), `${cursor}AA`, `${cursor}${cursor}`])
      expect(await refusalsOf(bob, [text]), text).toEqual(refused);
  });

  it('is refused when a good one stands beside it', async () => {
    const { bob } = await crew();
    const cursor = await bob.syncCursor();
    expect(await refusalsOf(bob, [cursor, 'AQEBAQSiIxnA'])).toEqual(refused);
  });

  it("is refused when it is somebody else's, or of another server", async () => {
    const { ada, bob } = await crew();
    expect(await refusalsOf(bob, [await ada.syncCursor()])).toEqual(refused);
    const elsewhere = await openWorld();
    try {
      const { ada: other } = await people(elsewhere, 'ada');
      expect(await refusalsOf(bob, [await other.syncCursor()])).toEqual(refused);
    } finally {
      await elsewhere.close();
    }
  });

  it('is refused when none of the list is complete', async () => {
    const { ada, bob, id } = await crew();
    const before = await bob.syncCursor();
    await ada.send(id, 'text');
    const { events } = await bob.changes([before]);
    const ofEvent = events.map(({ cursor }) => cursor);
    expect(ofEvent).toHaveLength(1);
    expect(await refusalsOf(bob, ofEvent)).toEqual(refused);
    expect(await refusalsOf(bob, [...ofEvent, before])).toEqual(['taken', 'taken']);
    const { errors } = await bob.execute(streams.changes, { after: [], first: 10 });
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  it('is refused when it has signs that no cursor has, or there are far too many', async () => {
    const { bob } = await crew();
    const cursor = await bob.syncCursor();
    const document = 'query ($after: [Cursor!]!) { changes(after: $after) { cursor } }';
    const many = Array.from({ length: 1_001 }, () => cursor);
    for (const after of [[''], ['a b'], ['a\u0000'], ['a'.repeat(70_000)], [1], [null], many]) {
      const { data, errors } = await bob.execute(document, { after });
      expect([data ?? null, (errors ?? []).length > 0]).toEqual([null, true]);
    }
  });

  it.for([[0], [-1], [101]] as const)('as little as a page of %i', async ([first]) => {
    const { bob } = await crew();
    const { errors } = await bob.execute(streams.changes, { after: [await bob.syncCursor()], first });
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});

describe('the cursor of an operation', () => {
  const seen = 'viewer { channels { edges { node { lastMessage { text } } } } }';
  it.for([
    ['last', `{ ${seen} syncCursor }`],
    ['under another name', `{ ${seen} cursor: syncCursor }`],
    ['in a fragment', `{ ${seen} ...Cursor } fragment Cursor on Query { syncCursor }`],
    ['in an inline fragment', `{ ${seen} ... on Query { syncCursor } }`],
    [
      'deep in fragments',
      `{ ${seen} ...A } fragment A on Query { ... { ...B } } fragment B on Query { cursor: syncCursor }`,
    ],
    ['under a condition', `query ($yes: Boolean = true) { ${seen} syncCursor @include(if: $yes) }`],
  ] as const)('is taken before anything else is read: %s', async ([, source]) => {
    const { ada, bob, id } = await crew();
    const person = await world.signIn(bob.handle);
    const { stream } = person.scope;
    // Something happens as soon as the cursor has been taken.
    const contextValue: ViewerScope = {
      ...person.scope,
      stream: {
        ...stream,
        syncPoint: async (userId) => {
          const point = await stream.syncPoint(userId);
          await ada.send(id, 'meanwhile');
          return point;
        },
      },
    };
    const { data, errors } = await execute({ schema, document: parse(source), contextValue });
    expect(errors).toBeUndefined();
    // What the list shows is of that moment, or newer: either way the events complete it.
    expect(data?.viewer).toMatchObject({ channels: { edges: [{ node: expect.anything() }] } });
    const { events } = await bob.changes([String(data?.syncCursor ?? data?.cursor)]);
    expect(events).toMatchObject([{ __typename: 'MessageSent', message: { text: 'meanwhile' } }]);
  });

  it('is not taken for an operation that does not want it', async () => {
    const { bob } = await crew();
    const person = await world.signIn(bob.handle);
    const syncPoint = () => Promise.reject(new Error('Nobody asked for it.'));
    const contextValue: ViewerScope = { ...person.scope, stream: { ...person.scope.stream, syncPoint } };
    const document = parse('{ viewer { id } ... on Query { server { version } } }');
    expect((await execute({ schema, document, contextValue })).errors).toBeUndefined();
  });

  it('is one, however often it is asked for', async () => {
    const { bob } = await crew();
    const person = await world.signIn(bob.handle);
    let taken = 0;
    const { stream } = person.scope;
    const contextValue: ViewerScope = {
      ...person.scope,
      stream: {
        ...stream,
        syncPoint: (userId) => {
          taken += 1;
          return stream.syncPoint(userId);
        },
      },
    };
    const { data } = await execute({
      schema,
      document: parse('{ a: syncCursor b: syncCursor }'),
      contextValue,
    });
    expect([data?.a, taken]).toEqual([data?.b, 1]);
  });
});
