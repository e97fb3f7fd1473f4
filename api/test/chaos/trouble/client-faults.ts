import type { Fault, FaultContext } from './fault.ts';

/** What all devices together are called, as a target. */
export const clients = 'clients';

const ofClients = (fault: Pick<Fault, 'name' | 'weight' | 'begin'> & Partial<Fault>): Fault => ({
  isPossible: () => true,
  targets: () => [clients],
  healsMs: 0,
  isMild: true,
  ...fault,
});
const at = (count: number) => ({ detail: `${count} devices`, heal: async () => undefined });
const sharesOf = [0.05, 0.2, 0.5] as const;

/** Some of those who are connected, at least one. */
const someOf = ({ load, random }: FaultContext) =>
  Math.max(1, Math.round(load.connections() * random.pick(sharesOf)));

/** Nothing is left to heal: a device comes back by itself. */
const atOnce = { lastsMs: { least: 200, most: 1_000 } } as const;
/** As a phone behind a bad wall has it. */
const bytesPerSecond = 4_096;

/** What happens to devices and their networks. Those that last end by themselves. */
export const clientFaults: readonly Fault[] = [
  ofClients({
    name: 'clients-reset',
    weight: 2,
    ...atOnce,
    begin: async (context) => at(context.load.resetSome(someOf(context))),
  }),
  ofClients({
    name: 'clients-half-open',
    weight: 2,
    begin: async (context) => at(context.load.halfOpenSome(someOf(context), context.lastsMs)),
  }),
  ofClients({
    name: 'clients-slow',
    weight: 2,
    begin: async (context) => at(context.load.slow(someOf(context), bytesPerSecond, context.lastsMs)),
  }),
  ofClients({
    name: 'clients-storm',
    weight: 1,
    ...atOnce,
    begin: async ({ load }) => at(load.stormAll()),
  }),
];
