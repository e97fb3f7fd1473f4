import { startError } from '../../../prisma/start-error.ts';
import { chatError } from '../../../schema/errors.ts';
import type { ChannelId } from '../../../schema/ids.ts';
import { type Appended, StaleRevisionError } from '../../../schema/ports/event-log.ts';
import { createCursorCodec } from '../../../schema/stream/cursor.ts';
import type { EventDraft } from '../../../schema/stream/event.ts';
import { channelTopic } from '../../../schema/stream/hint.ts';
import { openStream, type StreamSettings } from '../../../schema/stream/open-stream.ts';
import type { Stream } from '../../../schema/stream/stream.ts';
import type { Engines } from '../../platform.ts';
import { createNaiveLog, type NaiveLogSettings } from './naive-log.ts';
import { createNaiveReaders } from './naive-readers.ts';
import { makeNaiveTable } from './naive-table.ts';

/** See `NaiveLogSettings`. */
export type NaiveOptions = Pick<NaiveLogSettings, 'beforeInsert'>;

const unavailable = () => chatError('UNAVAILABLE', undefined, { retryAfterMs: 1_000 });
const notCompared = async () => {
  throw chatError('UNAVAILABLE', 'The naive design has `events` alone.');
};

/**
 * The stream of a chat as most are built, in the place of the product's: the id of a message comes from Redis INCR, then its row is
 * inserted, then it is published; who listens is told what is published, and who comes back reads `id > cursor`. Nothing sees to it that
 * nonces are there once, that gaps are read, or that heads are looked at. Everything else (accounts, rights, history, positions) is the product's.
 */
export async function openNaiveStream(
  settings: StreamSettings,
  { pool, redis }: Engines,
  options: NaiveOptions = {},
): Promise<Stream> {
  if (redis === undefined) throw startError('The naive design takes its numbers from Redis: set REDIS_URL.');
  await makeNaiveTable(pool);
  const { bus, memberships, clock, installation, told } = settings;
  const log = createNaiveLog({ ...options, log: settings.log, pool, redis });
  const stream = await openStream({ ...settings, log, heads: undefined });
  const { epoch } = await log.heads([]);
  const readers = createNaiveReaders({
    bus,
    memberships,
    clock,
    log,
    codec: createCursorCodec(installation),
  });
  const onTheirWay = new Set<Promise<Appended>>();

  async function append(channelId: ChannelId, draft: EventDraft): Promise<Appended> {
    const [appended] = await log.append(channelId, [draft], clock.now()).catch((failure: unknown) => {
      throw failure instanceof StaleRevisionError ? failure : unavailable();
    });
    if (appended === undefined) throw unavailable();
    bus.publish(channelTopic(channelId), { epoch, events: [appended.event] });
    if (draft.kind === 'message.sent' || draft.kind === 'message.deleted')
      told?.onSaid(channelId, draft.authorId);
    return appended;
  }

  return {
    ...stream,
    async record(channelId, draft) {
      const appending = append(channelId, draft);
      onTheirWay.add(appending);
      return appending.finally(() => onTheirWay.delete(appending));
    },
    follow: readers.follow,
    followMessages: notCompared,
    changes: notCompared,
    async close() {
      readers.endAll();
      await Promise.allSettled(onTheirWay);
      return stream.close();
    },
  };
}
