import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../../prisma/package-root.ts';
import { incomingId } from '../../../schema/ids.ts';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { openProductServer, type ProductServer } from '../attacks/product-server.ts';
import { read } from '../client/ask.ts';
import type { World } from '../world.ts';
import { contactsOf } from './contacting.ts';
import { type List, many, statementsDuring, statementsOf } from './statements-of.ts';
import { people as peopleOf, type Talker, talkerOf } from './talker.ts';

let opened: ProductServer;
let world: World;
let ada: Talker;
/** What Ada's requests show. */
let token: string;
let crowd: readonly Talker[];
/** A group of 100 people. */
let id: string;
/** Ada has 25 channels of two and 25 groups; some she owns alone, some not; in each but one another person has the last word. */
beforeAll(async () => {
  // Time stands still: nothing that is done now and then sends statements of its own.
  const clock = createManualClock(Date.UTC(2030, 0, 1));
  opened = await openProductServer({}, {}, { log: 'postgres', clock });
  world = opened.world;
  const someone = async () => talkerOf(await world.signUp());
  const people: Talker[] = [];
  // Not all at once: a busy computer would let the last ones wait for a connection for too long.
  for (const _ of upTo(9)) people.push(...(await Promise.all(upTo(11).map(someone))));
  crowd = people;
  const person = await world.signUp();
  ada = talkerOf(person);
  token = person.session.accessToken;
  for (const other of crowd.slice(0, 25)) {
    const two = (await ada.openDirect(other.userId)).channel.id;
    await other.send(two, 'hello');
  }
  for (const [n, other] of crowd.slice(25, 49).entries()) {
    const group = (await ada.createGroup([other.userId], { name: `Group ${n}` })).channel.id;
    if (n % 2) await ada.setRole(group, other.userId, 'OWNER');
    await other.send(group, 'hello');
  }
  id = (await ada.createGroup(crowd.map(({ userId }) => userId))).channel.id;
  const [, asked, blocked] = crowd;
  if (asked) await contactsOf(ada).request(asked.userId);
  if (blocked) await contactsOf(ada).block(blocked.userId);
  // A tenth of a second later, whoever came is among the positions that are stored, and nothing of that is still to be done.
  const { edges } = await ada.channels({ first: 100 });
  const counted = edges.map(({ node }) => world.product.stream.mark(incomingId(node.id), ada.userId, {}));
  await clock.advance(100);
  await Promise.all(counted);
}, 180_000);
afterAll(() => opened.close());

const person = 'id handle displayName colour';
const verdict = '{ isAllowed code }';
const related = `${person} viewerContact viewerCan { id openDirectChannel ${verdict} requestContact ${verdict} addToGroup ${verdict} }`;
/** What a list of channels shows. */
const usual = `id kind name directPeer { ${person} } memberCount viewerState { id isMuted isArchived member { id role } }
  viewerCan { id send ${verdict} } lastMessage { id text author { ${person} } }`;
/** Nearly all there is. */
const whole = `${usual} topic createdAt historyVisibility lastNumber viewerState { mutedUntil member { joinedAt } }
  viewerCan { addMembers ${verdict} removeMembers ${verdict} update ${verdict} leave ${verdict} setRoles ${verdict} }
  lastMessage { number revision createdAt editedAt viewerCan { id edit ${verdict} delete ${verdict} reply ${verdict} } }`;
const screen = (fields: string, own = '') => `query ($filter: ChannelFilter, $first: Int = 50) {
  syncCursor viewer { id ${own} channels(first: $first, filter: $filter) { edges { node { ${fields} } } } } }`;
/** What is unread, ticks, and who is there: by one look more, at what has happened since that was counted last. */
const lively = `${whole} directPeer { presence { state lastSeenAt } }
  viewerState { unreadCount countedToNumber countedToRevision readByAllNumber deliveredToAllNumber isMarkedUnread
    member { readNumber deliveredNumber } }`;

type Row = {
  readonly kind: string;
  readonly directPeer: {
    readonly displayName: string;
    readonly viewerContact?: string;
    readonly presence?: { readonly state: string } | null;
  } | null;
  readonly viewerState: { readonly unreadCount: number; readonly readByAllNumber: number | null };
  readonly lastMessage: { readonly author: object } | null;
  readonly viewerCan: {
    readonly send: { readonly code: string | null };
    readonly leave?: { readonly code: string | null };
  };
};
type Screen = {
  readonly syncCursor: string;
  readonly viewer: { readonly unreadCount: number; readonly channels: List<Row> };
};

describe('the first screen of somebody with 50 channels', () => {
  it('takes five statements: channels, their heads, the last messages, and twice people', async () => {
    const { data, statements } = await statementsOf<Screen>(ada, screen(usual));
    const rows = data.viewer.channels.edges.map(({ node }) => node);
    expect(data.syncCursor).toMatch(/./);
    expect(rows).toHaveLength(50);
    expect(rows.filter(({ directPeer }) => directPeer)).toHaveLength(25);
    expect(rows.filter(({ lastMessage }) => lastMessage?.author)).toHaveLength(49);
    expect(statements.length, many(statements)).toBeLessThanOrEqual(5);
  });

  it('takes no more for whether owners may leave, and whatever else is shown', async () => {
    const { data, statements } = await statementsOf<Screen>(ada, screen(whole));
    const codes = new Set(data.viewer.channels.edges.map(({ node }) => node.viewerCan.leave?.code));
    expect(codes).toEqual(new Set([null, 'NOT_A_GROUP', 'LAST_OWNER']));
    expect(statements.length, many(statements)).toBeLessThanOrEqual(5);
    expect(many(statements)).not.toMatch(/count\(/i);
  });

  it('takes no more for what each of these people and the viewer have towards each other', async () => {
    const { data, statements } = await statementsOf<Screen>(ada, screen(whole.replaceAll(person, related)));
    const states = data.viewer.channels.edges.map(({ node }) => node.directPeer?.viewerContact);
    expect(new Set(states)).toEqual(new Set([undefined, 'NONE', 'REQUESTED_BY_ME', 'BLOCKED_BY_ME']));
    const sends = new Set(data.viewer.channels.edges.map(({ node }) => node.viewerCan.send.code));
    expect(sends).toEqual(new Set([null, 'NOT_ACCEPTING']));
    expect(statements.length, many(statements)).toBeLessThanOrEqual(5);
  });

  it('takes one more for what is unread, for ticks and for who is there', async () => {
    const { data, statements } = await statementsOf<Screen>(ada, screen(lively, 'unreadCount'));
    const rows = data.viewer.channels.edges.map(({ node }) => node);
    const counts = rows.map(({ viewerState: { unreadCount } }) => unreadCount);
    expect(counts.filter((count) => count === 1)).toHaveLength(49);
    expect(data.viewer.unreadCount).toBe(49);
    expect(rows.filter(({ directPeer }) => directPeer?.presence)).toHaveLength(24); // one is blocked
    expect(new Set(rows.map(({ viewerState }) => viewerState.readByAllNumber))).toEqual(new Set([0, 1]));
    expect(statements.length, many(statements)).toBeLessThanOrEqual(6);
    for (const filter of [{ hasUnread: true }, { hasUnread: true, kind: 'DIRECT' }, null]) {
      const few = await statementsOf<Screen>(ada, screen(lively, 'unreadCount'), { filter, first: 10 });
      expect(few.data.viewer.channels.edges).toHaveLength(10);
      expect(few.statements.length, many(few.statements)).toBeLessThanOrEqual(6);
    }
  });

  it('takes one more for how the viewer wants to be notified, and none for of what in each channel', async () => {
    const level = `${usual} viewerState { notificationLevel }`;
    const levels = await statementsOf<Screen>(ada, screen(level));
    expect(levels.data.viewer.channels.edges[0]?.node.viewerState).toMatchObject({ notificationLevel: null });
    expect(levels.statements.length, many(levels.statements)).toBeLessThanOrEqual(5);
    const own = 'settings { notifications { level doNotDisturbUntil quietHours { from to } } }';
    const { data, statements } = await statementsOf<Screen>(ada, screen(level, own));
    expect(data.viewer).toMatchObject({ settings: { notifications: { level: 'ALL', quietHours: null } } });
    expect(statements.length, many(statements)).toBeLessThanOrEqual(6);
    expect(statements.filter((text) => text.includes('notification_settings'))).toHaveLength(1);
  });

  it('takes six in all for the web demo, over HTTP: those, and one for whether the session still stands', async () => {
    const path = join(packageRoot, 'web-demo', 'src', 'gql', 'persisted-documents.json');
    const documents: Record<string, string> = JSON.parse(readFileSync(path, 'utf8'));
    const query = Object.values(documents).find((document) => document.includes('query Start '));
    if (query === undefined) throw new Error('The web demo has no first screen.');
    const { result, statements } = await statementsDuring(() =>
      read<Screen>(opened.server.url, { query, token }),
    );
    expect(result.viewer.channels.edges).toHaveLength(50);
    expect(result.viewer.unreadCount).toBe(49);
    expect(many(statements)).toContain('"session"');
    expect(statements.length, many(statements)).toBeLessThanOrEqual(6);
  });

  it('takes two more for all channels together in which something has just happened: rows no older than the cursor, and who came', async () => {
    const { eve } = await peopleOf(world, 'eve');
    for (const other of crowd.slice(0, 3)) {
      const group = (await ada.createGroup([other.userId])).channel.id;
      // Positions were just written there, and time stands still: this is not taken into account yet.
      await ada.add(group, eve.userId);
    }
    const { data, statements } = await statementsOf<Screen>(ada, screen(lively, 'unreadCount'));
    expect(data.viewer.channels.edges[0]?.node.viewerState.readByAllNumber).toBe(0);
    expect(statements.length, many(statements)).toBe(8);
  });

  it('takes no more with a filter, nor without a cursor', async () => {
    const direct = await statementsOf<Screen>(ada, screen(usual), { filter: { kind: 'DIRECT' } });
    expect(direct.data.viewer.channels.edges).toHaveLength(25);
    expect(direct.statements.length, many(direct.statements)).toBeLessThanOrEqual(5);
    const plain = await statementsOf(ada, screen(usual).replace('syncCursor', ''));
    expect(plain.statements.length, many(plain.statements)).toBeLessThanOrEqual(5);
  });
});

describe('the members of a group of 100', () => {
  it.for([
    ['who they are', person],
    ['what they and the viewer have towards each other', related],
  ])('take at most two statements, with %s', async ([, fields]) => {
    const document = `query ($id: ID!) { channel(id: $id) { members(first: 100) {
      edges { node { id role joinedAt user { ${fields} } } } } } }`;
    const { data, statements } = await statementsOf<{ channel: { members: List<{ user: object }> } }>(
      ada,
      document,
      { id },
    );
    const found = data.channel.members.edges.map(({ node }) => node.user);
    expect(found).toHaveLength(100);
    const [someone] = crowd;
    expect(found).toContainEqual(expect.objectContaining({ id: someone?.userId, handle: someone?.handle }));
    expect(statements.length, many(statements)).toBeLessThanOrEqual(2);
  });
});

describe('opening a channel of two that is open', () => {
  it('locks nothing and writes nothing', async () => {
    const [other] = crowd;
    const document =
      'mutation ($input: OpenDirectChannelInput!) { openDirectChannel(input: $input) { ... on OpenDirectChannelPayload { channel { id } } } }';
    const { statements } = await statementsOf(ada, document, { input: { userId: other?.userId } });
    expect(statements.length, many(statements)).toBeLessThanOrEqual(3);
    expect(many(statements)).not.toMatch(/FOR NO KEY UPDATE|INSERT|UPDATE /);
  });
});
