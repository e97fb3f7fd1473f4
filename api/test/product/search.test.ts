import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { edgeCursor } from '../../../schema/page.ts';
import { systemClock } from '../../../schema/ports/clock.ts';
import { openWorld, type Person, type World } from '../../../schema/test/world.ts';

type Found = {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly handle: string } }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly endCursor: string | null;
  };
};
const document = `query ($text: String!, $first: Int, $after: String) {
  searchUsers(text: $text, first: $first, after: $after) {
    edges { cursor node { id handle displayName colour } }
    pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}`;
type Args = { readonly first?: number; readonly after?: string | null };
const ask = (person: Person, text: string, args: Args = {}) =>
  person.execute<{ searchUsers: Found } | null>(document, { text, ...args });
async function page(person: Person, text: string, args: Args = {}): Promise<Found> {
  const { data, errors } = await ask(person, text, args);
  expect(errors).toBeUndefined();
  if (!data) throw new Error('Nothing was answered.');
  return data.searchUsers;
}
const handlesIn = ({ edges }: Found) => edges.map(({ node }) => node.handle);
const search = async (person: Person, text: string) => handlesIn(await page(person, text));

/** Made at once: what they are called is all that matters. */
const make = (world: World, people: readonly (readonly [handle: string, displayName: string])[]) =>
  world.product.prisma.user.createMany({
    data: people.map(([handle, displayName]) => ({
      handle,
      handleKey: handle.toLowerCase(),
      displayName,
      colour: '#777777',
      passwordHash: '',
    })),
  });

describe('a search', () => {
  let world: World;
  let viewer: Person;
  beforeAll(async () => {
    world = await openWorld({ rateLimits: { searchesPerMinute: 10_000 } });
    viewer = await world.signUp('ada.viewer');
    await make(world, [
      ['Ada', 'Countess Lovelace'],
      ['adam', 'Adam Smith'],
      ['bea_1', 'Beatrice Adams-King'],
      ['cy-99', "Cyrus O'Brien"],
      ['dan.x', 'Daniel "Danny" 100% \\ Pure'],
      ['e_e', 'Ödön von Horváth'],
      ['fay', '李小龍'],
      ['gus', 'מיכל לוי'],
      ['hal', 'HAL 9000 🚀 Rocket'],
      ['ivy', 'foo.bar@example.net'],
      ['zed', 'Ad'],
    ]);
  });
  afterAll(() => world.close());

  it.for([
    // By handle first, then by name, each in the order of handles.
    ['ada', ['Ada', 'adam', 'bea_1']],
    ['ADA', ['Ada', 'adam', 'bea_1']],
    ['ad', ['Ada', 'adam', 'bea_1', 'zed']],
    ['  ad  ', ['Ada', 'adam', 'bea_1', 'zed']],
    ['ada.v', []], // the viewer
    ['bea_1', ['bea_1']],
    ['cy-', ['cy-99']],
    ['dan.x', ['dan.x']],
    ['e_e', ['e_e']],
    // The beginning of any word of the name, in any case.
    ['love', ['Ada']],
    ['countess', ['Ada']],
    ['ovelace', []],
    ['king', ['bea_1']],
    ['adams-k', ['bea_1']],
    ["o'b", ['cy-99']],
    ['brien', ['cy-99']],
    ['ödö', ['e_e']],
    ['ÖDÖN', ['e_e']],
    ['o\u0308do\u0308n', ['e_e']], // composed in another way
    ['李', ['fay']],
    ['מי', ['gus']],
    ['9000', ['hal']],
    ['foo.b', ['ivy']],
    ['foo.bar@ex', ['ivy']],
    // Each of several words, in any order.
    ['count love', ['Ada']],
    ['love count', ['Ada']],
    ['love smith', []],
    ['beatrice ada', ['bea_1']],
    ['"danny"', ['dan.x']],
  ] as const)('for %j finds %j', async ([text, handles]) => {
    expect(await search(viewer, text)).toEqual(handles);
  });

  it('gives whole people', async () => {
    const { edges } = await page(viewer, 'fay');
    expect(edges).toEqual([
      {
        cursor: expect.any(String),
        node: { id: expect.stringMatching(/^usr/), handle: 'fay', displayName: '李小龍', colour: '#777777' },
      },
    ]);
  });

  it.for([
    '%',
    '_',
    '%%',
    '\\',
    '\\\\',
    "'",
    "''",
    '"',
    '&',
    '|',
    '!',
    '!a',
    'a & b',
    'a | b',
    'a <-> b',
    '(',
    ')',
    '()',
    ':*',
    'a:*',
    "a':*",
    "\\'",
    '<->',
    "'; DROP TABLE user_account; --",
    '$1',
    '*',
    '?',
    '[a-z]',
    '^a',
    '.*',
    '🚀',
    '👩‍👩‍👧',
    'é'.repeat(64),
    '‏עברית‏',
    "/usr/a'b",
    'http://a/b?c=d',
    '-5',
    '1e10',
    '@',
    '#',
    '\ta\t',
  ])('for %j harms nothing', async (text) => {
    expect(await search(viewer, text)).toBeInstanceOf(Array);
    expect(await world.product.prisma.user.count()).toBe(12);
  });

  it.for([
    // Punctuation is left out where letters are left, and finds nothing alone.
    ['_da', ['dan.x']],
    ['c*', ['Ada', 'cy-99']],
    ['!ada', ['adam', 'bea_1']],
    ['ada | zed', []],
    ['ada & lovelace', []],
    ['%', []],
    ['*', []],
    [':*', []],
  ] as const)('takes nothing in %j for a pattern or an operator: %j', async ([text, handles]) => {
    expect(await search(viewer, text)).toEqual(handles);
  });

  it.for(['', ' ', '\n', 'x'.repeat(65), 'a\u0000', '\u0000', 'two\nlines', '\u202eada', '\ud83d'])(
    'for %j is refused',
    async (text) => {
      const { errors } = await ask(viewer, text);
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    },
  );

  it('is for people who are signed in', async () => {
    const { errors } = await world.anonymous.execute(document, { text: 'ada' });
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });
});

describe('the pages of a search', () => {
  let world: World;
  let viewer: Person;
  beforeAll(async () => {
    world = await openWorld({ rateLimits: { searchesPerMinute: 10_000 } });
    viewer = await world.signUp('viewer');
    await make(
      world,
      Array.from({ length: 40 }, (_, nth) => [
        nth % 2 ? `sam.${nth}` : `p.${nth}`,
        nth % 3 ? 'Sam' : 'Someone',
      ]),
    );
  });
  afterAll(() => world.close());

  it.for([1, 2, 7, 26, 27, 100])('of %i each give everybody once, in one order', async (first) => {
    const whole = await search(viewer, 'sam');
    expect(whole).toHaveLength(33);
    expect(whole.slice(0, 20)).toEqual(
      [...whole.slice(0, 20)].filter((handle) => handle.startsWith('sam.')).sort(),
    );
    expect(whole.slice(20)).toEqual([...whole.slice(20)].filter((handle) => handle.startsWith('p.')).sort());
    const found: string[] = [];
    let after: string | null = null;
    for (let round = 0; round < 40; round += 1) {
      const { edges, pageInfo }: Found = await page(viewer, 'sam', { first, after });
      found.push(...edges.map(({ node }) => node.handle));
      expect(pageInfo).toMatchObject({ hasPreviousPage: round > 0, endCursor: edges.at(-1)?.cursor });
      expect(edges.length === first || !pageInfo.hasNextPage).toBe(true);
      after = pageInfo.endCursor;
      if (!pageInfo.hasNextPage) break;
    }
    expect(found).toEqual(whole);
  });

  it('go on at the right place when somebody in between came or went', async () => {
    const first = await page(viewer, 'sam', { first: 5 });
    await make(world, [
      ['sam.00', 'New before'],
      ['sam.zz', 'New behind'],
    ]);
    const rest = await page(viewer, 'sam', { first: 100, after: first.pageInfo.endCursor });
    expect(handlesIn(rest)).toContain('sam.zz');
    expect(handlesIn(rest)).not.toContain('sam.00');
    expect(new Set([...handlesIn(first), ...handlesIn(rest)]).size).toBe(34);
    await world.product.prisma.user.deleteMany({ where: { handle: { in: ['sam.00', 'sam.zz'] } } });
  });

  it('leave out who is blocked either way, and are full all the same', async () => {
    const apart = await openWorld({ rateLimits: { searchesPerMinute: 10_000 } });
    const say = (person: Person, mutation: string, { userId }: Person) =>
      person.execute(`mutation { ${mutation}(input: { userId: "${userId}" }) { __typename } }`);
    const ada = await apart.signUp('ada');
    const sams = [];
    for (const nth of [1, 2, 3, 4, 5, 6]) sams.push(await apart.signUp(`sam.${nth}`));
    const [, second, , fourth] = sams;
    if (!second || !fourth) throw new Error('Nobody was made.');
    await say(ada, 'blockUser', second);
    await say(fourth, 'blockUser', ada);
    const left = ['sam.1', 'sam.3', 'sam.5', 'sam.6'];
    expect(await search(ada, 'sam')).toEqual(left);
    for (const first of [1, 2, 3]) {
      const found = await page(ada, 'sam', { first });
      const next = await page(ada, 'sam', { first, after: found.pageInfo.endCursor });
      expect([...handlesIn(found), ...handlesIn(next)]).toEqual(left.slice(0, 2 * first));
      expect(next.pageInfo.hasNextPage).toBe(first === 1);
    }
    for (const other of [second, fourth]) expect(await search(other, 'ada')).toEqual([]);
    await say(ada, 'unblockUser', second);
    await say(fourth, 'unblockUser', ada);
    expect(await search(ada, 'sam')).toEqual(sams.map(({ handle }) => handle));
    await apart.close();
  });

  it('have at most 100, 50 when not said', async () => {
    expect((await page(viewer, 's', { first: 0 })).edges).toEqual([]);
    expect((await page(viewer, 's')).edges).toHaveLength(40);
    for (const first of [-1, 101]) {
      const { errors } = await ask(viewer, 'sam', { first });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
  });

  it.for([
    '',
    'nonsense',
    edgeCursor('2:sam'),
    edgeCursor('0:'),
    edgeCursor("0:a' OR 1=1"),
    edgeCursor('0:SAM.1'),
    edgeCursor('0:sam.1\u0000'),
  ])('begin at no cursor like %j', async (after) => {
    const { errors } = await ask(viewer, 'sam', { after });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

describe('searching much', () => {
  let world: World;
  let viewer: Person;
  let now: number;
  beforeEach(async () => {
    now = Date.now();
    world = await openWorld({
      clock: { ...systemClock, now: () => now },
      rateLimits: { searchesPerMinute: 3 },
    });
    viewer = await world.signUp('ada');
  });
  afterEach(() => world.close());

  it('is refused until the minute is over, to that person on all devices, and costs nothing', async () => {
    const [phone, bob] = [await world.signIn('ada'), await world.signUp('bob')];
    for (const person of [viewer, phone, viewer]) await page(person, 'bo');
    now += 20_000;
    const query = vi.spyOn(world.database.pool, 'query');
    const connect = vi.spyOn(world.database.pool, 'connect');
    const { errors } = await ask(phone, 'bo');
    expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfterMs: 40_000 } }]);
    expect([query, connect].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
    expect(await search(bob, 'ad')).toEqual(['ada']);
    now += 40_000;
    expect(await search(viewer, 'bo')).toEqual(['bob']);
  });

  it('counts what was looked for, not what could not be', async () => {
    for (let nth = 0; nth < 5; nth += 1) await ask(viewer, '');
    expect(await search(viewer, 'bo')).toEqual([]);
  });

  it('ends for the database when it takes too long', async () => {
    const { pool } = world.database;
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query('LOCK TABLE user_account');
    const { errors } = await ask(viewer, 'bo');
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining('too long'),
        extensions: { code: 'RATE_LIMITED', retryAfterMs: 1_000 },
      },
    ]);
    await client.query('ROLLBACK');
    client.release();
    expect(await search(viewer, 'bo')).toEqual([]);
  });
});
