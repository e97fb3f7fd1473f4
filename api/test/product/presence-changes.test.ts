import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../../schema/ports/clock.manual.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { openWorld, type World } from '../world.ts';
import { become } from './contacting.ts';
import { type Looker, lookerOf, lookers, type Told, type Watch } from './looking.ts';

// Who is there, as those hear of it who watch them.

let clock: ManualClock;
let world: World;
beforeAll(async () => {
  clock = createManualClock(1_717_171_717_171);
  world = await openWorld({ clock });
});
afterAll(() => world.close());

const later = (ms: number) => clock.advance(ms);
const iso = (ms: number) => new Date(ms).toISOString();
/** The bounds: of what changes with a claim, of what is written, of who closes a connection, and of what nobody tells. */
const [soonMs, writtenMs, closedMs, renewedMs] = [500, 2_500, 11_000, 60_000];
const silent = undefined;

/** Two who are in a channel together, and one of them watches the other, who is told what that one sees of them first. */
async function watching(): Promise<{ me: Looker; they: Looker; watch: Watch; channelId: string }> {
  const { me, they } = await lookers(world, 'me', 'they');
  const channelId = (await me.createGroup([they.userId])).channel.id;
  const watch = await me.watch([they.userId]);
  await watch.next();
  return { me, they, watch, channelId };
}
const stateOf = ({ presence }: Told) => (presence === null ? null : presence.state);
/** What is told within that time, and that it is this. */
async function hears(watch: Watch, withinMs: number, state: string | null): Promise<Told> {
  await later(withinMs);
  const told = await watch.next();
  expect(stateOf(told)).toBe(state);
  return told;
}

describe('what is told first', () => {
  it('is how everybody is whom one may see, once each; of all others nothing', async () => {
    const { me, friend, mate, stranger, blocked } = await lookers(
      world,
      'me',
      'friend',
      'mate',
      'stranger',
      'blocked',
    );
    await become('contacts', me, friend);
    await me.createGroup([mate.userId, blocked.userId]);
    await me.to.block(blocked.userId);
    for (const one of [me, friend, stranger, blocked]) one.connect();
    await later(100);
    const others = [
      'usr9vvvv',
      'usr0',
      'dev1',
      me.userId.replace('usr', 'chn'),
      '',
      'usr1*',
      'presence:usr1',
    ];
    const all = [me, friend, mate, stranger, blocked].map(({ userId }) => userId);
    const watch = await me.watch([...all, ...others, ...all]);
    const shown = await watch.snapshot(...all.slice(0, 3));
    expect(shown.map((presence) => presence?.state)).toEqual(['ONLINE', 'ONLINE', 'OFFLINE']);
    // And of nobody else: the next that comes is this.
    await friend.rename('Friend');
    await later(writtenMs);
    expect(await watch.next()).toMatchObject({ id: friend.userId, displayName: 'Friend' });
    await watch.stop();
  });

  it('is nothing for who asks for more than the server says, however often for the same', async () => {
    const { me } = await lookers(world, 'me');
    const ids = (most: number) => upTo(most).map((n) => `usr${(n + 1_000).toString(32)}`);
    await expect(me.watch(ids(201))).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    await expect(me.watch(upTo(201).map((n) => `x${n}`))).rejects.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    });
    const watch = await me.watch([...ids(199), ...ids(199), me.userId]);
    expect((await watch.snapshot(me.userId))[0]).toMatchObject({ state: 'OFFLINE' });
    await watch.stop();
  });

  it('is nothing at all for who is not signed in', async () => {
    const document = 'subscription { presence(userIds: []) { user { id } } }';
    await expect(world.anonymous.subscribe(document)).rejects.toMatchObject({
      extensions: { code: 'UNAUTHENTICATED' },
    });
  });
});

describe('what changes', () => {
  it('is told at once: coming, being idle, being back; and going when it is sure', async () => {
    const { they, watch } = await watching();
    const leave = they.connect();
    await hears(watch, soonMs, 'ONLINE');
    await they.setIdle(true);
    const idle = await hears(watch, soonMs, 'IDLE');
    expect(idle.presence?.lastSeenAt).not.toBeNull();
    await they.setIdle(false);
    expect((await hears(watch, soonMs, 'ONLINE')).presence?.lastSeenAt).toBeNull();
    const leftAt = clock.now();
    leave();
    expect((await hears(watch, closedMs, 'OFFLINE')).presence?.lastSeenAt).toBe(iso(leftAt));
    await watch.stop();
  });

  it('is nothing for who loses a connection and is back within ten seconds', async () => {
    const { they, watch } = await watching();
    let leave = they.connect();
    await hears(watch, soonMs, 'ONLINE');
    for (const _ of upTo(3)) {
      leave();
      await later(9_500);
      leave = they.connect();
      await later(soonMs);
    }
    await they.setIdle(true);
    await hears(watch, soonMs, 'IDLE');
    await watch.stop();
  });

  it('is told again before it has run out, with a later time each time, as long as somebody watches', async () => {
    const { they, watch } = await watching();
    they.connect();
    let last = (await hears(watch, soonMs, 'ONLINE')).presence;
    for (const _ of upTo(5)) {
      const { presence } = await hears(watch, renewedMs, 'ONLINE');
      expect(Date.parse(presence?.at ?? '')).toBeGreaterThan(Date.parse(last?.at ?? ''));
      expect(Date.parse(last?.validUntil ?? '')).toBeGreaterThan(Date.parse(presence?.at ?? ''));
      last = presence;
    }
    await watch.stop();
  });

  it('is the profile, too, within two seconds, and only when it is another', async () => {
    const { they, watch } = await watching();
    await they.rename('They');
    await later(writtenMs);
    expect(await watch.next()).toMatchObject({ displayName: 'They', presence: { state: 'OFFLINE' } });
    await they.rename('They');
    await later(writtenMs);
    await they.rename('Them');
    await later(writtenMs);
    expect(await watch.next()).toMatchObject({ displayName: 'Them' });
    await watch.stop();
  });

  it('is told of oneself as well, as one truly is', async () => {
    const { me } = await lookers(world, 'me');
    await me.set({ isInvisible: true });
    const watch = await me.watch([me.userId]);
    await hears(watch, 0, 'OFFLINE');
    me.connect();
    await hears(watch, soonMs, 'ONLINE');
    await watch.stop();
  });

  it('waits for a database that does not answer, and is then told', async () => {
    const { they, watch } = await watching();
    const { prisma } = world.product;
    await prisma.$executeRaw`ALTER TABLE user_account RENAME TO out_of_reach`;
    try {
      world.product.presence.announce(they.userId);
      they.connect();
      await later(writtenMs);
    } finally {
      await prisma.$executeRaw`ALTER TABLE out_of_reach RENAME TO user_account`;
    }
    const next = watch.until(({ displayName }) => displayName === 'After all');
    await they.rename('After all');
    await later(10_000);
    expect(await next).toMatchObject({ presence: { state: 'ONLINE' } });
    await watch.stop();
  });
});

describe('who is not to be seen any more', () => {
  it('is told once without presence, and again with it when they are', async () => {
    const { me, they, watch } = await watching();
    they.connect();
    await hears(watch, soonMs, 'ONLINE');
    await me.to.block(they.userId);
    expect(await hears(watch, writtenMs, null)).toMatchObject({ id: they.userId });
    await they.setIdle(true);
    await they.rename('Unheard');
    await later(3 * renewedMs);
    await me.to.unblock(they.userId);
    expect(await hears(watch, writtenMs, 'IDLE')).toMatchObject({ displayName: 'Unheard' });
    await watch.stop();
  });

  it('is offline for whom they block, without a time, as if they hid, and there again when that is over', async () => {
    const { me, they, watch } = await watching();
    they.connect();
    await hears(watch, soonMs, 'ONLINE');
    await they.to.block(me.userId);
    expect((await hears(watch, writtenMs, 'OFFLINE')).presence?.lastSeenAt).toBeNull();
    await they.setIdle(true);
    await they.setIdle(false);
    await they.to.unblock(me.userId);
    await hears(watch, writtenMs, 'ONLINE');
    await watch.stop();
  });

  it('is a contact that was removed, and is seen when the request is accepted', async () => {
    const { me, they } = await lookers(world, 'me', 'they');
    they.connect();
    const watch = await me.watch([they.userId, me.userId]);
    await watch.next();
    await become('contacts', me, they);
    expect(await hears(watch, writtenMs, 'ONLINE')).toMatchObject({ id: they.userId });
    await they.to.remove(me.userId);
    expect(await hears(watch, writtenMs, null)).toMatchObject({ id: they.userId });
    await watch.stop();
  });

  it('is told within the minute when they leave the last channel that the two share, and when they are in one again', async () => {
    const { me, they, watch, channelId } = await watching();
    await they.leave(channelId);
    await hears(watch, renewedMs, null);
    await later(renewedMs);
    await me.add(channelId, they.userId);
    await hears(watch, renewedMs, 'OFFLINE');
    await watch.stop();
  });

  it('is who hides: they are told as gone, seen last just now, and nothing more until they show themselves', async () => {
    const { they, watch } = await watching();
    const phone = lookerOf(world, await world.signIn(they.handle));
    const leave = they.connect();
    await hears(watch, soonMs, 'ONLINE');
    const hiddenAt = clock.now();
    await they.set({ isInvisible: true });
    const gone = await hears(watch, writtenMs, 'OFFLINE');
    expect(gone.presence?.lastSeenAt).toBe(iso(hiddenAt));
    await they.setIdle(true);
    await they.setIdle(false);
    leave();
    await later(closedMs);
    phone.connect()();
    await later(closedMs);
    phone.connect();
    await later(soonMs);
    await they.set({ isInvisible: false });
    await later(writtenMs);
    const told = await watch.next();
    expect(told.presence).toMatchObject({ state: 'ONLINE', lastSeenAt: null });
    await watch.stop();
  });

  it('is, when they stop hiding while they are gone, gone since they hid', async () => {
    const { they, watch } = await watching();
    const leave = they.connect();
    await hears(watch, soonMs, 'ONLINE');
    const hiddenAt = clock.now();
    await they.set({ isInvisible: true });
    await hears(watch, writtenMs, 'OFFLINE');
    await later(5_000);
    leave();
    await later(closedMs);
    await they.set({ isInvisible: false });
    await they.rename('Back');
    await later(writtenMs);
    expect(await watch.next()).toMatchObject({
      displayName: 'Back',
      presence: { state: 'OFFLINE', lastSeenAt: iso(hiddenAt) },
    });
    await watch.stop();
  });

  it.for([
    ['NOBODY', silent],
    ['CONTACTS', silent],
    ['CO_MEMBERS', 'a time'],
  ] as const)(
    'says to co-members when they were there last if that is for %s: %s',
    async ([audience, time]) => {
      const { they, watch } = await watching();
      await they.set({ lastSeenVisibleTo: 'NOBODY' });
      they.connect()();
      await hears(watch, soonMs, 'ONLINE');
      expect((await hears(watch, closedMs, 'OFFLINE')).presence?.lastSeenAt).toBeNull();
      await they.set({ lastSeenVisibleTo: audience });
      await they.rename('Marked');
      await later(writtenMs);
      const told = await watch.until(({ displayName }) => displayName === 'Marked');
      expect(told.presence?.lastSeenAt !== null).toBe(time !== silent);
      await watch.stop();
    },
  );
});

describe('watching', () => {
  it('ends with whoever watches, and leaves nothing behind', async () => {
    const { presence } = world.product;
    const { me, they } = await lookers(world, 'me', 'they');
    await me.createGroup([they.userId]);
    const before = presence.shares.total;
    const { watched } = presence.counts;
    const watch = await me.watch([they.userId]);
    await watch.next();
    expect([presence.shares.total - before, presence.counts.watched - watched]).toEqual([1, 1]);
    await watch.stop();
    expect([presence.shares.total - before, presence.counts.watched - watched]).toEqual([0, 0]);
  });
});
