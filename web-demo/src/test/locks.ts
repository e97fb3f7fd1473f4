import type { Locks } from '../tabs/locks.ts';

/** Web Locks for tests, where Node has none: one holder per name, in the order of asking; `steal` takes it away. */
export function createLocks(): Locks {
  type Holder = { readonly lose: (why: Error) => void };
  const holders = new Map<string, Holder>();
  const queues = new Map<string, (() => void)[]>();

  async function hold(name: string, work: () => Promise<unknown>): Promise<unknown> {
    const lost = new Promise<never>((_, reject) => {
      holders.set(name, { lose: reject });
    });
    const holder = holders.get(name);
    try {
      return await Promise.race([work(), lost]);
    } finally {
      if (holders.get(name) === holder) {
        holders.delete(name);
        queues.get(name)?.shift()?.();
      }
    }
  }
  return {
    async request(name, { steal = false, signal }, work) {
      if (steal) holders.get(name)?.lose(new DOMException('It was stolen.', 'AbortError'));
      else if (holders.has(name))
        await new Promise<void>((resolve, reject) => {
          queues.set(name, [...(queues.get(name) ?? []), resolve]);
          signal?.addEventListener('abort', () => {
            queues.set(name, queues.get(name)?.filter((one) => one !== resolve) ?? []);
            reject(new DOMException('It is not wanted any more.', 'AbortError'));
          });
        });
      return hold(name, work);
    },
  };
}
