import type { Keeper } from '../../../bench/server-process.ts';
import { type RedisServer, startRedis } from '../engines/redis.ts';
import type { Links } from './links.ts';
import { order, untilItFollows } from './redis-orders.ts';

/** One Redis that is used, and another one that follows it and can take its place. What is not said here is done to the first. */
export type RedisPair = RedisServer & {
  /** The second one. It is behind as far as its own link, from `redis-replica`, lets it. */
  replica(): RedisServer;
  /** What is in memory now is what `startAgain('snapshot')` brings back. */
  save(): Promise<void>;
  /**
   * The second becomes the first, with what it has, and all links lead to it. `crash`: the one before is killed, and comes back empty as the
   * second. `handover`: it lives and becomes the second; whoever is connected to it stays so, and may only read there.
   */
  failOver(how: 'crash' | 'handover'): Promise<void>;
};

export const replicaName = 'redis-replica';

/** Starts both, and resolves when the second follows. */
export async function openRedisPair(links: Links, keeper: Keeper): Promise<RedisPair> {
  // Without that a replica waits five seconds for others that would join in.
  const start = () => startRedis(['--repl-diskless-sync-delay', '0'], keeper);
  let primary = await start();
  let replica: RedisServer;
  try {
    replica = await start();
  } catch (error) {
    await primary.close();
    throw error;
  }
  const close = async () => {
    await replica.close();
    await primary.close();
  };
  /** Through the link, so that it can lag. */
  const follow = async (one: RedisServer) => void (await order(one, `REPLICAOF 127.0.0.1 ${follows.port}`));

  async function failOver(how: 'crash' | 'handover'): Promise<void> {
    const [former, next] = [primary, replica];
    if (how === 'crash') await former.kill();
    follows.reset(); // what is held up on the way never arrives
    await order(next, 'REPLICAOF NO ONE');
    [primary, replica] = [next, former];
    links.pointTo('redis', next.port);
    if (how === 'crash') await former.startAgain();
    await follow(former);
  }

  const follows = await links.open(replicaName, 'redis', primary.port);
  try {
    await follow(replica);
    await untilItFollows(replica);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    get port() {
      return primary.port;
    },
    get url() {
      return primary.url;
    },
    replica: () => replica,
    pid: () => primary.pid(),
    kill: () => primary.kill(),
    startAgain: (from) => primary.startAgain(from),
    pause: () => primary.pause(),
    resume: () => primary.resume(),
    tell: (command) => primary.tell(command),
    save: async () => void (await order(primary, 'SAVE')),
    ...{ failOver, close },
  };
}
