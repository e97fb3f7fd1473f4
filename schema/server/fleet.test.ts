import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../ports/clock.manual.ts';
import { createLeaseSpace, openMemoryLeases } from '../ports/leases.memory.ts';
import type { Leases } from '../ports/leases.ts';
import { openFleet } from './fleet.ts';

const logger = pino({ enabled: false });
const place = (name: string) => ({ url: `wss://${name}.example/graphql`, zone: null });

/** Several servers, each in a process of its own as far as they know. */
function world() {
  const clock = createManualClock(1_700_000_000_000);
  const space = createLeaseSpace();
  function start(name: string, change: (leases: Leases) => Leases = (leases) => leases) {
    const leases = openMemoryLeases({ clock, space });
    const fleet = openFleet({ leases: change(leases), clock, logger, random: () => 0.5 });
    const state = { sockets: 0 };
    const leave = fleet.join(place(name), () => state.sockets);
    const urls = async () => (await fleet.endpoints()).map(({ url }) => new URL(url).hostname.split('.')[0]);
    return { fleet, leases, leave, urls, state };
  }
  return { clock, space, start };
}

describe('A server of several', () => {
  it('knows itself at once, and the others as soon as they have said where they are', async () => {
    const { clock, start } = world();
    const one = start('one');
    expect(await one.urls()).toEqual(['one']);
    const two = start('two');
    await clock.advance(1_000);
    expect((await one.urls()).sort()).toEqual(['one', 'two']);
    expect((await two.urls()).sort()).toEqual(['one', 'two']);
    expect(two.fleet.known().toSorted()).toEqual([place('one').url, place('two').url]);
  });

  it('knows of one that came later within two seconds, also when nobody has asked', async () => {
    const { clock, start } = world();
    const one = start('one');
    await clock.advance(2_000);
    expect(one.fleet.known()).toEqual([place('one').url]);
    start('two');
    await clock.advance(2_000);
    expect(one.fleet.known()).toEqual([place('one').url, place('two').url]);
  });

  it('sends clients to the one that has fewest sockets first, as of two seconds ago', async () => {
    const { clock, start } = world();
    const [one, two] = [start('one'), start('two')];
    two.state.sockets = 50;
    await clock.advance(2_000);
    expect(await one.urls()).toEqual(['one', 'two']);
    expect(await two.urls()).toEqual(['one', 'two']);
    one.state.sockets = 400;
    await clock.advance(2_000);
    expect(await two.urls()).toEqual(['two', 'one']);
  });

  it('sends nobody to one that has left, within a second, and nobody to itself when it has left', async () => {
    const { clock, start } = world();
    const [one, two] = [start('one'), start('two')];
    await clock.advance(2_000);
    expect(await one.urls()).toHaveLength(2);
    await two.leave();
    await clock.advance(1_000);
    expect(await one.urls()).toEqual(['one']);
    expect(await two.urls()).toEqual(['one']);
  });

  it('sends nobody to one that has died, as soon as its lease is over, and forgets it for good', async () => {
    const { clock, space, start } = world();
    const [one, two] = [start('one'), start('two')];
    await clock.advance(2_000);
    expect(await one.urls()).toHaveLength(2);
    two.leases.kill();
    await clock.advance(30_000);
    expect(await one.urls()).toEqual(['one']);
    expect([...(space.keys.get('servers')?.claims.values() ?? [])]).toHaveLength(1);
  });

  it('asks for the others once in a second, however many clients want to know', async () => {
    const { clock, start } = world();
    let looks = 0;
    const one = start('one', (leases) => ({
      ...leases,
      of(keys) {
        looks += 1;
        return leases.of(keys);
      },
    }));
    for (let n = 0; n < 1_000; n += 1) await one.urls();
    expect(looks).toBe(1);
    await clock.advance(1_000);
    await Promise.all(Array.from({ length: 1_000 }, one.urls));
    expect(looks).toBe(2);
  });

  it('goes on with what it knew when it cannot ask, and says itself again when it can', async () => {
    const { clock, start } = world();
    const other = start('other');
    const state = { isDown: false };
    const down = async () => {
      throw new Error('The store is down.');
    };
    const one = start('one', (leases) => ({
      ...leases,
      of: (keys) => (state.isDown ? down() : leases.of(keys)),
      claim: (key, said) => (state.isDown ? down() : leases.claim(key, said)),
    }));
    await clock.advance(1_000);
    expect((await one.urls()).sort()).toEqual(['one', 'other']);
    state.isDown = true;
    await clock.advance(5_000);
    expect((await one.urls()).sort()).toEqual(['one', 'other']);
    state.isDown = false;
    await clock.advance(2_000);
    expect((await other.urls()).sort()).toEqual(['one', 'other']);
  });

  it('does not believe what it cannot read', async () => {
    const { clock, start } = world();
    const [one, two] = [start('one'), start('two')];
    await two.leave();
    await two.leases.claim('servers', { entry: 'x', value: { address: 'elsewhere' } });
    await clock.advance(1_000);
    expect(await one.urls()).toEqual(['one']);
  });

  it('says nothing any more when it is closed', async () => {
    const { clock, space, start } = world();
    const one = start('one');
    await clock.advance(1_000);
    await one.fleet.close();
    await clock.advance(60_000);
    expect([...(space.keys.get('servers')?.claims.values() ?? [])]).toEqual([]);
    expect(await one.urls()).toEqual([]);
  });
});
