import type { Client, SubscribePayload } from 'graphql-ws';

/** What came on one subscription of a stock client, in order. */
export type Feed<Item> = {
  readonly items: readonly Item[];
  /** The first item that this is true of, when it has come. Rejects with what there was instead. */
  find(isIt: (item: Item) => boolean): Promise<Item>;
  /** Resolves when nothing more will come: completed by the server, refused, or given up by the client. */
  readonly ended: Promise<unknown>;
  close(): void;
};

/** A minute is more than anything takes; a test fails with words instead of hanging. */
const patienceMs = 60_000;

/** `pick` takes the item out of the data of each result. */
export function openFeed<Data, Item>(
  client: Client,
  payload: SubscribePayload,
  pick: (data: Data) => Item,
): Feed<Item> {
  const items: Item[] = [];
  const lookers = new Set<() => void>();
  let onEnded: (problem?: unknown) => void = () => {};
  const ended = new Promise<unknown>((resolve) => {
    onEnded = resolve;
  });
  const close = client.subscribe<Data>(payload, {
    next: ({ data, errors }) => {
      if (!data || errors) return onEnded(errors);
      items.push(pick(data));
      for (const look of lookers) look();
    },
    error: (problem) => onEnded(problem),
    complete: () => onEnded(),
  });

  function find(isIt: (item: Item) => boolean): Promise<Item> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        lookers.delete(look);
        finish();
      };
      const look = () => {
        const found = items.find(isIt);
        if (found !== undefined) settle(() => resolve(found));
      };
      const giveUp = (why: string) => settle(() => reject(new Error(`${why}: ${JSON.stringify(items)}`)));
      const timer = setTimeout(() => giveUp('It did not come, but'), patienceMs);
      lookers.add(look);
      look();
      void ended.then((problem) => giveUp(`It ended (${JSON.stringify(problem)}) after`));
    });
  }
  return { items, find, ended, close };
}
