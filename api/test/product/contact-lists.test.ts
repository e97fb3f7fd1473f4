import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edgeCursor } from '../../../schema/page.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { createRisingClock, openWorld, type World } from '../world.ts';
import { become, type Listed, type PairName, type Person, persons } from './contacting.ts';
import type { PageArgs } from './talker.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ clock: createRisingClock() });
});
afterAll(() => world.close());

describe('the lists', () => {
  it('hold who belongs there, and since when', async () => {
    const { me, a, b, c, d, e } = await persons(world, 'me', 'a', 'b', 'c', 'd', 'e');
    const before = new Date().toISOString();
    await become('contacts', me, a);
    await become('I have asked', me, b);
    await become('they have asked', me, c);
    await become('I block who has asked me', me, d);
    await become('I have asked, and they declined', me, e);
    const lists = {
      contacts: await me.to.contacts(),
      incoming: await me.to.requests('INCOMING'),
      outgoing: await me.to.requests('OUTGOING'),
      blocked: await me.to.blocked(),
    };
    const handles = Object.values(lists).map(({ edges }) => edges.map(({ node }) => node.handle));
    expect(handles).toEqual([[a.handle], [c.handle], [e.handle, b.handle], [d.handle]]);
    for (const { edges } of Object.values(lists))
      for (const { at, node } of edges) {
        expect(at > before).toBe(true);
        expect(node).toEqual(await me.to.see(node.handle));
      }
    const theirs = [(await a.to.contacts()).edges, (await b.to.requests('INCOMING')).edges];
    for (const edges of theirs) expect(edges.map(({ node }) => node.id)).toEqual([me.userId]);
    expect((await d.to.requests('OUTGOING')).edges).toHaveLength(1);
    expect((await e.to.requests('INCOMING')).edges).toEqual([]);
  });
});

type List = {
  /** What makes somebody one of it, and what takes them out again. */
  readonly pair: PairName;
  readonly leave: (me: Person, userId: string) => Promise<unknown>;
  readonly read: (me: Person, args: PageArgs) => Promise<Listed>;
  /** In the order in which they came into it. */
  readonly sort: (handles: readonly string[]) => readonly string[];
};
const newestFirst = (handles: readonly string[]) => handles.toReversed();
const lists: Readonly<Record<string, List>> = {
  contacts: {
    pair: 'contacts',
    leave: ({ to }, userId) => to.remove(userId),
    read: ({ to }, args) => to.contacts(args),
    sort: (handles) => handles.toSorted(),
  },
  'incoming requests': {
    pair: 'they have asked',
    leave: ({ to }, userId) => to.decline(userId),
    read: ({ to }, args) => to.requests('INCOMING', args),
    sort: newestFirst,
  },
  'outgoing requests': {
    pair: 'I have asked, and they declined',
    leave: ({ to }, userId) => to.remove(userId),
    read: ({ to }, args) => to.requests('OUTGOING', args),
    sort: newestFirst,
  },
  'blocked people': {
    pair: 'I block them',
    leave: ({ to }, userId) => to.unblock(userId),
    read: ({ to }, args) => to.blocked(args),
    sort: newestFirst,
  },
};

/** Somebody with seven others in that list, who came into it in an order that is not the one of their handles. */
async function withSeven({ pair, read, sort }: List) {
  const { me } = await persons(world, 'me');
  const others: Person[] = [];
  for (const _ of upTo(7)) others.push(...Object.values(await persons(world, 'other')));
  const arriving = [3, 0, 6, 1, 5, 2, 4].flatMap((n) => others[n] ?? []);
  for (const other of arriving) await become(pair, me, other);
  const { edges } = await read(me, {});
  expect(edges.map(({ node }) => node.handle)).toEqual(sort(arriving.map(({ handle }) => handle)));
  return { me, edges, cursorOf: (index: number) => edges[index]?.cursor ?? '' };
}

describe.each(Object.entries(lists))('%s', (_, list) => {
  it('are in their order, and go by pages in both directions', async () => {
    const { me, edges: all, cursorOf } = await withSeven(list);
    const pages = [
      [{ first: 3 }, 0, 3, true, false],
      [{ first: 3, after: cursorOf(2) }, 3, 6, true, true],
      [{ first: 3, after: cursorOf(5) }, 6, 7, false, true],
      [{ first: 3, after: cursorOf(6) }, 7, 7, false, true],
      [{ last: 2 }, 5, 7, false, true],
      [{ last: 2, before: cursorOf(5) }, 3, 5, true, true],
      [{ last: 9, before: cursorOf(2) }, 0, 2, true, false],
      [{ first: 9, after: cursorOf(1), before: cursorOf(4) }, 2, 4, false, true],
      [{ last: 1, after: cursorOf(1), before: cursorOf(4) }, 3, 4, true, true],
      [{ first: 0 }, 0, 0, true, false],
    ] as const;
    for (const [args, from, to, hasNextPage, hasPreviousPage] of pages) {
      const { edges, pageInfo } = await list.read(me, args);
      expect(edges, JSON.stringify(args)).toEqual(all.slice(from, to));
      const cursors = { startCursor: edges[0]?.cursor ?? null, endCursor: edges.at(-1)?.cursor ?? null };
      expect(pageInfo, JSON.stringify(args)).toEqual({ hasNextPage, hasPreviousPage, ...cursors });
    }
  });

  it('keep the place of who is gone from them', async () => {
    const { me, edges: all, cursorOf } = await withSeven(list);
    await list.leave(me, all[2]?.node.id ?? '');
    const rest = await list.read(me, { first: 3, after: cursorOf(2) });
    expect(rest.edges).toEqual(all.slice(3, 6));
    const before = await list.read(me, { last: 3, before: cursorOf(2) });
    expect(before.edges).toEqual(all.slice(0, 2));
    expect((await list.read(me, {})).edges).toHaveLength(6);
  });

  it('are of a size within bounds', async () => {
    const { me } = await persons(world, 'me');
    for (const args of [{ first: 101 }, { last: -1 }, { first: 1, last: 1 }])
      await expect(list.read(me, args), JSON.stringify(args)).rejects.toThrow('BAD_USER_INPUT');
  });
});

describe('a cursor of none of them', () => {
  const all = ['contacts', 'blockedUsers', 'contactRequests(direction: OUTGOING)'] as const;
  it.for([
    [all, 'x'],
    [all, 'AQ'],
    [all, ''],
    [['contacts', 'blockedUsers'], 'r1795979829775.351'],
    [['contacts', 'contactRequests(direction: OUTGOING)'], 'b1795979829775.351'],
    [['blockedUsers', 'contactRequests(direction: OUTGOING)'], 'csomebody'],
    [['blockedUsers'], 'b1.2.3'],
    [['blockedUsers'], `b1.${'9'.repeat(19)}`],
    [['contacts'], 'cAda'],
    [['contacts'], "c' OR true --"],
  ] as const)('is refused by %j: %s', async ([fields, key]) => {
    const { me } = await persons(world, 'me');
    const after = key.length > 2 ? edgeCursor(key) : key;
    for (const field of fields) {
      const place = field.includes('(') ? field.replace(')', ', after: $after)') : `${field}(after: $after)`;
      const document = `query ($after: String) { viewer { ${place} { edges { cursor } } } }`;
      const { errors } = await me.execute(document, { after });
      expect(errors, field).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
  });
});
