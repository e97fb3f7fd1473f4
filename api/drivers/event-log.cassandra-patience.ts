import { isCassandraAway } from '../../prisma/cassandra-away.ts';
import type { ChannelId } from '../../schema/ids.ts';
import { appendTimeoutMs, OutcomeUnknownError } from '../../schema/ports/event-log.ts';

/** Knows what is on its way, and how long to wait for it. */
export type Patience = {
  /**
   * One at a time for a channel, as several of one process would only lose races against each other. Waits for as long as an append
   * may take; what takes longer goes on, its outcome counts as unknown, and the next one does not wait for it.
   */
  append<T>(channelId: ChannelId, work: () => Promise<T>): Promise<T>;
  read<T>(work: () => Promise<T>): Promise<T>;
  /** Lets nothing begin any more, and waits for what has. No statement is on its way for longer than its own patience, so this ends. */
  close(): Promise<void>;
};

export function createPatience(): Patience {
  const onTheirWay = new Set<Promise<unknown>>();
  /** Per channel, the end of the last append that stands there. */
  const lanes = new Map<ChannelId, Promise<void>>();
  let isOpen = true;
  const begin = <T>(work: () => Promise<T>): Promise<T> => {
    const answer = work();
    onTheirWay.add(answer);
    const end = () => void onTheirWay.delete(answer);
    answer.then(end, end);
    return answer;
  };
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await within(appendTimeoutMs, begin(work));
    } catch (error) {
      if (!isCassandraAway(error)) throw error;
      throw new OutcomeUnknownError('Cassandra did not say what became of a round.', { cause: error });
    }
  };
  const inLane = async <T>(channelId: ChannelId, work: () => Promise<T>): Promise<T> => {
    const mine = (lanes.get(channelId) ?? Promise.resolve()).then(work);
    const end = mine.then(
      () => undefined,
      () => undefined,
    );
    lanes.set(channelId, end);
    await end;
    if (lanes.get(channelId) === end) lanes.delete(channelId);
    return mine;
  };
  const checkOpen = () => {
    if (!isOpen) throw new Error('The event log is closed.');
  };
  return {
    async append(channelId, work) {
      checkOpen();
      return begin(() => inLane(channelId, () => attempt(work)));
    },
    async read(work) {
      checkOpen();
      return begin(work);
    },
    async close() {
      isOpen = false;
      while (onTheirWay.size > 0) await Promise.allSettled(onTheirWay);
    },
  };
}

async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new OutcomeUnknownError(`Cassandra had not answered for a round within ${ms} ms.`)),
      ms,
    );
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
