import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../../schema/ports/clock.manual.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { openWorld, type World } from '../world.ts';
import { type Looker, lookerOf } from './looking.ts';
import { statementsOf } from './statements-of.ts';
import { type Event, isCaughtUp, until } from './talker.ts';
import { type Hearing, typingDocuments, type Writer, writingOf } from './writing.ts';

// Who writes, as those hear of it who look at the channel.

let clock: ManualClock;
let world: World;
beforeAll(async () => {
  clock = createManualClock(1_717_171_717_171);
  world = await openWorld({ clock });
});
afterAll(() => world.close());

type Person = Looker & Writer;
const personOf = async (raw = world.signUp()): Promise<Person> => {
  const found = await raw;
  return { ...lookerOf(world, found), ...writingOf(found) };
};
/** A group of these, and what each of them is told in it. */
async function group(...others: readonly Person[]) {
  const owner = await personOf();
  const { id } = (await owner.createGroup(others.map(({ userId }) => userId))).channel;
  return { owner, id };
}
const people = <const N extends number>(count: N) => Promise.all(upTo(count).map(() => personOf()));
const six = 6_000;

/** The next thing this person hears is that the marker writes: nothing else has come. */
async function hearsNothingElse(hearing: Hearing, marker: Person, id: string): Promise<void> {
  await marker.setTyping(id);
  expect(await hearing.next()).toMatchObject({ user: { id: marker.userId } });
}

describe('who writes', () => {
  it('is told to the others who look at the channel, for six seconds at most, and that it is over', async () => {
    const [bob, eve] = await people(2);
    if (!bob || !eve) throw new Error('Nobody.');
    const { owner, id } = await group(bob, eve);
    const hearings = await Promise.all([bob, eve].map((one) => one.hear([id])));
    expect(await owner.setTyping(id)).toEqual({ __typename: 'SetTypingPayload', channel: { id } });
    await owner.setTyping(id, false);
    const told = {
      channelId: id,
      user: { id: owner.userId },
      validUntil: new Date(clock.now() + six).toISOString(),
    };
    // Nobody has taken the first one: the last word of each is told.
    for (const hearing of hearings) expect(await hearing.next()).toEqual({ ...told, isTyping: false });
    await owner.setTyping(id);
    for (const hearing of hearings) expect(await hearing.next()).toEqual({ ...told, isTyping: true });
    for (const hearing of hearings) await hearing.stop();
  });

  it('is not told to themselves, on whatever device', async () => {
    const [bob] = await people(1);
    if (!bob) throw new Error('Nobody.');
    const { owner, id } = await group(bob);
    const phone = await personOf(world.signIn(owner.handle));
    const hearing = await phone.hear([id]);
    await owner.setTyping(id);
    await hearsNothingElse(hearing, bob, id);
    await hearing.stop();
  });

  it('is told in the channel where they write, of those that somebody looks at', async () => {
    const [bob] = await people(1);
    if (!bob) throw new Error('Nobody.');
    const [first, second] = [await group(bob), await group(bob)];
    const hearing = await bob.hear([first.id]);
    await second.owner.setTyping(second.id);
    await hearsNothingElse(hearing, first.owner, first.id);
    const both = await bob.hear([first.id, second.id, first.id]);
    await second.owner.setTyping(second.id);
    await hearsNothingElse(hearing, first.owner, first.id);
    expect((await both.next()).channelId).toBe(second.id);
    expect((await both.next()).channelId).toBe(first.id);
    for (const one of [hearing, both]) await one.stop();
  });

  it('is told nobody who takes it too late', async () => {
    const [bob, eve] = await people(2);
    if (!bob || !eve) throw new Error('Nobody.');
    const { owner, id } = await group(bob, eve);
    const hearing = await bob.hear([id]);
    await owner.setTyping(id);
    await clock.advance(six);
    await hearsNothingElse(hearing, eve, id);
    await hearing.stop();
  });

  it('is heard of by members only, from when they are until they are not', async () => {
    const [bob, eve] = await people(2);
    if (!bob || !eve) throw new Error('Nobody.');
    const { owner, id } = await group(bob);
    const stranger = await eve.hear([id]);
    // They listen all the time, and hear of who writes while they are in it.
    for (const writer of [bob, owner]) {
      const heard = stranger.next();
      await owner.setTyping(id);
      await owner.add(id, eve.userId);
      await writer.setTyping(id);
      expect((await heard).user.id).toBe(writer.userId);
      await owner.remove(id, eve.userId);
    }
    await stranger.stop();
  });

  it('can be said where one may send, and is refused as that is', async () => {
    const [bob, eve] = await people(2);
    if (!bob || !eve) throw new Error('Nobody.');
    const { owner, id } = await group(bob);
    expect(await eve.setTyping(id)).toEqual({ __typename: 'Denied', code: 'NOT_FOUND' });
    expect(await eve.setTyping('chn7vvvvv')).toEqual({ __typename: 'Denied', code: 'NOT_FOUND' });
    await owner.remove(id, bob.userId);
    expect(await bob.setTyping(id)).toEqual({ __typename: 'Denied', code: 'NOT_A_MEMBER' });
    const direct = (await eve.openDirect(bob.userId)).channel.id;
    expect(await eve.setTyping(direct)).toMatchObject({ channel: { id: direct } });
    await bob.to.block(eve.userId);
    for (const one of [bob, eve])
      expect(await one.setTyping(direct)).toEqual({ __typename: 'Denied', code: 'NOT_ACCEPTING' });
  });

  it.for([
    ['who writes has blocked them', 'writer', 'other'],
    ['they have blocked who writes', 'other', 'writer'],
  ] as const)('in a group is kept from others when %s', async ([, blocking, blocked]) => {
    const [writer, other, third] = await people(3);
    if (!writer || !other || !third) throw new Error('Nobody.');
    const { id } = await group(writer, other, third);
    const who = { writer, other };
    await who[blocking].to.block(who[blocked].userId);
    const hearings = await Promise.all([other, third].map((one) => one.hear([id])));
    await writer.setTyping(id);
    await hearsNothingElse(hearings[0] as Hearing, third, id);
    expect(await hearings[1]?.next()).toMatchObject({ user: { id: writer.userId } });
    await who[blocking].to.unblock(who[blocked].userId);
    await writer.setTyping(id);
    expect(await hearings[0]?.next()).toMatchObject({ user: { id: writer.userId } });
    for (const hearing of hearings) await hearing.stop();
  });

  it('is told nobody of who is invisible, and they are told nothing of that', async () => {
    const [bob] = await people(1);
    if (!bob) throw new Error('Nobody.');
    const { owner, id } = await group(bob);
    const third = await personOf();
    await owner.add(id, third.userId);
    const hearing = await third.hear([id]);
    await bob.set({ isInvisible: true });
    for (const isTyping of [true, false])
      expect(await bob.setTyping(id, isTyping)).toMatchObject({ __typename: 'SetTypingPayload' });
    await hearsNothingElse(hearing, owner, id);
    await bob.set({ isInvisible: false });
    await hearsNothingElse(hearing, bob, id);
    await hearing.stop();
  });

  it('leaves no trace: nothing is written, and the stream hears nothing of it', async () => {
    const [bob] = await people(1);
    if (!bob) throw new Error('Nobody.');
    const { owner, id } = await group(bob);
    const cursor = await bob.syncCursor();
    const input = { channelId: id, isTyping: true };
    const { statements } = await statementsOf(owner, typingDocuments.set, { input });
    expect(statements.length).toBeGreaterThan(0);
    expect(statements.filter((text) => !/^\s*(SELECT|WITH)\b/.test(text))).toEqual([]);
    expect(statements.length).toBeLessThanOrEqual(4);
    const events = await bob.events([cursor]);
    expect(await until(events, isCaughtUp)).toMatchObject([
      { __typename: 'CaughtUp' } satisfies Partial<Event>,
    ]);
    await events.return?.();
  });
});

describe('looking at who writes', () => {
  it('is refused for more channels than the server says, and for who is not signed in', async () => {
    const [bob] = await people(1);
    const ids = (most: number) => upTo(most).map((n) => `chn${n}`);
    await expect(bob?.hear(ids(201))).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    await expect(bob?.hear(upTo(201).map((n) => `x${n}`))).rejects.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    });
    const hearing = await bob?.hear([...ids(200), ...ids(200)]);
    await hearing?.stop();
    await expect(
      world.anonymous.subscribe('subscription { typing(channelIds: []) { isTyping } }'),
    ).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
  });

  it('opens nothing for ids of other things, and lets go of everything', async () => {
    const { typing } = world.product;
    const [bob] = await people(1);
    const { id, owner } = await group();
    const before = typing.shares.total;
    const hearing = await bob?.hear([id, owner.userId, 'chn7vvvvv', 'typing:chn7', '', 'chn1*']);
    expect(typing.shares.total - before).toBe(2);
    await hearing?.stop();
    expect(typing.shares.total).toBe(before);
  });
});
