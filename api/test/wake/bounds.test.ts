import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { incomingId, rowIdOf } from '../../../schema/ids.ts';
import type { Clock } from '../../../schema/ports/clock.ts';
import { openMemoryLeases } from '../../../schema/ports/leases.memory.ts';
import { type Leases, LeasesAwayError } from '../../../schema/ports/leases.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { many, statementsDuring } from '../product/statements-of.ts';
import { idOf, openScene, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene({ log: 'postgres' });
});
afterAll(() => scene.close());

/** So many messages of Bob's, put into the log at once; `agoMs` ago. */
async function fill(channelId: string, authorId: string, { count, agoMs }: { count: number; agoMs: number }) {
  const { prisma, clock } = scene.product;
  const id = rowIdOf.channel(idOf(channelId));
  await prisma.$executeRaw`
    WITH head AS (SELECT head, message_count FROM log_head WHERE channel_id = ${id}), said AS (
      INSERT INTO log_event (channel_id, seq, number, kind, author_id, nonce, created_at, body)
      SELECT ${id}, head + n, message_count + n, 1, ${rowIdOf.user(incomingId(authorId))}, 'c:filled-' || n,
        ${new Date(clock.now() - agoMs)}, 'Message ' || n
      FROM head, generate_series(1, ${count}::int) n)
    UPDATE log_head SET head = head + ${count}, message_count = message_count + ${count} WHERE channel_id = ${id}`;
}

describe('nobody is woken for what was said', () => {
  it('before they joined, also where all history is shown to who joins later', async () => {
    const [ada, bob, lou] = [await scene.away(), await scene.join(), await scene.away()];
    const { id } = (await bob.createGroup([lou.userId])).channel;
    await bob.updateGroup(id, { historyVisibility: 'ALL' });
    await bob.send(id, 'Before');
    await bob.add(id, ada.userId);
    await scene.wake(id);
    expect([ada.pushes().length, lou.pushes().length]).toEqual([0, 1]);
    await bob.send(id, 'Behind');
    await scene.wake(id);
    expect(ada.notes()).toMatchObject([{ number: 2, count: 1, badge: 1 }]);
  });

  it('while they were away from the channel, after they are back', async () => {
    const [ada, bob] = [await scene.away(), await scene.join()];
    const { id } = (await bob.createGroup([ada.userId])).channel;
    await bob.remove(id, ada.userId);
    await bob.send(id, 'Without them');
    await bob.add(id, ada.userId);
    await bob.send(id, 'With them');
    await scene.wake(id);
    expect(ada.notes()).toMatchObject([{ number: 2, count: 1, badge: 1 }]);
  });

  it('before their device was registered', async () => {
    const [ada, bob] = [await scene.join(), await scene.join()];
    const { id } = (await bob.createGroup([ada.userId])).channel;
    await bob.send(id, 'Before');
    await scene.clock.advance(1);
    await ada.register();
    await scene.wake(id);
    expect(ada.pushes()).toEqual([]);
    await bob.send(id, 'Behind');
    await scene.wake(id);
    expect(ada.notes()).toMatchObject([{ number: 2, count: 1, badge: 2 }]);
  });

  it('before the server could wake anybody, however much it is', async () => {
    const [ada, bob] = [await scene.join(), await scene.join()];
    const { id } = (await bob.createGroup([ada.userId])).channel;
    await fill(id, bob.userId, { count: 5_000, agoMs: 3_600_000 });
    await ada.register();
    await scene.sweepLater();
    expect(ada.pushes()).toEqual([]);
    expect(await scene.decisionsOf(ada)).toEqual([]);
    await bob.send(id, 'Today');
    await scene.wake(id);
    expect(ada.notes()).toMatchObject([{ number: 5_001, count: 1, badge: 5_001 }]);
  });

  it('more than a day ago, when everything stood still for that long', async () => {
    const [ada, bob] = [await scene.away(), await scene.join()];
    const { id } = (await bob.createGroup([ada.userId])).channel;
    await bob.send(id, 'Yesterday');
    await scene.sweepLater(25 * 3_600_000);
    expect(ada.pushes()).toEqual([]);
  });
});

describe('what it takes', () => {
  it('to decide about ten thousand new messages is a bounded read, and one push', async () => {
    const [ada, bob] = [await scene.away(), await scene.join()];
    const { id } = (await bob.createGroup([ada.userId])).channel;
    await fill(id, bob.userId, { count: 10_000, agoMs: 0 });
    const { statements } = await statementsDuring(() => scene.wake(id));
    expect(statements.length, many(statements)).toBeLessThan(80);
    expect(ada.notes()).toMatchObject([{ number: 10_000, count: 1_000, badge: 10_000 }]);
    expect(await scene.decisionsOf(ada)).toHaveLength(1_000);
  });

  it('to decide about a channel is as many statements for a hundred people as for three', async () => {
    const counts: number[] = [];
    const bob = await scene.join();
    for (const size of [2, 99]) {
      const others = await Promise.all(upTo(size).map((n) => (n <= 5 ? scene.away() : scene.join())));
      const { id } = (await bob.createGroup(others.map(({ userId }) => userId))).channel;
      await bob.send(id, 'All of you');
      const { statements } = await statementsDuring(() =>
        scene.handlers.wakeChannel({ channelId: idOf(id) }),
      );
      counts.push(statements.length);
      expect(statements.length, many(statements)).toBeLessThanOrEqual(24);
      await scene.doDue();
    }
    expect(counts[0]).toBe(counts[1]);
  });

  it('to send where nobody else can be woken is one look in ten seconds', async () => {
    const [bob, lou] = [await scene.away(), await scene.join()];
    const { id } = (await bob.createGroup([lou.userId])).channel;
    const { waiting } = scene.jobs;
    waiting.clear();
    const look = /FROM member m[\s\S]*push_endpoint/;
    const looksIn = async (count: number) => {
      const { statements } = await statementsDuring(async () => {
        for (const n of upTo(count)) await bob.send(id, `Message ${n}`);
        await scene.clock.advance(1);
      });
      return statements.filter((text) => look.test(text)).length;
    };
    expect(await looksIn(20)).toBe(1);
    expect(await looksIn(20)).toBe(0);
    await scene.clock.advance(10_000);
    expect(await looksIn(1)).toBe(1);
    expect([...waiting.keys()].filter((place) => place.includes(id))).toEqual([]);
  });
});

describe('who is active', () => {
  it('is told later, when they have not turned to it and gone', async () => {
    const [ada, bob] = [await scene.away(), await scene.join()];
    const { id } = (await bob.createGroup([ada.userId])).channel;
    const leave = scene.product.presence.connect({
      userId: ada.userId,
      deviceId: ada.person.viewer.deviceId,
    });
    await scene.clock.advance(1_000);
    await bob.send(id, 'Hello');
    await scene.wake(id);
    expect(ada.pushes()).toEqual([]);
    expect(await scene.decisionsOf(ada)).toMatchObject([{ outcome: 'POSTPONED' }]);
    leave();
    await scene.after(40_000);
    expect(ada.notes()).toMatchObject([{ number: 1, count: 1 }]);
    expect(await scene.decisionsOf(ada)).toMatchObject([{ outcome: 'SENT' }]);
  });

  it('is told of each message once, also of one behind another that waits', async () => {
    const [ada, bob] = [await scene.away(), await scene.join()];
    const { id } = (await bob.createGroup([ada.userId])).channel;
    const { stream, presence } = scene.product;
    presence.connect({ userId: ada.userId, deviceId: ada.person.viewer.deviceId });
    await scene.clock.advance(1_000);
    await bob.send(id, 'A device has this one');
    await stream.mark(idOf(id), ada.userId, { delivered: 1 });
    await bob.send(id, 'No device has this one');
    await scene.wake(id);
    await scene.after(36_000);
    expect(ada.notes()).toMatchObject([{ number: 2, count: 1 }]);
    await scene.after(600_000);
    expect(ada.pushes()).toHaveLength(1);
    expect(await scene.decisionsOf(ada)).toMatchObject([{ outcome: 'POSTPONED' }, { outcome: 'SENT' }]);
    await scene.after(3_600_000);
    expect(ada.pushes()).toHaveLength(1);
    expect(await scene.decisionsOf(ada)).toMatchObject([{ outcome: 'SUPPRESSED' }, { outcome: 'SENT' }]);
  });

  it('is never told of what they read in the end', async () => {
    const [ada, bob] = [await scene.away(), await scene.join()];
    const { id } = (await bob.createGroup([ada.userId])).channel;
    scene.product.presence.connect({ userId: ada.userId, deviceId: ada.person.viewer.deviceId });
    await scene.clock.advance(1_000);
    await bob.send(id, 'Hello');
    await scene.wake(id);
    await scene.after(20_000);
    await ada.read(id, 1);
    await scene.after(3_600_000);
    expect(ada.pushes()).toEqual([]);
  });

  it('is not known while the store of that is away: nothing is decided, and later it is', async () => {
    const state = { isAway: false };
    const leasesBy = (clock: Clock): Leases => {
      const leases = openMemoryLeases({ clock });
      return {
        ...leases,
        of: (keys) => (state.isAway ? Promise.reject(new LeasesAwayError()) : leases.of(keys)),
      };
    };
    const other = await openScene({ leasesBy });
    try {
      const [ada, bob] = [await other.away(), await other.join()];
      const { id } = (await bob.createGroup([ada.userId])).channel;
      state.isAway = true;
      await bob.send(id, 'Hello');
      await expect(other.wake(id)).rejects.toThrow(LeasesAwayError);
      expect([ada.pushes(), await other.decisionsOf(ada)]).toEqual([[], []]);
      state.isAway = false;
      await other.handlers.wakeChannel({ channelId: idOf(id) });
      state.isAway = true;
      expect(await other.doDue()).toHaveLength(1);
      expect(ada.pushes()).toEqual([]);
      state.isAway = false;
      await other.sweepLater();
      expect(ada.pushes()).toHaveLength(1);
    } finally {
      await other.close();
    }
  });
});

it('a log that was restored wakes nobody for what it had before, and everybody for what comes', async () => {
  const [ada, bob] = [await scene.away(), await scene.join()];
  const { id } = (await bob.createGroup([ada.userId])).channel;
  for (const n of upTo(5)) await bob.send(id, `Message ${n}`);
  await scene.wake(id);
  expect(ada.pushes()).toHaveLength(1);
  const channelId = rowIdOf.channel(idOf(id));
  const { prisma } = scene.product;
  // Three messages are lost.
  await prisma.$executeRaw`DELETE FROM log_event WHERE channel_id = ${channelId} AND number > 2`;
  await prisma.$executeRaw`UPDATE log_head SET head = head - 3, message_count = 2 WHERE channel_id = ${channelId}`;
  await scene.wake(id);
  expect(ada.notes().at(-1)).toMatchObject({ number: 2, count: 2, badge: 2, isQuiet: true });
  await bob.send(id, 'Three again');
  await scene.wake(id);
  expect(ada.notes().at(-1)).toMatchObject({ number: 3, count: 3, badge: 3 });
});
