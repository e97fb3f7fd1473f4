import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowIdOf } from '../../../schema/ids.ts';
import { createManualClock, type ManualClock } from '../../../schema/ports/clock.manual.ts';
import { openWorld, type World } from '../world.ts';
import { become } from './contacting.ts';
import { type Looker, lookerOf, lookers } from './looking.ts';

// Who is there, as others see it who ask.

const start = 1_717_171_717_171;
let clock: ManualClock;
let world: World;
beforeAll(async () => {
  clock = createManualClock(start);
  world = await openWorld({ clock });
});
afterAll(() => world.close());

const together = (one: Looker, other: Looker) => one.createGroup([other.userId]);
const later = (ms: number) => clock.advance(ms);
const iso = (ms: number) => new Date(ms).toISOString();
/** Long enough for who is gone to count as gone. */
const graceMs = 10_500;
const kept = async ({ userId }: Looker) =>
  (await world.product.prisma.user.findUniqueOrThrow({ where: { id: rowIdOf.user(userId) } })).lastSeenAt;
/** Until it is kept when they were there last, which is done after the answer to whoever goes. */
const untilKept = (looker: Looker, at: number) => expect.poll(() => kept(looker)).toEqual(new Date(at));

/** How `me` comes to stand to `they`, and what I then see of them: whether they are there, and when they were. */
const relations: readonly (readonly [string, (me: Looker, they: Looker) => Promise<unknown>, Seen])[] = [
  ['a stranger', async () => undefined, { online: undefined, seen: undefined }],
  [
    'who has asked them',
    (me, they) => become('I have asked', me, they),
    { online: undefined, seen: undefined },
  ],
  [
    'whom they have asked',
    (me, they) => become('they have asked', me, they),
    { online: undefined, seen: undefined },
  ],
  [
    'a contact',
    (me, they) => become('contacts', me, they),
    { online: 'ONLINE', seen: ['CO_MEMBERS', 'CONTACTS'] },
  ],
  ['a co-member', (me, they) => together(me, they), { online: 'ONLINE', seen: ['CO_MEMBERS'] }],
  [
    'a co-member of a direct channel',
    (me, they) => me.openDirect(they.userId),
    { online: 'ONLINE', seen: ['CO_MEMBERS'] },
  ],
  [
    'a contact in a channel',
    async (me, they) => [await together(they, me), await become('contacts', me, they)],
    { online: 'ONLINE', seen: ['CO_MEMBERS', 'CONTACTS'] },
  ],
  [
    'a contact no more',
    async (me, they) => [await become('contacts', me, they), await they.to.remove(me.userId)],
    { online: undefined, seen: undefined },
  ],
  [
    'who has left their channel',
    async (me, they) => me.leave((await together(they, me)).channel.id),
    { online: undefined, seen: undefined },
  ],
  [
    'a contact who has blocked them',
    async (me, they) => [await become('contacts', me, they), await me.to.block(they.userId)],
    { online: undefined, seen: undefined },
  ],
  [
    'a co-member who has blocked them',
    async (me, they) => [await together(me, they), await me.to.block(they.userId)],
    { online: undefined, seen: undefined },
  ],
  [
    'a contact whom they have blocked',
    async (me, they) => [await become('contacts', me, they), await they.to.block(me.userId)],
    { online: undefined, seen: undefined },
  ],
  [
    'a co-member whom they have blocked',
    async (me, they) => [await together(me, they), await they.to.block(me.userId)],
    { online: 'OFFLINE', seen: [] },
  ],
];
type Seen = { readonly online: string | undefined; readonly seen: readonly string[] | undefined };

describe('who is there', () => {
  it.for(relations)('is seen by %s as the rules have it', async ([, relate, { online, seen }]) => {
    const { me, they } = await lookers(world, 'me', 'they');
    await relate(me, they);
    const leave = they.connect();
    await later(100);
    expect((await me.see(they.handle))?.state).toBe(online);
    await untilKept(they, clock.now() - 100);
    const leftAt = clock.now();
    leave();
    await later(graceMs);
    await untilKept(they, leftAt);
    for (const lastSeenVisibleTo of ['CO_MEMBERS', 'CONTACTS', 'NOBODY']) {
      await they.set({ lastSeenVisibleTo });
      const shown = await me.see(they.handle);
      expect(shown?.state).toBe(seen && 'OFFLINE');
      expect(shown?.lastSeenAt ?? null).toBe(seen?.includes(lastSeenVisibleTo) ? iso(leftAt) : null);
    }
  });

  it('is to themselves as they are, whatever they show to others', async () => {
    const { me } = await lookers(world, 'me');
    await me.set({ isInvisible: true, lastSeenVisibleTo: 'NOBODY' });
    expect(await me.see(me.handle)).toMatchObject({ state: 'OFFLINE', lastSeenAt: null });
    me.connect();
    await later(100);
    expect(await me.see(me.handle)).toMatchObject({ state: 'ONLINE', lastSeenAt: null });
  });

  it('is nobody’s business who is not signed in, and has an id of its own', async () => {
    const { me } = await lookers(world, 'me');
    const { errors } = await world.anonymous.execute('{ user(handle: "x") { presence { state } } }');
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(await me.see(me.handle)).toMatchObject({ id: me.userId.replace('usr', 'prs') });
  });

  it('holds from the look on for a minute and a half', async () => {
    const { me, they } = await lookers(world, 'me', 'they');
    await together(me, they);
    await later(5_000);
    const shown = await me.see(they.handle);
    expect(clock.now() - Date.parse(shown?.at ?? '')).toBeLessThanOrEqual(1);
    expect(Date.parse(shown?.validUntil ?? '') - Date.parse(shown?.at ?? '')).toBe(90_000);
  });

  it('is read for all people of a list at once', async () => {
    const { me, one, two, three } = await lookers(world, 'me', 'one', 'two', 'three');
    const { channel } = await me.createGroup([one.userId, two.userId, three.userId]);
    for (const looker of [me, one]) looker.connect();
    await later(100);
    type Data = {
      channel: { members: { edges: { node: { user: { id: string; presence: { state: string } } } }[] } };
    };
    const { channel: shown } = await me.query<Data>(
      'query ($id: ID!) { channel(id: $id) { members(first: 10) { edges { node { user { id presence { state } } } } } } }',
      { id: channel.id },
    );
    const states = shown.members.edges.map(({ node: { user } }) => [user.id, user.presence.state]);
    expect(states).toEqual([
      [me.userId, 'ONLINE'],
      [one.userId, 'ONLINE'],
      [two.userId, 'OFFLINE'],
      [three.userId, 'OFFLINE'],
    ]);
  });
});

describe('several devices of a person', () => {
  it('are one: active on one is online, connected to one is idle', async () => {
    const { me, they } = await lookers(world, 'me', 'they');
    await together(me, they);
    const phone = lookerOf(world, await world.signIn(they.handle));
    const state = async () => (await me.see(they.handle))?.state;
    const leaves = [they.connect(), phone.connect()];
    expect(await they.setIdle(true)).toMatchObject({ __typename: 'SetActivityPayload' });
    await later(100);
    expect(await state()).toBe('ONLINE');
    await phone.setIdle(true);
    await later(100);
    expect(await state()).toBe('IDLE');
    const idleAt = await kept(they);
    leaves[0]?.();
    await later(graceMs);
    expect(await me.see(they.handle)).toMatchObject({ state: 'IDLE', lastSeenAt: idleAt?.toISOString() });
    await phone.setIdle(false);
    await later(100);
    expect(await me.see(they.handle)).toMatchObject({ state: 'ONLINE', lastSeenAt: null });
    await phone.setIdle(true);
    await later(100);
    const seenAt = await kept(they);
    leaves[1]?.();
    await later(graceMs);
    // Nobody has looked at it since.
    expect(await me.see(they.handle)).toMatchObject({ state: 'OFFLINE', lastSeenAt: seenAt?.toISOString() });
  });

  it('with several connections each are there until the last of them is gone', async () => {
    const { me, they } = await lookers(world, 'me', 'they');
    await together(me, they);
    const [first, second] = [they.connect(), they.connect()];
    first();
    first();
    await later(graceMs);
    expect((await me.see(they.handle))?.state).toBe('ONLINE');
    second();
    await later(graceMs);
    expect((await me.see(they.handle))?.state).toBe('OFFLINE');
  });

  it('that nothing is connected on can say what they like of whether anybody looks', async () => {
    const { me, they } = await lookers(world, 'me', 'they');
    await together(me, they);
    expect(await they.setIdle(false)).toMatchObject({ __typename: 'SetActivityPayload' });
    await later(100);
    expect((await me.see(they.handle))?.state).toBe('OFFLINE');
  });
});

describe('who wants to be invisible', () => {
  it('is gone from then on for all others, and was last seen then, whatever they do', async () => {
    const { me, they } = await lookers(world, 'me', 'they');
    await together(me, they);
    await become('contacts', me, they);
    const leave = they.connect();
    await later(1_000);
    const hiddenAt = clock.now();
    await they.set({ isInvisible: true });
    const frozen = { state: 'OFFLINE', lastSeenAt: iso(hiddenAt) };
    const same = async () => expect(await me.see(they.handle)).toMatchObject(frozen);
    await same();
    await later(5_000);
    await they.setIdle(true);
    await later(100);
    await same();
    leave();
    await later(graceMs);
    await same();
    they.connect()();
    await later(10 * 60_000);
    await same();
    await they.set({ isInvisible: true, lastSeenVisibleTo: 'CONTACTS' });
    await same();
    expect(await kept(they)).toEqual(new Date(hiddenAt));
  });

  it('is not seen to have come to hide when they were not there', async () => {
    const { me, they } = await lookers(world, 'me', 'they');
    await together(me, they);
    they.connect()();
    await later(graceMs);
    const before = await me.see(they.handle);
    await later(60_000);
    await they.set({ isInvisible: true });
    expect(await me.see(they.handle)).toMatchObject({ state: 'OFFLINE', lastSeenAt: before?.lastSeenAt });
    they.connect();
    await later(1_000);
    await they.set({ isInvisible: false });
    expect(await me.see(they.handle)).toMatchObject({ state: 'ONLINE' });
  });

  it('has no times of their own: what others see of them is as new as a look', async () => {
    const { me, they } = await lookers(world, 'me', 'they');
    await together(me, they);
    await they.set({ isInvisible: true });
    // Each of these is later than the one before, whatever the clock says: the last is ahead of it.
    for (const _ of Array.from({ length: 50 })) they.connect()();
    await later(0);
    const shown = await me.see(they.handle);
    expect(Date.parse(shown?.at ?? '')).toBeLessThan(clock.now());
    expect((await they.see(they.handle))?.state).toBe('ONLINE');
  });
});

it('a group tells nobody more of who is in it by another one that they share no longer', async () => {
  const { me, they, host } = await lookers(world, 'me', 'they', 'host');
  const { channel } = await host.createGroup([me.userId, they.userId]);
  they.connect();
  await later(100);
  expect(await me.see(they.handle)).toMatchObject({ state: 'ONLINE' });
  await host.remove(channel.id, they.userId);
  expect(await me.see(they.handle)).toBeNull();
  await host.add(channel.id, they.userId);
  expect(await me.see(they.handle)).toMatchObject({ state: 'ONLINE' });
});
