import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../../schema/ports/clock.manual.ts';
import { createRoom, mostLateMs } from './room.ts';

const servers = ['server-1', 'server-2'];
const planned = (on: string, stops: readonly string[] = []) => ({ on, stops, at: 0, until: 1_000 });
const world = () => {
  const clock = createManualClock(0);
  const giveUp = new AbortController();
  const room = createRoom(servers, clock);
  /** What is said of it when there is nothing left to do at this moment. */
  const enter = (one: ReturnType<typeof planned>) => {
    const state: { said?: boolean } = {};
    void room.enter(one, giveUp.signal).then((isIn) => {
      state.said = isIn;
    });
    return state;
  };
  return { clock, giveUp, room, enter };
};

describe('room for a fault', () => {
  it('is where nothing else happens to its target', async () => {
    const { clock, room, enter } = world();
    const first = planned('redis');
    const [a, b, other] = [enter(first), enter(planned('redis')), enter(planned('worker-1'))];
    await clock.advance(2_000);
    expect([a.said, b.said, other.said]).toEqual([true, undefined, true]);
    room.leave(first);
    await clock.advance(1_000);
    expect(b.said).toBe(true);
  });

  it('is not where a server that heals late is the last one that goes on', async () => {
    const { clock, room, enter } = world();
    const [late, next] = [planned('server-1', ['server-1']), planned('server-2', ['server-2'])];
    enter(late);
    await clock.advance(1_001);
    const waiting = enter(next);
    const mild = enter(planned('clients'));
    await clock.advance(5_000);
    expect([waiting.said, mild.said]).toEqual([undefined, true]);
    room.leave(late);
    await clock.advance(1_000);
    expect(waiting.said).toBe(true);
  });

  it('is there for as many as were planned while none is late', async () => {
    const { clock, enter } = world();
    const all = servers.map((server) => enter(planned(server, [server])));
    await clock.advance(0);
    expect(all.map(({ said }) => said)).toEqual([true, true]);
  });

  it('is waited for only so long, and not when everything is given up', async () => {
    const { clock, giveUp, enter } = world();
    enter(planned('redis'));
    await clock.advance(0);
    const patient = enter(planned('redis'));
    await clock.advance(mostLateMs + 1_000);
    expect(patient.said).toBe(false);
    const another = enter(planned('redis'));
    giveUp.abort();
    await clock.advance(0);
    expect(another.said).toBe(false);
  });
});
