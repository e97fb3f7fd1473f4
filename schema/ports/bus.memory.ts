import type { Bus, BusPayload } from './bus.ts';

type Listener = { readonly onPayload: (payload: BusPayload) => unknown };

/**
 * The reference, and the real one of a single process: nothing is lost, in order, delivered soon after `publish` has returned.
 * Listeners share one payload object. One that throws or rejects is told to `onListenerError` and harms no other.
 */
export function openMemoryBus(options: { readonly onListenerError?: (error: unknown) => void } = {}): Bus {
  const topics = new Map<string, Set<Listener>>();
  const report = options.onListenerError ?? (() => undefined);
  let isOpen = true;

  const tell = ({ onPayload }: Listener, payload: BusPayload) => {
    try {
      const answer = onPayload(payload);
      if (answer instanceof Promise) answer.catch(report);
    } catch (error) {
      report(error);
    }
  };
  const deliver = (topic: string, payload: BusPayload) => {
    const listeners = topics.get(topic) ?? new Set();
    // A copy, because listeners may subscribe and end subscriptions; who was ended meanwhile hears nothing.
    for (const listener of [...listeners]) if (listeners.has(listener)) tell(listener, payload);
  };
  const end = (topic: string, listener: Listener) => {
    const listeners = topics.get(topic);
    if (listeners?.delete(listener) && listeners.size === 0) topics.delete(topic);
  };

  return {
    publish(topic, payload) {
      if (topics.has(topic)) queueMicrotask(() => deliver(topic, payload));
    },
    async subscribe(topic, onPayload) {
      if (!isOpen) throw new Error('The bus is closed.');
      const listener = { onPayload };
      const listeners = topics.get(topic);
      if (listeners) listeners.add(listener);
      else topics.set(topic, new Set([listener]));
      return () => end(topic, listener);
    },
    /** Nothing is ever lost here, so it never calls back. */
    onInterrupted: () => () => undefined,
    async close() {
      isOpen = false;
      for (const listeners of topics.values()) listeners.clear();
      topics.clear();
    },
  };
}
