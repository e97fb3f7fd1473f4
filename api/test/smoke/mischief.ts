import type { TcpProxy } from '../client/tcp-proxy.ts';
import type { Device } from './device.ts';
import type { Random } from './random.ts';

/** `all`: sockets are cut and something happens to what runs. `server`: only the latter. */
export type Mischief = 'all' | 'server' | 'none';

type Options = {
  readonly mischief: Mischief;
  readonly random: Random;
  readonly proxy: TcpProxy;
  readonly devices: readonly Pick<Device, 'drop'>[];
  readonly messages: number;
  readonly kills: number;
  /** Something is to happen to what runs, for the nth time. */
  readonly onTrouble: (nth: number) => void;
};

/** So many messages are acknowledged between two cuts, on average. */
const betweenCuts = 8;
/** For so long a deaf socket learns nothing of what the server commits. */
const mostDeafMs = 60;

/**
 * What happens to the network and the server while people talk. It goes by the messages that were acknowledged, not by the
 * clock, so that a fast computer is disturbed as often as a slow one. To be called at every acknowledgement.
 */
export function createMischief(options: Options): () => void {
  const { random, proxy, devices, messages, kills, mischief, onTrouble } = options;
  const killAt = Array.from({ length: kills }, (_, nth) => Math.ceil((messages * (nth + 1)) / (kills + 1)));
  let acknowledged = 0;

  const ways: readonly (() => void)[] = [
    () => pickLink()?.cut(),
    () => random.pick(devices).drop(),
    () => {
      const link = pickLink();
      link?.deafen();
      setTimeout(() => link?.cut(), random.below(mostDeafMs)); // ends by itself; closing the proxy cuts it as well
    },
  ];
  const pickLink = () => {
    const links = proxy.links();
    return links.length > 0 ? random.pick(links) : undefined;
  };

  return () => {
    acknowledged += 1;
    const nth = killAt.indexOf(acknowledged);
    if (mischief !== 'none' && nth >= 0) onTrouble(nth);
    else if (mischief === 'all' && random.below(betweenCuts) === 0) random.pick(ways)();
  };
}
