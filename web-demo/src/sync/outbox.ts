import { answerOf, isDone } from './database.ts';
import { createWritable, type Readable } from './readable.ts';

export type Refusal = { readonly code: string; readonly explanation: string; readonly until: string | null };

export type OutgoingMessage = {
  /** Chosen here, once: however often it is sent, it is one message. */
  readonly nonce: string;
  readonly channelId: string;
  readonly text: string;
  readonly replyToId?: string;
  /** When it was written, in milliseconds. */
  readonly queuedAt: number;
  readonly state: 'waiting' | 'sending' | 'refused';
  readonly refusal?: Refusal;
};
/** As it is stored. `place` gives the order in which things were written, in whichever tab. */
type Item = Omit<OutgoingMessage, 'state'> & { readonly place?: number };

/** What became of one attempt. `later`: nobody knows, so try again; the nonce makes that one message. */
export type Outcome = 'sent' | 'sentBefore' | 'later' | Refusal;

export type Outbox = {
  readonly items: Readable<readonly OutgoingMessage[]>;
  /** Shows it at once; resolves when it is safe here, rejects when it cannot be stored. */
  add(message: Pick<OutgoingMessage, 'channelId' | 'text' | 'replyToId'>): Promise<void>;
  retry(nonce: string): void;
  discard(nonce: string): void;
  /** The message with this nonce has come back in the stream: it is shown from there now. */
  onSent(nonce: string): void;
  /** Whether this tab sends. All tabs show the same. */
  lead(isLeading: boolean): void;
  close(): void;
};

type Parts = {
  readonly name: string;
  readonly database: IDBDatabase;
  /** One attempt. Never rejects. */
  readonly send: (message: Omit<OutgoingMessage, 'state'>) => Promise<Outcome>;
  /** Waits before attempt n + 1; ends early when the network comes back. */
  readonly waitBefore: (attempt: number, signal: AbortSignal) => Promise<void>;
};

/** 128 bits of chance, on pages of plain HTTP too, where there is no `randomUUID`. */
export const createId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );

/** What is written is stored before it is sent, and stays until the server has answered: over reloads, crashes and days offline. */
export async function openOutbox({ name, database, send, waitBefore }: Parts): Promise<Outbox> {
  const tabs = new BroadcastChannel(name);
  const isOver = new AbortController();
  const items = createWritable<readonly OutgoingMessage[]>([]);
  let stored: readonly Item[] = [];
  let unstored: readonly Item[] = [];
  /** What this tab is sending; `sent` until the event has come. */
  const running = new Map<string, 'sending' | 'sent'>();
  let isLeading = false;

  function show(): void {
    const stateOf = ({ nonce, refusal }: Item) =>
      refusal ? 'refused' : running.has(nonce) ? 'sending' : 'waiting';
    items.set([...stored, ...unstored].map((item) => ({ ...item, state: stateOf(item) })));
  }

  async function read(): Promise<void> {
    stored = await answerOf<Item[]>(database.transaction('outbox').objectStore('outbox').getAll());
    unstored = unstored.filter(({ nonce }) => stored.every((item) => item.nonce !== nonce));
    show();
    work();
  }

  async function change(by: (outbox: IDBObjectStore) => void): Promise<void> {
    const transaction = database.transaction('outbox', 'readwrite');
    by(transaction.objectStore('outbox'));
    await isDone(transaction);
    tabs.postMessage('changed');
    await read();
  }

  /** If that cannot be stored, it is sent again after the next start: it is the same message. */
  const changeSoon = (by: (outbox: IDBObjectStore) => void) => change(by).catch(() => undefined);
  const find = (nonce: string) => stored.find((item) => item.nonce === nonce);

  function remove(nonce: string): void {
    const place = find(nonce)?.place;
    if (place === undefined) return;
    running.set(nonce, 'sent'); // nobody sends it again while it is being deleted
    stored = stored.filter((item) => item.nonce !== nonce);
    show();
    void changeSoon((outbox) => outbox.delete(place)).finally(() => running.delete(nonce));
  }

  /** In each channel one after the other, so that they keep their order. */
  function work(): void {
    if (!isLeading || isOver.signal.aborted) return;
    const busy = new Set<string>();
    for (const item of stored) {
      const state = running.get(item.nonce);
      if (item.refusal || state === 'sent' || busy.has(item.channelId)) continue;
      busy.add(item.channelId);
      if (state === undefined) void deliver(item).finally(work);
    }
  }

  async function deliver(item: Item): Promise<unknown> {
    running.set(item.nonce, 'sending');
    show();
    for (let attempt = 0; isLeading && !isOver.signal.aborted; attempt += 1) {
      const outcome = await send(item);
      if (outcome === 'sent') return running.set(item.nonce, 'sent');
      if (outcome === 'sentBefore') return remove(item.nonce);
      if (outcome !== 'later') {
        const refused = { ...item, refusal: outcome };
        stored = stored.map((one) => (one.nonce === item.nonce ? refused : one));
        await changeSoon((outbox) => outbox.put(refused));
        break;
      }
      await waitBefore(attempt, isOver.signal);
    }
    return running.delete(item.nonce);
  }

  tabs.onmessage = () => void read().catch(() => undefined); // it is closed
  await read();
  return {
    items,
    async add(message) {
      const item = { ...message, nonce: createId(), queuedAt: Date.now() };
      unstored = [...unstored, item];
      show();
      await change((outbox) => outbox.add(item)).catch((error: unknown) => {
        unstored = unstored.filter(({ nonce }) => nonce !== item.nonce);
        show();
        throw error;
      });
    },
    retry(nonce) {
      const { refusal: _, ...item } = find(nonce) ?? {};
      if ('nonce' in item) void changeSoon((outbox) => outbox.put(item));
    },
    discard: remove,
    onSent: remove,
    lead(leads) {
      isLeading = leads;
      work();
    },
    close() {
      isOver.abort();
      tabs.close();
    },
  };
}
