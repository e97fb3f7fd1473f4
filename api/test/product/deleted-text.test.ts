import { execute, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../../schema/index.ts';
import { openMemoryBus } from '../../../schema/ports/bus.memory.ts';
import type { Person } from '../../../schema/test/world.ts';
import { readConfig } from '../../config.ts';
import { createLog } from '../../log.ts';
import { openRevocations, type Revocations } from '../../revocations.ts';
import { openServer, type Server } from '../../server.ts';
import { openAcknowledged, subscribeFrame, type WireClient } from '../serving/wire-client.ts';
import { onAnotherServer, openWorld, type World } from '../world.ts';
import { readings, reply, replyFields } from './replying.ts';
import { type Talker, talkerOf } from './talker.ts';

const [secret, edited] = ['the word is xyzzy-first', 'no, it is plugh-second'];
const secrets = /xyzzy-first|plugh-second/;
const isClean = (value: unknown, where: string) => expect(JSON.stringify(value), where).not.toMatch(secrets);

const logged: string[] = [];
let world: World;
let server: Server;
let revocations: Revocations;
beforeAll(async () => {
  const logger = createLog('trace', { write: (line) => void logged.push(line) });
  world = await openWorld({ log: 'postgres', logger });
  revocations = await openRevocations({ ...world.product, bus: openMemoryBus() });
  server = await openServer({ product: world.product, revocations }, readConfig({ PORT: '0' }));
});
afterAll(async () => {
  await server.close();
  await revocations.close();
  await world.close();
});

/** What a client shows: every event with its message, and what that answers; no deeper, so that it is made once for all. */
const shown = 'message { text replyToNumber replyTo { text } }';
const document = `subscription ($after: [Cursor!]) { event: events(after: $after) { __typename
  ... on MessageSent { ${shown} } ... on MessageEdited { ${shown} } ... on MessageDeleted { ${shown} } } }`;

/** A reader over a socket: its events are made once for all who read the same. */
async function listen({ session }: Person, after: string): Promise<WireClient> {
  const socket = await openAcknowledged(server.socketUrl, session.accessToken);
  socket.send(subscribeFrame('a', document, { after: [after] }));
  return socket;
}
const untilEvent = (socket: WireClient, typename: string) =>
  socket.until(({ payload }) => JSON.stringify(payload ?? '').includes(`"__typename":"${typename}"`));

/** A text is sent, answered, changed and deleted; somebody listens all the while. */
async function tell() {
  const [ofAda, ofBob] = [await world.signUp(), await world.signUp()];
  const [ada, bob] = [talkerOf(ofAda), talkerOf(ofBob)];
  const { id } = (await ada.createGroup([bob.userId])).channel;
  const cursors = async () => ({ ada: await ada.syncCursor(), bob: await bob.syncCursor() });
  const before = await cursors();
  const live = await listen(ofBob, before.bob);
  const { message } = await ada.send(id, secret, 'n');
  const answer = await reply(bob, id, { text: 'oh?', replyToId: message.id });
  await ada.edit(message.id, edited);
  const between = await cursors();
  await reply(bob, id, { text: 'ah!', replyToId: message.id });
  await untilEvent(live, 'MessageEdited');
  const late = await listen(ofBob, between.bob);
  await untilEvent(late, 'CaughtUp');
  return { ofBob, ada, bob, id, message, answer, before, between, live, late };
}

/** Every text of every table, whatever tables there are. */
async function textsInTables(): Promise<string[]> {
  const { pool } = world.database;
  const { rows } = await pool.query<{ table_name: string; column_name: string; data_type: string }>(
    `SELECT table_name, column_name, data_type FROM information_schema.columns c
     JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND t.table_type = 'BASE TABLE'
       AND data_type IN ('text', 'character varying', 'character', 'json', 'jsonb', 'bytea', 'ARRAY', 'USER-DEFINED')`,
  );
  const found = rows.map(async ({ table_name, column_name, data_type }) => {
    const value = data_type === 'bytea' ? `encode("${column_name}", 'escape')` : `"${column_name}"::text`;
    const values = await pool.query<{ value: string }>(`SELECT ${value} AS value FROM "${table_name}"`);
    return values.rows.map((row) => `${table_name}.${column_name}: ${row.value}`);
  });
  return (await Promise.all(found)).flat();
}

/** A document as another server answers it, which has heard of nothing. */
async function askElsewhere(person: Person, source: string, variables: Record<string, unknown>) {
  const other = await onAnotherServer(world, person);
  try {
    return await execute({
      schema,
      document: parse(source),
      variableValues: variables,
      contextValue: other.scope,
    });
  } finally {
    await other.close();
  }
}

async function readEverywhere(
  { ada, bob, id, message, answer }: Awaited<ReturnType<typeof tell>>,
  from: Record<'ada' | 'bob', string>,
) {
  const whole = `query ($id: ID!, $ids: [ID!]!) { node(id: $id) { ... on Message { ${replyFields} } }
    message(id: $id) { ${replyFields} } nodes(ids: $ids) { ... on Message { ${replyFields} }
      ... on Channel { lastMessage { ${replyFields} } } } }`;
  const read = async (talker: Talker, after: string) => ({
    ids: await talker.query(whole, { id: message.id, ids: [message.id, answer.message.id, id] }),
    channels: await talker.channels(),
    repeated: await reply(bob, id, { nonce: 'again', replyToId: answer.message.id }),
    ...Object.fromEntries(
      await Promise.all(
        Object.entries(readings).map(async ([name, reading]) => [name, await reading(talker, id, after)]),
      ),
    ),
  });
  return [await read(ada, from.ada), await read(bob, from.bob), await ada.send(id, secret, 'n')];
}

describe('a deleted text', () => {
  it('was there: this test can find it', async () => {
    const told = await tell();
    expect(JSON.stringify([told.live.texts, await readEverywhere(told, told.before)])).toMatch(secrets);
    expect((await textsInTables()).join('\n')).toMatch(secrets);
    await told.ada.erase(told.message.id);
    for (const socket of [told.live, told.late]) await socket.close();
  });

  it('is gone from every read, every replay, the ring, the log lines and the tables', async () => {
    const told = await tell();
    const { ofBob, ada, id, message, before, between, live, late } = told;
    await ada.erase(message.id);
    await untilEvent(live, 'MessageDeleted');
    await untilEvent(late, 'MessageDeleted');

    for (const from of [before, between]) {
      isClean(await readEverywhere(told, from), 'a read');
      // By the same process, for the same document: out of what it kept of these events.
      const next = await listen(ofBob, from.bob);
      await untilEvent(next, 'CaughtUp');
      expect(next.texts.join()).toContain('"text":"ah!"');
      isClean(next.texts, 'the ring');
      await next.close();
    }
    const elsewhere = `query ($id: ID!, $after: [Cursor!]!) { channel(id: $id) { messages { edges { node { ${replyFields} } } } }
      changes(after: $after) { events { ... on MessageSent { message { ${replyFields} } } } } }`;
    const answered = await askElsewhere(ofBob, elsewhere, { id, after: [before.bob] });
    expect(JSON.stringify(answered)).toContain('"text":"ah!"');
    isClean(answered, 'another server');
    isClean(await textsInTables(), 'a table');
    for (const socket of [live, late]) await socket.close();
  });

  it('was never in a line that the server wrote, also when its storing failed', async () => {
    await world.database.pool.query(
      "ALTER TABLE log_event ADD CONSTRAINT no_poison CHECK (body NOT LIKE '%poison%')",
    );
    const person = await world.signUp();
    const { id } = (await talkerOf(person).createGroup([])).channel;
    const socket = await openAcknowledged(server.socketUrl, person.session.accessToken);
    const send = `mutation { sendMessage(input: { channelId: "${id}", text: "poison ${secret}", nonce: "p" }) { __typename } }`;
    socket.send(subscribeFrame('s', send));
    const { payload } = await socket.next();
    expect(JSON.stringify(payload)).toContain('INTERNAL_SERVER_ERROR');
    await socket.close();
    expect(logged.join('')).toContain('no_poison');
    isClean(logged, 'a log line');
  });
});
