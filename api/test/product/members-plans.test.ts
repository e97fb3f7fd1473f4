import { afterAll, beforeAll, expect, it } from 'vitest';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { openWorld, type World } from '../world.ts';
import { placedFields, type Reading, readingBy, say } from './reading.ts';
import { queriesDuring } from './statements-of.ts';

let world: World;
let people: readonly Reading[];
let id: string;
/** A group of a hundred, among 100,000 members of other channels. */
beforeAll(async () => {
  world = await openWorld({ log: 'postgres' });
  people = await Promise.all(upTo(100).map(async () => readingBy(await world.signUp())));
  const [ada, ...others] = people;
  if (!ada) throw new Error('Nobody is there.');
  id = (await ada.createGroup(others.map(({ userId }) => userId))).channel.id;
  await say(ada, id, 5);
  for (const statement of [
    `INSERT INTO user_account (id, handle, handle_key, display_name, colour, password_hash)
      SELECT n, 'p' || n, 'p' || n, 'p', '#123456', 'x' FROM generate_series(100001, 101000) n`,
    `INSERT INTO channel (id, kind, name, created_by_id, nonce)
      SELECT n, 'GROUP', 'c', 100001 + n % 1000, 'n' || n FROM generate_series(100001, 120000) n`,
    `INSERT INTO member (channel_id, user_id, role, state, joined_at, version, feed_version)
      SELECT n, 100001 + (n + k) % 1000, 'MEMBER', 'ACTIVE', now(), 1, k
      FROM generate_series(100001, 120000) n, generate_series(1, 5) k`,
    `INSERT INTO channel_position (channel_id, moved_at) SELECT n, now() FROM generate_series(100001, 120000) n`,
    // Without it the plans would depend on whether the database has got round to counting its rows.
    'ANALYZE',
  ])
    await world.database.pool.query(statement);
}, 120_000);
afterAll(() => world.close());

type Plan = {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Plan[];
};
const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** The plans of all statements about members that go to the database meanwhile, made with the values that they went with. */
async function plansDuring(work: () => Promise<unknown>): Promise<readonly Plan[]> {
  const { queries } = await queriesDuring(work);
  const client = await world.database.pool.connect();
  try {
    // Most connections do without scans where they can: here they are not told to.
    await client.query('SET enable_seqscan = on');
    const plans: Plan[] = [];
    for (const { text, values } of queries) {
      if (!text.includes('FROM member m')) continue;
      const explain = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`;
      const { rows } = await client.query(explain, [...values]);
      plans.push(rows[0]['QUERY PLAN'][0].Plan);
    }
    return plans;
  } finally {
    client.release(true);
  }
}

const of = async (one: Reading | undefined, document: string, variables: object) =>
  one?.query(document, { ...variables });
const ways: readonly (readonly [string, () => Promise<unknown>])[] = [
  [
    'a page of a channel',
    () =>
      of(
        people[0],
        `query ($id: ID!) { channel(id: $id) { members(first: 100) { edges { node { ${placedFields} user { handle } } } } } }`,
        { id },
      ),
  ],
  [
    'members by their ids',
    async () => {
      const ids = (await people[0]?.members(id, { first: 50 }))?.edges.map(({ node }) => node.id);
      await of(people[0], `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Member { ${placedFields} } } }`, {
        ids,
      });
    },
  ],
  [
    'those whose positions moved',
    async () => {
      const cursor = (await people[0]?.syncCursor()) ?? '';
      for (const one of people.slice(1, 20)) await one.reads.markRead(id, 3);
      const told = await people[0]?.reads.told([cursor]);
      expect(told?.events[0]?.members).toHaveLength(19);
    },
  ],
];

it.for(ways)('%s are found by an index, among 100,000', async ([, work]) => {
  const plans = await plansDuring(work);
  expect(plans.length).toBeGreaterThan(0);
  for (const plan of plans) {
    const scanned = nodesOf(plan).filter((node) => node['Node Type'].includes('Seq Scan'));
    const tables = scanned.flatMap((node) => node['Relation Name'] ?? []);
    expect(tables).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(member|channel_position)$/)]),
    );
    // A hundred members, with who each is: some pages per row, of 2,000 that there are.
    expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeLessThan(1_500);
  }
});
