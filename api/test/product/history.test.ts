import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../world.ts';
import { type Message, type Page, type PageArgs, people, type Talker } from './talker.ts';

/** Texts of a page, with `<` and `>` where there is more. */
const shown = ({ edges, pageInfo }: Page<Message>) => {
  expect(pageInfo.startCursor).toBe(edges[0]?.cursor ?? null);
  expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor ?? null);
  const texts = edges.map(({ node }) => node.text).join(' ');
  return `${pageInfo.hasPreviousPage ? '< ' : ''}${texts}${pageInfo.hasNextPage ? ' >' : ''}`;
};
const said = async (talker: Talker, id: string, ...texts: string[]) => {
  for (const text of texts) await talker.send(id, text);
};

describe.each(['memory', 'postgres'] as const)('history in %s', (log) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ log });
  });
  afterAll(() => world.close());

  describe('of nine messages', () => {
    let ada: Talker;
    let id: string;
    let cursors: string[];
    beforeAll(async () => {
      ({ ada } = await people(world, 'ada'));
      id = (await ada.createGroup([])).channel.id;
      await said(ada, id, '1', '2', '3', '4', '5', '6', '7', '8', '9');
      cursors = (await ada.history(id)).edges.map(({ cursor }) => cursor);
    });
    const at = (number: number) => cursors[number - 1] ?? '';

    it.for([
      [{}, '1 2 3 4 5 6 7 8 9'],
      [{ first: 3 }, '1 2 3 >'],
      [{ first: 9 }, '1 2 3 4 5 6 7 8 9'],
      [{ first: 3, after: 3 }, '< 4 5 6 >'],
      [{ first: 3, after: 6 }, '< 7 8 9'],
      [{ first: 3, after: 9 }, '< '],
      [{ first: 0 }, ' >'],
      [{ last: 3 }, '< 7 8 9'],
      [{ last: 9 }, '1 2 3 4 5 6 7 8 9'],
      [{ last: 3, before: 7 }, '< 4 5 6 >'],
      [{ last: 3, before: 4 }, '1 2 3 >'],
      [{ last: 3, before: 1 }, ' >'],
      [{ last: 0 }, '< '],
      [{ first: 2, after: 2, before: 8 }, '< 3 4 >'],
      [{ first: 5, after: 2, before: 8 }, '< 3 4 5 6 7'],
      [{ last: 2, after: 2, before: 8 }, '< 6 7 >'],
      [{ last: 5, after: 2, before: 8 }, '3 4 5 6 7 >'],
      [{ first: 5, after: 5, before: 3 }, '< '],
      [{ after: 7 }, '8 9'],
      [{ before: 3 }, '1 2 >'],
    ] as const)('%j: %s', async ([args, page]) => {
      const { after, before, ...sizes } = args as PageArgs & { after?: number; before?: number };
      const wanted: PageArgs = { ...sizes };
      if (after !== undefined) wanted.after = at(Number(after));
      if (before !== undefined) wanted.before = at(Number(before));
      expect(shown(await ada.history(id, wanted))).toBe(page);
    });

    it.for([
      [{ first: 101 }],
      [{ last: -1 }],
      [{ first: 1, last: 1 }],
      [{ after: 'nonsense' }],
      [{ after: '' }],
      [{ before: Buffer.from('n1; DROP TABLE').toString('base64url') }],
      [{ before: Buffer.from('n99999999999999999999').toString('base64url') }],
      [{ after: Buffer.from('n-1').toString('base64url') }],
    ] as const)('refuses %j', async ([args]) => {
      const document = `query ($id: ID!, $first: Int, $last: Int, $after: String, $before: String) {
        channel(id: $id) { messages(first: $first, last: $last, after: $after, before: $before) { edges { cursor } } } }`;
      const { errors } = await ada.execute(document, { id, ...args });
      expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    });
  });

  it('gives the newest 50 to whoever asks for nothing in particular, and all of it by pages', async () => {
    const { ada } = await people(world, 'ada');
    const { id } = (await ada.createGroup([])).channel;
    const all = Array.from({ length: 130 }, (_, index) => `${index + 1}`);
    await Promise.all(all.map((text) => ada.send(id, text)));
    const newest = await ada.history(id);
    expect(newest.edges.map(({ node }) => node.number)).toEqual(all.slice(80).map(Number));
    expect(newest.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false });

    const back: number[] = [];
    for (
      let page = newest;
      ;
      page = await ada.history(id, { last: 30, before: page.pageInfo.startCursor ?? '' })
    ) {
      back.unshift(...page.edges.map(({ node }) => node.number));
      if (!page.pageInfo.hasPreviousPage) break;
    }
    expect(back).toEqual(all.map(Number));

    const forth: number[] = [];
    for (let args: PageArgs = { first: 40 }; ; ) {
      const { edges, pageInfo } = await ada.history(id, args);
      forth.push(...edges.map(({ node }) => node.number));
      if (!pageInfo.hasNextPage) break;
      args = { first: 40, after: pageInfo.endCursor ?? '' };
    }
    expect(forth).toEqual(all.map(Number));
  });

  it('has cursors that stay good while messages come, are edited and are deleted', async () => {
    const { ada } = await people(world, 'ada');
    const { id } = (await ada.createGroup([])).channel;
    await said(ada, id, '1', '2', '3', '4');
    const { edges } = await ada.history(id, { first: 2 });
    const [, second] = edges;
    if (!second) throw new Error('Two messages.');
    await ada.edit(second.node.id, 'two');
    await ada.erase(edges[0]?.node.id ?? '');
    await said(ada, id, '5');
    expect(shown(await ada.history(id, { first: 10, after: second.cursor }))).toBe('< 3 4 5');
    // A tombstone keeps its place.
    expect(shown(await ada.history(id, { last: 10, before: second.cursor }))).toBe(' >');
    const [tombstone] = (await ada.history(id, { first: 1 })).edges;
    expect(tombstone?.node).toMatchObject({ number: 1, text: null, deletedAt: expect.any(String) });
  });

  describe('of somebody who came, went and came back', () => {
    /** 1 2 said before Bob came, 3 4 while he was there, 5 6 while he was away, 7 8 since he is back. */
    async function holes(historyVisibility: string) {
      const { ada, bob } = await people(world, 'ada', 'bob');
      const { id } = (await ada.createGroup([], { historyVisibility })).channel;
      await said(ada, id, '1', '2');
      await ada.add(id, bob.userId);
      await said(ada, id, '3', '4');
      await ada.remove(id, bob.userId);
      await said(ada, id, '5', '6');
      await ada.add(id, bob.userId);
      await said(ada, id, '7', '8');
      return { ada, bob, id };
    }

    it('has the holes of their absence, for pages in both directions', async () => {
      const { ada, bob, id } = await holes('FROM_JOINING');
      expect(shown(await bob.history(id))).toBe('3 4 7 8');
      expect(shown(await ada.history(id))).toBe('1 2 3 4 5 6 7 8');
      const forth = await bob.history(id, { first: 3 });
      expect(shown(forth)).toBe('3 4 7 >');
      expect(shown(await bob.history(id, { first: 3, after: forth.pageInfo.endCursor ?? '' }))).toBe('< 8');
      const back = await bob.history(id, { last: 3 });
      expect(shown(back)).toBe('< 4 7 8');
      expect(shown(await bob.history(id, { last: 3, before: back.pageInfo.startCursor ?? '' }))).toBe('3 >');
      // Cursors are the same for everybody; what they lead to is not.
      const ofAda = (await ada.history(id)).edges.map(({ cursor }) => cursor);
      expect(shown(await bob.history(id, { first: 1, after: ofAda[4] ?? '' }))).toBe('< 7 >');
      expect(shown(await bob.history(id, { last: 1, before: ofAda[5] ?? '' }))).toBe('< 4 >');
      expect(shown(await bob.history(id, { first: 9, after: ofAda[1] ?? '' }))).toBe('3 4 7 8');
    });

    it('is whole where the channel shows everything', async () => {
      const { bob, id } = await holes('ALL');
      expect(shown(await bob.history(id))).toBe('1 2 3 4 5 6 7 8');
      expect(shown(await bob.history(id, { last: 3 }))).toBe('< 6 7 8');
    });
  });
});
