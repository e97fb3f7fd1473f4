import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openWorld, type World } from '../world.ts';
import { createCast } from './matrix/cast.ts';
import type { Place } from './matrix/section.ts';
import { type Slot, slotsFor } from './slots.ts';

// A16: values that mean something to a store, or to what is between, over the real log: to the server they are just texts.

let world: World;
let place: Place;
let slots: Slot[];
/** The text of every statement that PostgreSQL got. */
const statements: string[] = [];
beforeAll(async () => {
  const most = 1_000_000;
  const rateLimits = { signInTries: most, signInTriesPerAddress: most, signInTriesPerAccount: most };
  world = await openWorld({ log: 'postgres', rateLimits: { ...rateLimits, searchesPerMinute: most } });
  const cast = await createCast(world);
  place = { cast, scene: await cast.openScene('eventful'), role: 'OWNER' };
  slots = slotsFor(place);
  const { query } = pg.Client.prototype;
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...given: unknown[]) {
    const [first] = given;
    statements.push(typeof first === 'string' ? first : JSON.stringify(first, ['text']));
    return Reflect.apply(query, this, given);
  });
});
afterAll(async () => {
  vi.restoreAllMocks();
  await world.close();
});

/** In each of the values: where it stands in a statement, that has been put together with a value. */
const mark = 'pärlhuhn';
const hostile = [
  `${mark}'`,
  `${mark}"`,
  `${mark}\``,
  `${mark}\\`,
  `${mark}' OR '1'='1`,
  `${mark}'; DROP TABLE log_entry; --`,
  `${mark}')); DELETE FROM user_account; --`,
  `${mark}$$; SELECT pg_sleep(9); $$`,
  `${mark} /* */ # --`,
  `${mark}\u0000'`,
  `${mark}\r\nSET x 1\r\n`,
  `${mark}%`,
  `%${mark}_`,
  `${mark}*`,
  `1* ${mark}`,
  `[${mark}]?`,
  `${mark}:*`,
  `!${mark}`,
  `${mark} & !a | (b <-> c)`,
  `'${mark}':*ABCD`,
  `{${mark},NULL}`,
  `\${${mark}} $1 $2 :a ?`,
  `${mark}\u2028\u202e`,
  `../../${mark}`,
  `${mark}.{"$gt":""}`,
] as const;

/** What is answered, with the value taken out. */
async function ask({ at, document, ...slot }: Slot, value: string): Promise<string> {
  const asker = place.cast.asker(place.role);
  // Of the keys of a place, one is given.
  const variables = (one: string) =>
    at.includes('(place.') ? slot.variables(one, { place: {} }) : slot.variables(one);
  const answer = document.startsWith('subscription')
    ? await asker.subscribe(document, variables(value)).then(
        async (opened) => {
          await opened.return?.();
          return 'a stream';
        },
        (refusal: unknown) => String(refusal),
      )
    : await asker.execute(document, variables(value));
  return JSON.stringify(answer).replaceAll(JSON.stringify(value).slice(1, -1), '(the value)');
}

/** A store of texts cannot hold it, and no screen shows it. */
const isUnusable = (value: string) => /(?![\t\n\r])[\p{Cc}\p{Cs}]/u.test(value);
const isNoLine = (value: string) => /[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/u.test(value);
const refusedFor = (...field: string[]) => ({ __typename: 'InvalidInput', code: 'MALFORMED', field });
const owner = () => place.cast.player('OWNER');
const refused = '__typename ... on UserError { code explanation } ... on InvalidInput { field }';

describe('A16: a value that means something to a store', () => {
  it('is, for an id, as any other id of nothing, wherever the schema takes one', async () => {
    const ids = slots.filter(({ type }) => String(type) === 'ID');
    expect(ids.length).toBeGreaterThan(20);
    for (const slot of ids) {
      await ask(slot, 'chn7vvvvv'); // what makes something makes it once: the second time it is there
      const unknown = await ask(slot, 'chn7vvvvv');
      for (const value of [...hostile, '1*', "chn1'", 'chn1 OR 1=1', 'chn1;', 'usr1\u0000', '*', '%'])
        expect(await ask(slot, value), `${slot.at} ${JSON.stringify(value)}`).toBe(unknown);
    }
  });

  it('is a text like any other in a message: kept as it is, or refused in words', async () => {
    const send = `mutation ($input: SendMessageInput!) { result: sendMessage(input: $input) {
      ${refused} ... on SendMessagePayload { message { id number text } } } }`;
    const edit = `mutation ($input: EditMessageInput!) { result: editMessage(input: $input) {
      ${refused} ... on EditMessagePayload { message { text } } } }`;
    const { channelId } = place.scene;
    const kept: string[] = [];
    for (const [nth, text] of hostile.entries()) {
      const input = { channelId, text, nonce: `text-${nth}` };
      const { data } = await owner().execute<{ result: { message?: { id: string } } }>(send, { input });
      if (isUnusable(text)) expect(data.result).toMatchObject(refusedFor('text'));
      else {
        expect(data.result).toMatchObject({ message: { text } });
        const messageId = data.result.message?.id;
        const edited = await owner().execute(edit, { input: { messageId, text: `${text} ${text}` } });
        expect(edited.data).toMatchObject({ result: { message: { text: `${text} ${text}` } } });
        kept.push(`${text} ${text}`);
      }
    }
    expect(kept.length).toBeGreaterThan(20);
    const history =
      'query ($id: ID!, $last: Int) { channel(id: $id) { messages(last: $last) { edges { node { text } } } } }';
    const read = await owner().execute(history, { id: channelId, last: kept.length });
    const edges = kept.map((text) => ({ node: { text } }));
    expect(read.data).toEqual({ channel: { messages: { edges } } });
  });

  it('is a nonce like any other: the same makes nothing twice, another one makes another message', async () => {
    const send = `mutation ($input: SendMessageInput!) { result: sendMessage(input: $input) {
      ${refused} ... on SendMessagePayload { deduplicated message { number nonce } } } }`;
    const numbers = new Set<unknown>();
    const nonces = hostile.filter((nonce) => !isNoLine(nonce));
    for (const nonce of nonces) {
      const input = { channelId: place.scene.channelId, text: 'x', nonce };
      type Sent = { result: { message: { number: number } } };
      const { data } = await owner().execute<Sent>(send, { input });
      expect(data, nonce).toMatchObject({ result: { deduplicated: false, message: { nonce } } });
      const again = await owner().execute(send, { input });
      expect(again.data).toEqual({ result: { ...data.result, deduplicated: true } });
      numbers.add(data.result.message.number);
    }
    expect(numbers.size).toBe(nonces.length);
    for (const nonce of hostile.filter(isNoLine)) {
      const input = { channelId: place.scene.channelId, text: 'x', nonce };
      const { data } = await owner().execute(send, { input });
      expect(data).toMatchObject({ result: refusedFor('nonce') });
    }
  });

  it('is a name like any other', async () => {
    const update = `mutation ($input: UpdateProfileInput!) { result: updateProfile(input: $input) {
      ${refused} ... on UpdateProfilePayload { viewer { user { displayName } } } } }`;
    const rename = `mutation ($input: UpdateGroupInput!) { result: updateGroup(input: $input) {
      ${refused} ... on UpdateGroupPayload { channel { name topic } } } }`;
    for (const name of hostile) {
      const asPerson = await owner().execute(update, { input: { displayName: name } });
      const input = { channelId: place.scene.channelId, name, topic: name };
      const asGroup = await owner().execute(rename, { input });
      if (isNoLine(name)) {
        expect(asPerson.data).toMatchObject({ result: refusedFor('displayName') });
        expect(asGroup.data).toMatchObject({ result: refusedFor('name') });
      } else {
        expect(asPerson.data).toMatchObject({ result: { viewer: { user: { displayName: name } } } });
        expect(asGroup.data).toMatchObject({ result: { channel: { name, topic: name } } });
      }
    }
  });

  it('is a text like any other to look for people: it finds whom it names, and nobody besides', async () => {
    const search = 'query ($text: String!) { searchUsers(text: $text) { edges { node { displayName } } } }';
    const user = 'query ($handle: String!) { user(handle: $handle) { id } }';
    const player = place.cast.player('MEMBER');
    const name = `${mark} O'Brien & %_* | !x`;
    const update = 'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { __typename } }';
    await owner().execute(update, { input: { displayName: name } });
    const found = async (text: string) => {
      const { data, errors } = await player.execute<{
        searchUsers: { edges: { node: { displayName: string } }[] };
      } | null>(search, { text });
      return data?.searchUsers.edges.map(({ node }) => node.displayName) ?? errors?.[0]?.extensions.code;
    };
    for (const text of [mark, `${mark}'`, "O'Brien", `o'b ${mark}`])
      expect(await found(text), text).toEqual([name]);
    for (const text of [
      '%',
      '_',
      '*',
      ':*',
      '!',
      '&',
      '|',
      "'",
      '\\',
      '!zz',
      'zz | o',
      '%rien',
      '_rien',
      '* & *',
    ])
      expect(await found(text), text).toEqual([]);
    for (const text of hostile) {
      const who = await found(text);
      if (isNoLine(text)) expect(who, text).toBe('BAD_USER_INPUT');
      else expect([[], [name]], text).toContainEqual(who);
      expect((await player.execute(user, { handle: text })).data).toEqual({ user: null });
    }
  });

  it('is no cursor, wherever the schema takes one', async () => {
    const cursors = slots.filter(
      ({ type, at }) => String(type) === 'Cursor' || /\((after|before)\)$/.test(at),
    );
    expect(cursors.length).toBeGreaterThan(6);
    for (const slot of cursors)
      for (const value of hostile)
        expect(await ask(slot, value), `${slot.at} ${JSON.stringify(value)}`).toMatch(
          /BAD_USER_INPUT|cursor|got invalid value/i,
        );
  });

  it('never stands in the text of a statement: it goes beside it, as a parameter', async () => {
    expect(statements.length).toBeGreaterThan(1_000);
    expect(statements.filter((text) => text.includes(mark))).toEqual([]);
    // This would have been seen.
    await world.database.pool.query(`SELECT '${mark}'`);
    expect(statements.filter((text) => text.includes(mark))).toHaveLength(1);
  });
});
