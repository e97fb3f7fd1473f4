import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { rowIdOf } from '../../../schema/ids.ts';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
import { openPostgresContacts } from '../../drivers/contacts.postgres.ts';
import { openWorld, type World } from '../world.ts';
import { type Person, persons } from './contacting.ts';

const count = 20_000;
let world: World;
let me: Person;
/** Somebody whom nobody knows. */
let you: Person;
/** So many people, each with a row towards me and I with one towards them: contacts, requests of both directions, blocked, nothing. */
beforeAll(async () => {
  const rateLimits = { searchesPerMinute: 10_000 };
  world = await openWorld({ clock: createManualClock(Date.UTC(2030, 0, 1)), rateLimits });
  ({ me, you } = await persons(world, 'me', 'you'));
  const { pool } = world.database;
  await pool.query(
    `INSERT INTO user_account (handle, handle_key, display_name, colour, password_hash)
      SELECT 'other' || n, 'other' || n, 'x', 'x', 'x' FROM generate_series(1, $1::int) n`,
    [count],
  );
  const write = (userId: string, otherId: string) => `
    INSERT INTO contact (user_id, other_id, other_handle_key, state, is_blocked, since, requested_at, blocked_at, feed_version)
      SELECT ${userId}, ${otherId}, 'other' || u.id, k.state::contact_state, k.state = 'NONE' AND u.id % 2 = 0,
        CASE WHEN k.state = 'CONTACT' THEN k.at END, CASE WHEN k.state LIKE 'REQUESTED%' THEN k.at END,
        CASE WHEN k.state = 'NONE' AND u.id % 2 = 0 THEN k.at END, u.id
      FROM user_account u, LATERAL (SELECT now() - u.id * interval '1 minute' AS at,
        (ARRAY['CONTACT', 'REQUESTED_BY_ME', 'REQUESTED_BY_THEM', 'NONE', 'NONE'])[u.id % 5 + 1] AS state) k
      WHERE u.handle LIKE 'other%'`;
  const values = [rowIdOf.user(me.userId)];
  await pool.query(write('$1::bigint', 'u.id'), values);
  await pool.query(write('u.id', '$1::bigint'), values);
  await pool.query('VACUUM ANALYZE');
}, 60_000);
afterAll(() => world.close());

type Plan = {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
};
/** How many rows of contacts a statement looks at. */
const rowsIn = (plan: Plan): number =>
  (plan['Relation Name'] === 'contact'
    ? (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops']
    : 0) + (plan.Plans ?? []).reduce((sum, inner) => sum + rowsIn(inner), 0);

/** The same for all that somebody asks: the statements that it takes are run once more, to see what they do. */
async function rowsRead(work: () => Promise<unknown>): Promise<number> {
  const spy = vi.spyOn(pg.Client.prototype, 'query');
  await work();
  type Query = { readonly text?: string; readonly values?: readonly unknown[] };
  const queries = spy.mock.calls.map(([query, values]: unknown[]): Query => {
    if (typeof query === 'string') return { text: query, values: values as readonly unknown[] };
    return { values: values as readonly unknown[], ...(query as Query) };
  });
  spy.mockRestore();
  let rows = 0;
  for (const { text = '', values } of queries) {
    if (!text.includes('FROM contact') && !text.includes('JOIN contact')) continue;
    const explain = { text: `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values: [...(values ?? [])] };
    const explained = await world.database.pool.query(explain);
    rows += rowsIn(explained.rows[0]['QUERY PLAN'][0].Plan);
  }
  return rows;
}

describe(`of ${count} people whom somebody has something to do with`, () => {
  it.for(['contacts', 'incoming requests', 'outgoing requests', 'blocked people'] as const)(
    'a page of %s is read, wherever it stands, and nothing beside it',
    async (name) => {
      const lists = {
        contacts: me.to.contacts,
        'incoming requests': (args: object) => me.to.requests('INCOMING', args),
        'outgoing requests': (args: object) => me.to.requests('OUTGOING', args),
        'blocked people': me.to.blocked,
      };
      const list = lists[name];
      const { edges } = await list({ first: 100 });
      expect(edges).toHaveLength(100);
      const middle = edges[50]?.cursor;
      for (const args of [{}, { last: 50 }, { first: 50, after: middle }, { last: 50, before: middle }]) {
        // Of each person the row of the list, and those of both for how they stand to each other.
        const rows = await rowsRead(() => list(args));
        expect(rows, JSON.stringify(args)).toBeGreaterThanOrEqual(50);
        expect(rows, JSON.stringify(args)).toBeLessThan(200);
      }
    },
  );

  it.for(['other', 'other7', 'x'])(
    'how somebody stands to those who are found is read of them alone: %s',
    async (text) => {
      const document = `query ($text: String!) { searchUsers(text: $text, first: 50) { edges { node {
      id viewerContact viewerCan { requestContact { code } } } } } }`;
      const found = await you.query<{ searchUsers: { edges: unknown[] } }>(document, { text });
      expect(found.searchUsers.edges).toHaveLength(50);
      expect(await rowsRead(() => you.query(document, { text }))).toBeLessThan(150);
      // Who blocks 4,000 people, and is blocked by as many, looks for those; not for all that there is.
      expect(await rowsRead(() => me.query(document, { text }))).toBeLessThan(9_000);
    },
  );

  it('and of those who are asked for by their ids', async () => {
    const ids = (await me.to.contacts({ first: 100 })).edges.map(({ node }) => node.id);
    const rows = await rowsRead(() =>
      me.query('query ($ids: [ID!]!) { nodes(ids: $ids) { ... on User { viewerContact } } }', { ids }),
    );
    expect(rows).toBeGreaterThanOrEqual(200);
    expect(rows).toBeLessThan(300);
  });

  it('what changed behind a version is found without reading what did not', async () => {
    const { movedIn } = await openPostgresContacts({ pool: world.database.pool });
    const upTo = Number.MAX_SAFE_INTEGER;
    expect(await rowsRead(() => movedIn(me.userId, { after: count - 10, upTo }))).toBeLessThan(20);
    expect(await rowsRead(() => movedIn(me.userId, { after: 0, upTo }))).toBeLessThan(1_100);
  });
});
