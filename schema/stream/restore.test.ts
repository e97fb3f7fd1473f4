import { pino } from 'pino';
import { expect, it } from 'vitest';
import { openMemoryBus } from '../ports/bus.memory.ts';
import { createManualClock } from '../ports/clock.manual.ts';
import { openStream } from './open-stream.ts';
import { openStore } from './sim/store.ts';
import type { Stream } from './stream.ts';
import { ada, ben, channelId, draft, nameOf, start, take, untilCaughtUp } from './test/stream-world.ts';

const endless = () => new AbortController().signal;

/** Processes over one store that can go back. Ada and Ben are in the channel, and five messages are in its log. */
async function world() {
  const clock = createManualClock(start);
  const store = openStore({ userIds: [ada, ben], channelIds: [channelId] }, clock.now);
  const bus = openMemoryBus();
  const { log, memberships, positions, contacts } = store;
  const logger = pino({ enabled: false });
  const ports = { log, memberships, positions, contacts, bus, clock, logger };
  const open = () => openStream({ ...ports, installation: 'test', jitter: () => 0 });
  const [stream, other] = [await open(), await open()];
  const change = (kind: 'ADDED' | 'REMOVED') =>
    stream.changeMembership(channelId, { by: ada, candidates: [ben] }, () => ({
      changes: [
        kind === 'ADDED' ? { kind, userId: ben, role: 'MEMBER' } : { kind, userId: ben, state: 'REMOVED' },
      ],
      result: undefined,
    }));
  await change('ADDED');
  const send = async (text: string, through: Stream = stream) =>
    (await through.record(channelId, draft(text))).event.seq;
  for (const text of ['one', 'two', 'three', 'four', 'five']) await send(text);
  const follow = (through: Stream, ...after: readonly string[]) =>
    through.follow(ben, after.length > 0 ? after : undefined, endless());
  return { clock, store, stream, other, change, send, follow };
}

it('readers of a store that went back begin anew, within 30 s', async () => {
  const { clock, store, stream, send, follow } = await world();
  const reader = await follow(stream);
  await untilCaughtUp(reader);
  await store.restore({ deeds: 2, newEpoch: true });
  const next = take(reader, 2);
  await clock.advance(30_000);
  const names = (await next).map(nameOf);
  expect(names).toEqual(['viewer.reset LOG_RESTORED', 'sync.reset LOG_RESTORED']);
  await send('another five');
  expect((await take(reader, 1)).map(nameOf)).toEqual(['5 another five']);
});

it('a log that went back without a new epoch is noticed by its head', async () => {
  const { clock, store, stream, send, follow } = await world();
  const reader = await follow(stream);
  await untilCaughtUp(reader);
  await store.restore({ deeds: 2, newEpoch: false });
  const next = take(reader, 1);
  await clock.advance(30_000);
  expect((await next).map(nameOf)).toEqual(['sync.reset LOG_RESTORED']);
  await send('another five');
  expect((await take(reader, 1)).map(nameOf)).toEqual(['5 another five']);
});

it('shows nothing of a lost log to who begins after the restore, though this process has not noticed it', async () => {
  const { store, stream, send, follow } = await world();
  await untilCaughtUp(await follow(stream));
  await send('lost');
  await store.restore({ deeds: 3, newEpoch: true });
  const reader = await follow(stream);
  await untilCaughtUp(reader);
  await send('another five');
  expect((await take(reader, 1)).map(nameOf)).toEqual(['5 another five']);
});

it('ends a channel whose joining was lost', async () => {
  const { clock, store, stream, send, follow } = await world();
  const reader = await follow(stream);
  await untilCaughtUp(reader);
  await store.restore({ deeds: 100, newEpoch: true });
  const next = take(reader, 1);
  await clock.advance(30_000);
  expect((await next).map(nameOf)).toEqual(['viewer.reset LOG_RESTORED']);
  await send('not for Ben');
  const waiting = reader.next();
  await clock.advance(20_000);
  await reader.return();
  expect((await waiting).done).toBe(true);
});

it('resets a channel also when the return to it was not in the log yet', async () => {
  const { clock, store, stream, change, follow } = await world();
  const reader = await follow(stream);
  const [caughtUp] = await untilCaughtUp(reader);
  await reader.return();
  await change('REMOVED');
  const { settle } = store.memberships;
  store.memberships.settle = () => Promise.reject(new Error('not yet'));
  await change('ADDED').catch(() => undefined);
  await store.restore({ deeds: 0, newEpoch: true });
  const again = await follow(stream, caughtUp?.cursor ?? '');
  expect((await untilCaughtUp(again)).map(nameOf)).toEqual(['viewer.reset LOG_RESTORED', 'caught.up']);
  store.memberships.settle = settle;
  const next = take(again, 2);
  await clock.advance(5_000);
  expect((await next).map(nameOf)).toEqual(['viewer.channel true', 'sync.reset LOG_RESTORED']);
});

it('resets a channel whose joining was lost, for who is added to it again before their client has read the list anew', async () => {
  const { clock, store, stream, change, follow } = await world();
  const reader = await follow(stream);
  const [caughtUp] = await untilCaughtUp(reader);
  await store.restore({ deeds: 100, newEpoch: true });
  const again = await follow(stream, caughtUp?.cursor ?? '');
  const [told, retold] = [take(again, 4), take(reader, 3)];
  await clock.advance(30_000);
  await change('ADDED');
  await clock.advance(30_000);
  const joining = ['viewer.channel true', 'sync.reset LOG_RESTORED'];
  expect((await told).map(nameOf)).toEqual(['viewer.reset LOG_RESTORED', 'caught.up', ...joining]);
  expect((await retold).map(nameOf)).toEqual(['viewer.reset LOG_RESTORED', ...joining]);
});

it('announces in the new epoch, so that other processes listen to it again', async () => {
  const { clock, store, stream, other, send, follow } = await world();
  await store.restore({ deeds: 2, newEpoch: true });
  const reader = await follow(other);
  await untilCaughtUp(reader);
  await clock.advance(30_000);
  await send('heard at once', stream);
  expect((await take(reader, 1)).map(nameOf)).toEqual(['5 heard at once']);
});
