import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
import { openWorld, type World } from '../world.ts';
import { messageFields } from './documents.ts';
import { type Message, type Page, people, type Talker } from './talker.ts';

type Place = { messageId: string } | { date: string } | { number: number };
type Counts = { countBefore?: number | null; countAfter?: number | null };

const document = `query ($id: ID!, $place: MessagePlace!, $countBefore: Int, $countAfter: Int) { channel(id: $id) {
  page: messagesAround(place: $place, countBefore: $countBefore, countAfter: $countAfter) {
    edges { cursor node { ${messageFields} } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  } } }`;
const around =
  (talker: Talker, id: string) =>
  async (place: Place, counts: Counts = {}) =>
    (await talker.query<{ channel: { page: Page<Message> } }>(document, { id, place, ...counts })).channel
      .page;
const codeOf = async (talker: Talker, id: string, variables: object) =>
  (await talker.execute(document, { id, ...variables })).errors?.[0]?.extensions.code;

/** Texts of a page, with `<` and `>` where there is more. */
const shown = ({ edges, pageInfo }: Page<Message>) => {
  expect(pageInfo.startCursor).toBe(edges[0]?.cursor ?? null);
  expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor ?? null);
  const texts = edges.map(({ node }) => node.text).join(' ');
  return `${pageInfo.hasPreviousPage ? '< ' : ''}${texts}${pageInfo.hasNextPage ? ' >' : ''}`;
};
const numbersIn = ({ edges }: Page<Message>) => edges.map(({ node }) => node.number);

/** From this page on in both directions, by pages of `messages`, to both ends. */
async function fromHereOn(talker: Talker, id: string, page: Page<Message>): Promise<number[]> {
  const numbers = numbersIn(page);
  for (let { hasPreviousPage, startCursor } = page.pageInfo; hasPreviousPage; ) {
    const before = await talker.history(id, { last: 3, ...(startCursor && { before: startCursor }) });
    numbers.unshift(...numbersIn(before));
    ({ hasPreviousPage, startCursor } = before.pageInfo);
  }
  for (let { hasNextPage, endCursor } = page.pageInfo; hasNextPage; ) {
    const after = await talker.history(id, { first: 3, ...(endCursor && { after: endCursor }) });
    numbers.push(...numbersIn(after));
    ({ hasNextPage, endCursor } = after.pageInfo);
  }
  return numbers;
}

describe.each(['memory', 'postgres'] as const)('messages around a place, with the log in %s', (log) => {
  const start = 1_717_171_717_000;
  const clock = createManualClock(start);
  const at = (ms: number) => new Date(start + ms).toISOString();
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ log, clock });
  });
  afterAll(() => world.close());

  /** Each message a second after the one before; those with a `=` in the same millisecond. */
  async function say(talker: Talker, id: string, ...texts: string[]) {
    for (const text of texts) {
      await clock.advance(text.endsWith('=') ? 0 : 1_000);
      await talker.send(id, text);
    }
  }

  describe('of nine', () => {
    let ada: Talker;
    let id: string;
    let ids: string[];
    let since: number;
    beforeAll(async () => {
      ({ ada } = await people(world, 'ada'));
      id = (await ada.createGroup([])).channel.id;
      since = clock.now() - start;
      await say(ada, id, '1', '2', '3', '4=', '5=', '6', '7', '8', '9');
      ids = (await ada.history(id)).edges.map(({ node }) => node.id);
    });
    // 1 at 1 s, 2 at 2 s, 3 4 5 at 3 s, 6 at 4 s … 9 at 7 s

    it.for([
      ['number', 5, 2, 2, '< 3 4= 5= 6 7 >'],
      ['number', 5, 0, 0, '< 5= >'],
      ['number', 5, 9, 9, '1 2 3 4= 5= 6 7 8 9'],
      ['number', 1, 2, 2, '1 2 3 >'],
      ['number', 0, 2, 2, '1 2 3 >'],
      ['number', 9, 2, 2, '< 7 8 9'],
      ['number', 10, 2, 2, '< 8 9'],
      ['number', 2 ** 53 - 1, 2, 2, '< 8 9'],
      ['number', 10, 0, 2, '< '],
      ['messageId', 4, 1, 1, '< 3 4= 5= >'],
      ['messageId', 1, 100, 0, '1 >'],
      ['messageId', 9, 0, 100, '< 9'],
      ['date', 0, 2, 2, '1 2 3 >'],
      ['date', -1e11, 2, 2, '1 2 3 >'],
      ['date', 1_000, 1, 1, '1 2 >'],
      ['date', 1_001, 1, 1, '1 2 3 >'],
      ['date', 2_999, 1, 1, '< 2 3 4= >'],
      ['date', 3_000, 1, 1, '< 2 3 4= >'],
      ['date', 3_001, 1, 1, '< 5= 6 7 >'],
      ['date', 7_000, 1, 1, '< 8 9'],
      ['date', 7_001, 1, 1, '< 9'],
      ['date', 1e11, 3, 1, '< 7 8 9'],
    ] as const)('%s %s, %i before and %i after: %s', async ([by, value, countBefore, countAfter, page]) => {
      const places = {
        number: () => ({ number: value }),
        messageId: () => ({ messageId: ids[value - 1] ?? '' }),
        date: () => ({ date: at(since + value) }),
      };
      expect(shown(await around(ada, id)(places[by](), { countBefore, countAfter }))).toBe(page);
    });

    it('are 25 before and 25 after when nobody says how many', async () => {
      const many = (await ada.createGroup([])).channel.id;
      await Promise.all(Array.from({ length: 80 }, (_, index) => ada.send(many, `${index}`)));
      for (const counts of [{}, { countBefore: null, countAfter: null }])
        expect(numbersIn(await around(ada, many)({ number: 40 }, counts))).toEqual(
          Array.from({ length: 51 }, (_, index) => index + 15),
        );
      const all = await around(ada, many)({ number: 51 }, { countBefore: 50, countAfter: 50 });
      expect(numbersIn(all)).toHaveLength(80);
    });

    it('go on with the cursors of `messages`, to both ends, from everywhere', async () => {
      const whole = [1, 2, 3, 4, 5, 6, 7, 8, 9];
      for (const number of [1, 2, 5, 8, 9, 10, 50])
        for (const counts of [
          { countBefore: 1, countAfter: 2 },
          { countBefore: 3, countAfter: 0 },
        ]) {
          const page = await around(ada, id)({ number }, counts);
          expect(await fromHereOn(ada, id, page), `${number} ${JSON.stringify(counts)}`).toEqual(whole);
        }
    });

    it('have the cursors that `messages` gives, and take a place from a page of it', async () => {
      const { edges } = await ada.history(id);
      const page = await around(ada, id)({ number: 5 });
      expect(page.edges).toEqual(edges);
    });

    it.for([
      { place: { number: 1 }, countBefore: -1 },
      { place: { number: 1 }, countAfter: -1 },
      { place: { number: 1 }, countBefore: -100, countAfter: 150 },
      { place: { number: 1 }, countBefore: 50, countAfter: 51 },
      { place: { number: 1 }, countBefore: 101, countAfter: 0 },
    ])('refuse %j', async (variables) => {
      expect(await codeOf(ada, id, variables)).toBe('BAD_USER_INPUT');
    });

    it.for([
      {},
      { number: 1, date: '2024-01-01T00:00:00.000Z' },
      { number: null },
      { number: -1 },
      { date: 'soon' },
    ])('take exactly one place, and not %j', async (place) => {
      const { data, errors } = await ada.execute(document, { id, place });
      expect([data, errors?.length]).toEqual([undefined, 1]);
    });

    it('find no message that is not one of this channel which the viewer may see', async () => {
      const other = (await ada.createGroup([])).channel.id;
      const elsewhere = (await ada.send(other, 'elsewhere')).message.id;
      const added = (ids[0] ?? '').replace(/.$/, '1'); // the place of an event that is no message
      for (const messageId of [elsewhere, added, `${ids[0]}0`, id, 'msg', ''])
        expect(await codeOf(ada, id, { place: { messageId } }), messageId).toBe('NOT_FOUND');
    });

    it('look for a date in few reads', async () => {
      const reads = vi.spyOn(world.product.stream.history, 'messagesAt');
      try {
        await around(ada, id)({ date: at(since + 3_000) }, { countBefore: 0, countAfter: 0 });
        expect(reads).toHaveBeenCalledTimes(1);
      } finally {
        reads.mockRestore();
      }
    });
  });

  it('of a channel without messages are none', async () => {
    const { ada } = await people(world, 'ada');
    const { id } = (await ada.createGroup([])).channel;
    for (const place of [{ number: 0 }, { number: 7 }, { date: at(0) }])
      expect(shown(await around(ada, id)(place))).toBe('');
  });

  describe('of somebody who came, went and came back', () => {
    /** 1 2 said before Bob came, 3 4 while he was there, 5 6 while he was away, 7 8 since he is back. */
    async function holes(historyVisibility: string) {
      const { ada, bob } = await people(world, 'ada', 'bob');
      const { id } = (await ada.createGroup([], { historyVisibility })).channel;
      const since = clock.now() - start;
      await say(ada, id, '1', '2');
      await ada.add(id, bob.userId);
      await say(ada, id, '3', '4');
      await ada.remove(id, bob.userId);
      await say(ada, id, '5', '6');
      await ada.add(id, bob.userId);
      await say(ada, id, '7', '8');
      const ids = (await ada.history(id)).edges.map(({ node }) => node.id);
      return { ada, bob, id, ids, since };
    }

    it('are those of their stays, from the first that they see at or after the place', async () => {
      const { bob, id, ids, since } = await holes('FROM_JOINING');
      const [one, two] = [
        { countBefore: 1, countAfter: 1 },
        { countBefore: 2, countAfter: 2 },
      ];
      expect(shown(await around(bob, id)({ number: 1 }, one))).toBe('3 4 >');
      expect(shown(await around(bob, id)({ number: 4 }, one))).toBe('3 4 7 >');
      expect(shown(await around(bob, id)({ number: 5 }, one))).toBe('< 4 7 8');
      expect(shown(await around(bob, id)({ date: at(since + 5_500) }, two))).toBe('3 4 7 8');
      expect(shown(await around(bob, id)({ messageId: ids[6] ?? '' }, one))).toBe('< 4 7 8');
      for (const hidden of [0, 1, 4, 5])
        expect(await codeOf(bob, id, { place: { messageId: ids[hidden] } })).toBe('NOT_FOUND');
      for (const number of [1, 4, 5, 8, 9]) {
        const page = await around(bob, id)({ number }, { countBefore: 0, countAfter: 0 });
        expect(await fromHereOn(bob, id, page)).toEqual([3, 4, 7, 8]);
      }
    });

    it('are whole where the channel shows everything', async () => {
      const { bob, id, ids } = await holes('ALL');
      expect(shown(await around(bob, id)({ messageId: ids[4] ?? '' }))).toBe('1 2 3 4 5 6 7 8');
    });

    it('are none for who is gone', async () => {
      const { ada, bob, id } = await holes('ALL');
      await bob.send(id, 'sent', 'n');
      await ada.remove(id, bob.userId);
      const input = { channelId: id, text: 'sent', nonce: 'n' };
      const again = `mutation ($input: SendMessageInput!) { result: sendMessage(input: $input) {
        ... on SendMessagePayload { message { channel { messagesAround(place: { number: 4 }) { edges { node { id } } } } } } } }`;
      expect(await bob.query(again, { input })).toEqual({
        result: { message: { channel: { messagesAround: { edges: [] } } } },
      });
    });
  });
});
