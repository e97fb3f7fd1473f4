import { expect, it } from 'vitest';
import type { ChannelId } from '../ids.ts';
import { userIdOf } from '../ids.ts';
import type { EventDraft } from '../stream/event.ts';
import { type Appended, type EventLog, OutcomeUnknownError } from './event-log.ts';
import {
  appendOne,
  deleted,
  edited,
  freshChannel,
  readAll,
  sent,
  seqsOf,
  start,
} from './event-log-world.contract.ts';
import { createRandom, upTo } from './random.contract.ts';

type OpenLog = () => Promise<EventLog>;

export function concurrencyContract(openLog: OpenLog): void {
  sameNonces(openLog);
  manyWriters(openLog);
  watchers(openLog);
}

const openLogs = (openLog: OpenLog, count: number) => Promise.all(upTo(count).map(() => openLog()));

function sameNonces(openLog: OpenLog): void {
  it('makes one event of a nonce that several append at the same time', async () => {
    const [logs, channelId] = [await openLogs(openLog, 5), freshChannel()];
    for (const round of upTo(20)) {
      const attempts = logs.map((log, n) =>
        appendOne(log, channelId, sent(`by ${n}`, { nonce: `r${round}` })),
      );
      const answers = await Promise.all(attempts);
      expect(new Set(answers.map(({ event }) => event.seq))).toEqual(new Set([round]));
      expect(new Set(answers.map(({ event }) => event.message?.text)).size).toBe(1);
      expect(answers.filter(({ deduplicated }) => !deduplicated)).toHaveLength(1);
    }
  });

  it('keeps rounds whole that share nonces in different orders', async () => {
    const [logs, channelId] = [await openLogs(openLog, 4), freshChannel()];
    for (const round of upTo(10)) {
      const shared = upTo(12).map((n) => sent(`text ${n}`, { nonce: `r${round}-${n}` }));
      const orders = [shared, shared.toReversed(), shared.slice(4), shared.toReversed().slice(4)];
      const answers = await Promise.all(
        logs.map((log, n) => log.append(channelId, orders[n] ?? shared, start)),
      );
      expect(answers.flat().filter(({ deduplicated }) => !deduplicated)).toHaveLength(12);
    }
    const events = await readAll(logs[0] ?? (await openLog()), channelId);
    expect(seqsOf(events)).toEqual(upTo(120));
    expect(new Set(events.map(({ nonce }) => nonce)).size).toBe(120);
  });

  it('deletes for good while others edit', async () => {
    const [logs, channelId] = [await openLogs(openLog, 4), freshChannel()];
    const [log] = logs;
    if (!log) throw new Error('No log was opened.');
    await appendOne(log, channelId, sent('secret first'));
    const edits = upTo(40).map((n) =>
      appendUntilKnown(logs[n % 4] ?? log, channelId, [edited(1, `secret ${n}`)]),
    );
    const deleting = appendUntilKnown(log, channelId, [deleted(1)]);
    await Promise.all([...edits.slice(0, 20), deleting, ...edits.slice(20)]);
    const events = await readAll(log, channelId);
    expect(events).toHaveLength(42);
    expect(events.every(({ message }) => message?.text === null && message.revision === 42)).toBe(true);
  });
}

const [writerCount, eventsPerWriter, seed] = [8, 200, 20_240_531];

/** What a caller does about an outcome that it does not know, as on a machine that is busy with other things. */
async function appendUntilKnown(log: EventLog, channelId: ChannelId, drafts: readonly EventDraft[]) {
  for (const _ of upTo(10))
    try {
      return await log.append(channelId, drafts, start);
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) throw error;
    }
  throw new Error('Ten appends had no known outcome.');
}

/** Appends its share in rounds of 1 to 16, now and then a whole round twice at once or once more. */
async function write(log: EventLog, channelId: ChannelId, writer: number): Promise<Appended[]> {
  const random = createRandom(seed + writer);
  const by = userIdOf(BigInt(200 + writer));
  const answers: Appended[] = [];
  let left = upTo(eventsPerWriter).map((n) => sent(`${writer}:${n}`, { by, nonce: `n${n}` }));
  while (left.length > 0) {
    const round: EventDraft[] = left.slice(0, 1 + Math.floor(random() * 16));
    left = left.slice(round.length);
    const times = random() < 0.2 ? 2 : 1;
    const attempts = await Promise.all(upTo(times).map(() => appendUntilKnown(log, channelId, round)));
    if (random() < 0.2) attempts.push(await appendUntilKnown(log, channelId, round));
    const [first] = attempts;
    for (const attempt of attempts) expect(attempt.map(placeIn)).toEqual(first?.map(placeIn));
    answers.push(...(first ?? []));
  }
  return answers;
}
const placeIn = ({ event }: Appended) => [event.seq, event.number, event.nonce];

function manyWriters(openLog: OpenLog): void {
  it(`orders ${writerCount} writers at once without holes or repeats, retries included (seed ${seed})`, async () => {
    const [logs, channelId] = [await openLogs(openLog, writerCount), freshChannel()];
    const written = await Promise.all(logs.map((log, writer) => write(log, channelId, writer)));
    const events = await readAll(await openLog(), channelId);
    expect(seqsOf(events)).toEqual(upTo(writerCount * eventsPerWriter));
    expect(events.map(({ number }) => number)).toEqual(seqsOf(events));
    for (const answers of written) {
      expect(answers.map(({ event }) => event.seq)).toEqual(
        seqsOf(answers.map(({ event }) => event)).toSorted((a, b) => a - b),
      );
      for (const { event } of answers) expect(events[event.seq - 1]).toEqual(event);
    }
    const texts = events.map(({ message }) => message?.text);
    expect(new Set(texts).size).toBe(texts.length);
  });
}

function watchers(openLog: OpenLog): void {
  it('lets who has seen a place read every smaller one, while others write', async () => {
    const [logs, channelId] = [await openLogs(openLog, 4), freshChannel()];
    const reader = await openLog();
    let isWriting = true;
    const writing = Promise.all(logs.map((log, writer) => write(log, channelId, writer))).finally(() => {
      isWriting = false;
    });
    const watched: number[] = [];
    while (isWriting) {
      const head = (await reader.heads([channelId])).heads.get(channelId)?.head ?? 0;
      const seen = seqsOf(await reader.read(channelId, 0, 1_000));
      expect(seen).toEqual(upTo(seen.length));
      expect(seen.length).toBeGreaterThanOrEqual(head);
      watched.push(seen.length);
    }
    await writing;
    expect(watched.toSorted((a, b) => a - b)).toEqual(watched);
    expect(await readAll(reader, channelId)).toHaveLength(4 * eventsPerWriter);
  });

  it('lets who was answered read what was answered, from any other connection', async () => {
    const [logs, channelId] = [await openLogs(openLog, 3), freshChannel()];
    for (const n of upTo(60)) {
      const { event } = await appendOne(
        logs[n % 3] ?? logs[0] ?? (await openLog()),
        channelId,
        sent(`text ${n}`),
      );
      const [read] = await (logs[(n + 1) % 3] ?? (await openLog())).read(channelId, event.seq - 1, 1);
      expect(read).toEqual(event);
    }
  });
}
