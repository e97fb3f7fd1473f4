import type { Bus, BusPayload, Interruption } from '../../ports/bus.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Chance } from './chance.ts';
import type { Gate } from './gate.ts';
import type { Weather } from './weather.ts';

/** Time enough for something to happen before a subscription is active. */
const slowestSubscribeMs = 400;

type Listener = { readonly gate: Gate; readonly onPayload: (payload: BusPayload) => void };

/** Hints between processes: lost, repeated and late as the weather wants, and never from or to a dead process. */
export interface SimBus {
  /** The bus as one process sees it. */
  of(gate: Gate): Bus;
  /** Nothing reaches this process for so long; afterwards it is told so. */
  interrupt(gate: Gate, ms: number): void;
}

type BusSettings = {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly weather: Weather;
  readonly isStormy: () => boolean;
};

export function createSimBus({ clock, chance, weather, isStormy }: BusSettings): SimBus {
  const topics = new Map<string, Set<Listener>>();
  const deafUntil = new Map<Gate, number>();
  const onInterrupted = new Map<Gate, (how: Interruption) => void>();
  const isDeaf = (gate: Gate) => (deafUntil.get(gate) ?? 0) > clock.now();

  async function carry(topic: string, listener: Listener, text: string): Promise<void> {
    await clock.sleep(chance.between(0, isStormy() ? weather.hints.lateMs : 10));
    const isListening = topics.get(topic)?.has(listener) && listener.gate.isAlive;
    if (isListening && !isDeaf(listener.gate)) listener.onPayload(JSON.parse(text));
  }

  function publish(topic: string, payload: BusPayload): void {
    const text = JSON.stringify(payload);
    for (const listener of topics.get(topic) ?? []) {
      if (isStormy() && chance.happens(weather.hints.lost)) continue;
      const times = isStormy() && chance.happens(weather.hints.repeated) ? 2 : 1;
      for (let i = 0; i < times; i += 1) void carry(topic, listener, text);
    }
  }

  return {
    of: (gate) => ({
      publish(topic, payload) {
        if (gate.isAlive && !isDeaf(gate)) publish(topic, payload);
      },
      subscribe: (topic, onPayload) =>
        gate.call(async () => {
          await clock.sleep(chance.between(0, slowestSubscribeMs));
          const listener = { gate, onPayload };
          const listeners = topics.get(topic) ?? new Set();
          topics.set(topic, listeners.add(listener));
          return () => void listeners.delete(listener);
        }),
      onInterrupted(listener) {
        onInterrupted.set(gate, listener);
        return () => void onInterrupted.delete(gate);
      },
      close: async () => undefined,
    }),
    interrupt(gate, ms) {
      deafUntil.set(gate, clock.now() + ms);
      void clock.sleep(ms).then(() => {
        if (gate.isAlive) onInterrupted.get(gate)?.('reconnect');
      });
    },
  };
}
