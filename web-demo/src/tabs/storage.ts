import type { SerializedEntries, StorageAdapter } from '@urql/exchange-graphcache';
import { answerOf, isDone } from '../sync/database.ts';

/** One entity: its fields as Graphcache writes them. */
export type Fields = { readonly [fieldKey: string]: string };

/** More than that is not kept: the next start then reads from the server. */
const maxEntities = 20_000;
/** Several events at once are one write. */
const gatherMs = 150;
/** More than these entities are a first screen: it is shown before it is stored. */
const manyEntities = 200;
const gatherManyMs = 2_000;

export type Storage = StorageAdapter & {
  /** From now on this tab writes. Whatever another one has written meanwhile is replaced by the whole of this one's. */
  lead(): void;
  /** Another tab writes. */
  follow(): void;
  /** Stores what is not stored yet, and no more after that. */
  close(): Promise<void>;
};

type Options = {
  /** What the cache looks like. What was stored by a page with another one is left alone, and replaced. */
  readonly shape: string;
  readonly marked: string;
  /** Whether something is worth storing; a key is `entity.field`. */
  readonly isKept?: (key: string) => boolean;
  readonly onWritten: (fields: Fields) => void;
};

/**
 * Where Graphcache keeps its data. What is stored is always the whole cache of one tab, with the cursors of that same tab: both
 * are in the cache, and what belongs together is written in one transaction. So after a crash the stream goes on exactly behind
 * what is there.
 */
export function createStorage(database: IDBDatabase, { shape, marked, isKept, onWritten }: Options): Storage {
  const held = new Map<string, Fields>();
  const dirty = new Set<string>();
  let isLeader = false;
  let isOver = false;
  let isReplacing = false;
  /** Grows with each write, of whichever tab. */
  let revision: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing = Promise.resolve();

  function schedule(): void {
    if (!isLeader || isOver || timer !== undefined) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        writing = writing.then(write).catch(onFailed);
      },
      dirty.size > manyEntities ? gatherManyMs : gatherMs,
    );
  }

  /** The disk is full, say: the next write is a whole one. */
  function onFailed(): void {
    isReplacing = true;
  }

  async function write(): Promise<void> {
    const transaction = database.transaction(['entities', 'meta'], 'readwrite', { durability: 'relaxed' });
    const [entities, meta] = [transaction.objectStore('entities'), transaction.objectStore('meta')];
    const found: unknown = await answerOf(meta.get('revision'));
    const isWhole = isReplacing || found !== revision || held.size > maxEntities;
    if (isWhole) entities.clear();
    if (held.size <= maxEntities)
      for (const key of isWhole ? held.keys() : dirty) entities.put(held.get(key), key);
    const mark = held.get(marked) ?? {};
    dirty.clear();
    isReplacing = false;
    revision = (typeof found === 'number' ? found : 0) + 1;
    meta.put(revision, 'revision');
    meta.put(shape, 'shape');
    await isDone(transaction);
    onWritten(mark);
  }

  return {
    async readData() {
      const transaction = database.transaction(['entities', 'meta']);
      const [entities, meta] = [transaction.objectStore('entities'), transaction.objectStore('meta')];
      const [keys, values, found, storedShape] = await Promise.all([
        answerOf(entities.getAllKeys()),
        answerOf<Fields[]>(entities.getAll()),
        answerOf<number | undefined>(meta.get('revision')),
        answerOf<string | undefined>(meta.get('shape')),
      ]);
      if (storedShape !== shape) return {}; // and its revision is not this one's, so all of it is replaced
      revision = found;
      const entries: SerializedEntries = {};
      for (const [at, fields] of values.entries()) {
        held.set(String(keys[at]), fields);
        for (const [field, value] of Object.entries(fields)) entries[`${String(keys[at])}.${field}`] = value;
      }
      return entries;
    },
    async writeData(delta) {
      for (const [key, value] of Object.entries(delta)) {
        if (isKept?.(key) === false) continue;
        const end = key.indexOf('.');
        const entity = key.slice(0, end);
        const { [key.slice(end + 1)]: _, ...others } = held.get(entity) ?? {};
        held.set(entity, value === undefined ? others : { ...others, [key.slice(end + 1)]: value });
        dirty.add(entity);
      }
      schedule();
    },
    lead() {
      isLeader = true;
      schedule();
    },
    follow() {
      isLeader = false;
    },
    async close() {
      clearTimeout(timer);
      if (isLeader && timer !== undefined) writing = writing.then(write).catch(onFailed);
      isOver = true;
      await writing;
    },
  };
}
