import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { rowIdOf, type SessionId, sessionIdOf } from '../schema/ids.ts';
import { openMemoryBus } from '../schema/ports/bus.memory.ts';
import type { Bus, Interruption } from '../schema/ports/bus.ts';
import { createManualClock, type ManualClock } from '../schema/ports/clock.manual.ts';
import { openWorld, type World } from '../schema/test/world.ts';
import { openRevocations, type Revocations } from './revocations.ts';

let world: World;
let clock: ManualClock;
let heard: SessionId[];
const opened: Revocations[] = [];
beforeEach(async () => {
  world = await openWorld();
  clock = createManualClock(0);
  heard = [];
});
afterEach(async () => {
  for (const revocations of opened.splice(0)) await revocations.close();
  await world.close();
});

async function open(bus: Bus): Promise<Revocations> {
  const { prisma } = world.product;
  const revocations = await openRevocations({ bus, prisma, clock, logger: pino({ enabled: false }) });
  opened.push(revocations);
  revocations.onRevoked((sessionId) => heard.push(sessionId));
  return revocations;
}
/** Lets one look come, and waits until it is over: then the next one is slept for. */
async function nextLook(): Promise<void> {
  const sleeping = vi.spyOn(clock, 'sleep');
  await clock.advance(4_000);
  await vi.waitFor(() => expect(sleeping).toHaveBeenCalledTimes(1));
  sleeping.mockRestore();
}
const revoke = (sessionId: SessionId) =>
  world.product.prisma.session.update({
    where: { id: rowIdOf.session(sessionId) },
    data: { revokedAt: new Date() },
  });
/** A bus that loses everything, and says so when told to. */
function createLossyBus() {
  const interrupted = new Set<(how: Interruption) => void>();
  const bus: Bus = {
    publish: () => undefined,
    subscribe: async () => () => undefined,
    onInterrupted(listener) {
      interrupted.add(listener);
      return () => void interrupted.delete(listener);
    },
    close: async () => undefined,
  };
  const interrupt = () => {
    for (const listener of interrupted) listener('reconnect');
  };
  return { bus, interrupt };
}

describe('a session that has ended', () => {
  it('is heard of at once on every server', async () => {
    const bus = openMemoryBus();
    const [here] = [await open(bus), await open(bus)];
    here.announce(sessionIdOf(7n));
    await vi.waitFor(() => expect(heard).toEqual([sessionIdOf(7n), sessionIdOf(7n)]));
  });

  it('is heard of within 5 s when the hint was lost and something lives by it', async () => {
    const revocations = await open(createLossyBus().bus);
    const people = [await world.signUp(), await world.signUp(), await world.signUp()];
    const [ended, standing, unwatched] = people.map(({ viewer }) => viewer.sessionId);
    if (!ended || !standing || !unwatched) throw new Error('Three have signed up.');
    revocations.watch(ended);
    revocations.watch(standing);
    await revoke(ended);
    await revoke(unwatched);
    await clock.advance(4_000);
    await vi.waitFor(() => expect(heard).toEqual([ended]));
  });

  it('is looked for at once when hints may have been lost', async () => {
    const { bus, interrupt } = createLossyBus();
    const revocations = await open(bus);
    const { sessionId } = (await world.signUp()).viewer;
    revocations.watch(sessionId);
    await revoke(sessionId);
    interrupt();
    await vi.waitFor(() => expect(heard).toEqual([sessionId]));
  });

  it('is looked for until the last who lives by it is gone, with one query for all', async () => {
    const revocations = await open(createLossyBus().bus);
    const sessionIds = (await Promise.all([world.signUp(), world.signUp()])).map(
      (person) => person.viewer.sessionId,
    );
    const query = vi.spyOn(world.database.pool, 'query');
    const releases = [...sessionIds, ...sessionIds].map((sessionId) => revocations.watch(sessionId));
    await nextLook();
    expect(query).toHaveBeenCalledTimes(1);
    releases[0]?.();
    releases[0]?.();
    releases[1]?.();
    await nextLook();
    expect(query).toHaveBeenCalledTimes(2);
    expect(query.mock.lastCall?.[0]).toMatchObject({ values: [expect.anything()] });
    releases[2]?.();
    releases[3]?.();
    await clock.advance(40_000);
    expect(query).toHaveBeenCalledTimes(2);
  });

  it('is found by the next look when the database did not answer to one', async () => {
    const revocations = await open(createLossyBus().bus);
    const { sessionId } = (await world.signUp()).viewer;
    revocations.watch(sessionId);
    await revoke(sessionId);
    const query = vi.spyOn(world.database.pool, 'query').mockRejectedValueOnce(new Error('gone'));
    await nextLook();
    expect(query).toHaveBeenCalledTimes(1);
    expect(heard).toEqual([]);
    await clock.advance(4_000);
    await vi.waitFor(() => expect(heard).toEqual([sessionId]));
  });
});

describe('listening', () => {
  it('ends when it is ended', async () => {
    const bus = openMemoryBus();
    const revocations = await open(bus);
    const other: SessionId[] = [];
    const end = revocations.onRevoked((sessionId) => other.push(sessionId));
    end();
    revocations.announce(sessionIdOf(7n));
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(other).toEqual([]);
  });

  it('believes nothing that is not the id of a session', async () => {
    const bus = openMemoryBus();
    await open(bus);
    for (const payload of ['usr1', '', 'ses', 7, null, ['ses1'], { id: 'ses1' }, 'ses1'])
      bus.publish('sessions', payload);
    await vi.waitFor(() => expect(heard).toContain('ses1'));
    expect(heard).toEqual(['ses1']);
  });
});
