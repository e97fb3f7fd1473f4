import { expect, it } from 'vitest';
import { type ChannelId, channelIdOf, type Seq } from '../ids.ts';
import { createRandom, upTo } from '../ports/random.contract.ts';
import type { Delivery } from './delivery.ts';
import type { MemberChange } from './event.ts';
import { memberChangeOf } from './follow.ts';
import { ada, ben, draft, isLog, openStreamWorld, type StreamWorld } from './test/stream-world.ts';

const runs = 100;
const channelIds = [11n, 12n].map(channelIdOf);
const endless = () => new AbortController().signal;

type Random = { below(n: number): number; pick<T>(list: readonly T[]): T };

function randomFrom(seed: number): Random {
  const random = createRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  return {
    below,
    pick(list) {
      const one = list[below(list.length)];
      if (one === undefined) throw new Error('Nothing to pick from.');
      return one;
    },
  };
}

/** Somebody does something; that Ben may be there already, or be gone, is part of it. */
async function act({ stream, add, remove }: StreamWorld, { below, pick }: Random): Promise<void> {
  const id = pick(channelIds);
  const chance = below(10);
  if (chance < 5) await stream.record(id, draft(`${chance}`));
  else if (chance < 6) await stream.record(id, draft('edited', { kind: 'message.edited', refSeq: 2 }));
  else if (chance < 8) await remove(ben, id).catch(() => undefined);
  else await add(ben, id).catch(() => undefined);
}

/** Page after page, some of them waited for, with pauses in between, until there is nothing more. */
async function chainOf({ stream, clock }: StreamWorld, from: string, { below }: Random) {
  const paged: Delivery[] = [];
  let isOver = false;
  async function follow(): Promise<void> {
    for (let after = from; ; ) {
      const isLast = isOver;
      const wanted = { after: [after], first: 1 + below(5), waitMs: isLast ? 0 : below(3) * 1_000 };
      const page = await stream.changes(ben, wanted, endless());
      paged.push(...page.events);
      after = page.cursor;
      if (isLast && page.events.length === 0) return;
      if (below(2) === 0) await clock.sleep(below(500));
    }
  }
  const following = follow();
  const finish = async () => {
    isOver = true;
    await clock.advance(10_000);
    await following;
  };
  return { paged, finish };
}

/** What both ways bring while everything changes at random. */
async function bothWays(seed: number) {
  const random = randomFrom(seed);
  const world = await openStreamWorld({ channelIds });
  for (const id of channelIds) {
    await world.add(ada, id);
    await world.send('first', id);
  }
  const { cursor } = await world.stream.syncPoint(ben);
  const followed: Delivery[] = [];
  const reader = await world.stream.follow(ben, [cursor], endless());
  const following = (async () => {
    for await (const delivery of reader) followed.push(delivery);
  })();
  const { paged, finish } = await chainOf(world, cursor, random);
  for (const _ of upTo(60)) {
    for (const __ of upTo(1 + random.below(3))) await act(world, random);
    await world.clock.advance(random.below(2) * 300);
  }
  await finish();
  await reader.return();
  await following;
  return { followed, paged, removalsIn: (channelId: ChannelId) => removalsIn(world, channelId) };
}

/** Where Ben's stays end, by the log itself. */
async function removalsIn({ log }: StreamWorld, channelId: ChannelId): Promise<readonly Seq[]> {
  const events = await log.read(channelId, 0, 1_000);
  return events.flatMap(({ kind, body, seq }) => {
    if (kind !== 'member.removed') return [];
    const { userId }: MemberChange = JSON.parse(body);
    return userId === ben ? [seq] : [];
  });
}

const seqsOf = (deliveries: readonly Delivery[], channelId: ChannelId): readonly Seq[] =>
  deliveries.flatMap((one) => (isLog(one) && one.channelId === channelId ? [one.event.seq] : []));

/** Whether Ben is there, by the last that says so: his list of channels, or his own coming or going. */
function isMember(deliveries: readonly Delivery[], channelId: ChannelId): boolean {
  const said = deliveries.flatMap((one) => {
    if (one.type === 'viewer.channel') return one.channelId === channelId ? [one.isMember] : [];
    if (!isLog(one) || one.channelId !== channelId || !one.event.kind.startsWith('member.')) return [];
    return memberChangeOf(one).userId === ben ? [one.event.kind === 'member.added'] : [];
  });
  return said.at(-1) ?? false;
}

type Compared = { readonly one: readonly Delivery[]; readonly other: readonly Delivery[] };

/**
 * What one brought and the other did not, though it should: all that may be left out is what led to a removal, and the removal
 * itself, when the rows told of the removal first. Then it is only said that the channel is gone, or is there again.
 */
function missingIn({ one, other }: Compared, channelId: ChannelId, removals: readonly Seq[]): readonly Seq[] {
  const has = new Set(seqsOf(one, channelId));
  return seqsOf(other, channelId).filter((seq) => {
    const removal = removals.find((at) => at >= seq);
    return !has.has(seq) && (removal === undefined || has.has(removal));
  });
}

it(`a chain of pages brings what \`events\` brings, ${runs} times of ${runs}`, {
  timeout: 120_000,
}, async () => {
  const firstSeed = Math.floor(Math.random() * 1e6);
  for (const run of upTo(runs)) {
    const seed = firstSeed + run;
    const { followed, paged, removalsIn } = await bothWays(seed);
    for (const channelId of channelIds) {
      const removals = await removalsIn(channelId);
      const seqs = seqsOf(paged, channelId);
      expect({
        seed,
        missing: missingIn({ one: paged, other: followed }, channelId, removals),
        foreign: missingIn({ one: followed, other: paged }, channelId, removals),
        outOfOrder: seqs.filter((seq, index) => seq <= (seqs[index - 1] ?? 0)),
        isMember: isMember(paged, channelId),
      }).toEqual({ seed, missing: [], foreign: [], outOfOrder: [], isMember: isMember(followed, channelId) });
    }
  }
});
