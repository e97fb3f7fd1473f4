import { pino } from 'pino';
import { expect, it } from 'vitest';
import { upTo } from '../ports/random.contract.ts';
import { openStream } from './open-stream.ts';
import { ben, nameOf, openStreamWorld, take, untilCaughtUp } from './test/stream-world.ts';

const endless = () => new AbortController().signal;

/** Ben follows in a process that is observed; what is sent comes from another one. */
async function observed() {
  const world = await openStreamWorld();
  await world.add(ben);
  const { cursor } = await world.stream.syncPoint(ben);
  const seen: string[] = [];
  const stream = await openStream({
    ...{ log: world.log, bus: world.bus, clock: world.clock },
    ...{ memberships: world.memberships, positions: world.positions, contacts: world.contacts },
    ...{ logger: pino({ enabled: false }), installation: 'test', jitter: () => 0 },
    observer: {
      onRepair: (cause) => seen.push(cause),
      onReset: (reason) => seen.push(`reset ${reason}`),
    },
  });
  const reader = await stream.follow(ben, undefined, endless());
  await untilCaughtUp(reader);
  const sendUnheard = async (text: string) => {
    world.hints.isDeaf = true;
    await world.send(text);
    world.hints.isDeaf = false;
  };
  return { ...world, observedStream: stream, reader, seen, cursor, sendUnheard };
}

it('an observer hears of a gap between hints', async () => {
  const { send, sendUnheard, reader, seen } = await observed();
  await send('heard');
  await take(reader, 1);
  expect(seen).toEqual([]);
  await sendUnheard('one');
  await send('two');
  await take(reader, 2);
  expect(seen).toEqual(['gap']);
});

it('an observer hears that the look at the heads found something', async () => {
  const { clock, sendUnheard, reader, seen } = await observed();
  await clock.advance(30_000);
  expect(seen).toEqual([]);
  await sendUnheard('one');
  const next = take(reader, 1);
  await clock.advance(30_000);
  await next;
  expect(seen).toEqual(['poll']);
});

it('an observer hears that something was missed while the bus was interrupted', async () => {
  const { interrupt, sendUnheard, reader, seen } = await observed();
  await sendUnheard('one');
  interrupt();
  await take(reader, 1);
  expect(seen).toEqual(['reconnect']);
});

it('an observer hears of a reader that knows more than its process', async () => {
  const { stream, observedStream, sendUnheard, reader, seen } = await observed();
  await sendUnheard('one');
  const { cursor } = await stream.syncPoint(ben);
  await untilCaughtUp(await observedStream.follow(ben, [cursor], endless()));
  await take(reader, 1);
  expect(seen).toEqual(['attach']);
});

it('an observer hears of resets, by their reason', async () => {
  const { observedStream, send, seen, cursor } = await observed();
  for (const nth of upTo(1_001)) await send(`${nth}`);
  const late = await observedStream.follow(ben, [cursor], endless());
  expect((await untilCaughtUp(late)).map(nameOf)).toEqual(['sync.reset TOO_FAR_BEHIND', 'caught.up']);
  expect(seen).toEqual(['reset TOO_FAR_BEHIND']);
});
