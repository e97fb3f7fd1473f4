import type { Conditions, FaultProxy } from '../../faults/proxy.ts';
import type { Random } from '../../smoke/random.ts';
import type { ChaosStage } from '../stage.ts';
import type { Fault, FaultContext } from './fault.ts';
import { linkName } from './progress.ts';
import { repeat } from './repeat.ts';

function proxyOf(stage: ChaosStage, name: string): FaultProxy {
  const found = stage.links().find(({ from, to }) => linkName(from, to) === name);
  if (found === undefined) throw new Error(`There is no link ${name}.`);
  return found.proxy;
}

const onLinks = (fault: Pick<Fault, 'name' | 'weight' | 'begin'> & Partial<Fault>): Fault => ({
  isPossible: (stage) => stage.links().length > 0,
  targets: (stage) => stage.links().map(({ from, to }) => linkName(from, to)),
  healsMs: 1_000,
  ...fault,
});

/** A link is like this until it is healed. */
const whileSo = (conditionsBy: (random: Random) => Conditions) =>
  async function begin({ stage, on, random }: FaultContext) {
    const proxy = proxyOf(stage, on);
    const conditions = conditionsBy(random);
    await proxy.set(conditions);
    return { detail: JSON.stringify(conditions), heal: () => proxy.set({}) };
  };

const betweenMs = { least: 200, most: 3_000 } as const;

/** Again and again, something happens to all its connections at once. Tells how many there were. */
const againAndAgain = (happen: (proxy: FaultProxy, random: Random) => number) =>
  async function begin({ stage, on, random, signal }: FaultContext) {
    const proxy = proxyOf(stage, on);
    let connections = 0;
    const happening = async () => {
      connections += happen(proxy, random);
    };
    const times = await repeat(happening, { random, signal, betweenMs });
    return {
      async heal() {
        await times.stop();
        return `${connections} connections`;
      },
    };
  };

/** New connections are refused, and those that live are reset with it: otherwise a pool would notice nothing. */
async function refuse({ stage, on }: FaultContext) {
  const proxy = proxyOf(stage, on);
  await proxy.set({ refuses: true });
  return { detail: `${proxy.reset()} connections`, heal: () => proxy.set({}) };
}

/** Through it everything arrives, later; then it is not among what stops a server. */
const late = (random: Random): Conditions => ({
  latencyMs: random.pick([20, 80, 300]),
  jitterMs: random.pick([0, 20, 200]),
});
const narrow = (random: Random): Conditions => ({ bytesPerSecond: random.pick([4, 16, 64]) * 1_024 });
/** Less than an answer, and more than that. */
const cut = (random: Random): Conditions => ({ cutAfterBytes: random.pick([1, 10, 100, 1_000, 20_000]) });
const end = (proxy: FaultProxy, random: Random) => proxy.end(random.pick(['up', 'down']));

const shortly = { lastsMs: { least: 200, most: 8_000 } } as const;

/** What happens to a network, on one link at a time. */
export const linkFaults: readonly Fault[] = [
  onLinks({ name: 'link-latency', weight: 2, begin: whileSo(late), isMild: true }),
  onLinks({ name: 'link-bandwidth', weight: 2, begin: whileSo(narrow) }),
  onLinks({ name: 'link-blackhole', weight: 2, begin: whileSo(() => ({ silent: 'both' })) }),
  onLinks({ name: 'link-deaf', weight: 1, begin: whileSo(() => ({ silent: 'down' })) }),
  onLinks({ name: 'link-mute', weight: 1, begin: whileSo(() => ({ silent: 'up' })) }),
  onLinks({ name: 'link-cut-mid-frame', weight: 2, begin: whileSo(cut) }),
  onLinks({ name: 'link-refuse', weight: 1, begin: refuse }),
  onLinks({ name: 'link-reset', weight: 2, begin: againAndAgain((proxy) => proxy.reset()), ...shortly }),
  onLinks({ name: 'link-half-close', weight: 1, begin: againAndAgain(end), ...shortly }),
];
