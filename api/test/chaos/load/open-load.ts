import { setMaxListeners } from 'node:events';
import { createRandom } from '../../smoke/random.ts';
import { createBook } from './book.ts';
import { gatherCast } from './cast.ts';
import { createClientFaults } from './client-faults.ts';
import { converse } from './conversation.ts';
import { live } from './deeds.ts';
import type { Device } from './device.ts';
import { keepDoor } from './doors.ts';
import { catchUp, writeDown } from './ending.ts';
import { createEventReader } from './events.ts';
import { type Load, type LoadOptions, usualSize } from './options.ts';
import type { Cast } from './person.ts';
import type { Play } from './play.ts';
import { createPresenceWatch } from './presence-watch.ts';
import { readAsIsItsHabit } from './reading-habits.ts';

/** How long what was begun may take to be answered, in milliseconds. */
const stopMs = 120_000;
const tickMs = 500;
/** So many different problems are told. */
const mostProblems = 20;

/** Makes everybody and everything that plays; they begin with `start`. Rejects when that is not possible. */
export async function openLoad(options: LoadOptions): Promise<Load> {
  const opened = openPlay(options);
  const { play, problems, stopping, close } = opened;
  try {
    const cast = await gatherCast(play);
    options.onProgress(`${cast.people.length} people are in ${cast.channels.length} channels.`);
    const game = createGame(play, cast);
    const devices = () => cast.people.flatMap((person) => person.devices);
    const everyDevice = () => cast.people.flatMap((one) => [...one.devices, ...one.formerDevices]);
    const calm = () => {
      if (problems.length > 0) throw new Error(`The load met problems:\n${problems.join('\n')}`);
    };
    return {
      start: game.start,
      acked: () => play.book.counts().acked,
      counts: () => ({ ...play.counts, ...play.book.counts() }),
      connections: () => devices().filter((device) => device.wire() !== undefined).length,
      devices: () => devices().length,
      deviceOfEndpoint: (url) => play.endpointOwners.get(url),
      problems: () => problems,
      slowReaders: () => play.slowReaders,
      ...createClientFaults(play, devices),
      async stop() {
        stopping.abort();
        await inTime(game.ended(), () => play.book.waiting());
      },
      settle: () => catchUp({ play, cast }),
      async finish() {
        await writeDown({ play, cast });
        calm();
      },
      async close() {
        close();
        for (const device of everyDevice()) device.close();
        await game.ended();
      },
    };
  } catch (failure) {
    close();
    throw failure;
  }
}

function openPlay({ size, seed, push, signal, ...options }: LoadOptions) {
  const { write, now } = options;
  const [stopping, closing] = [new AbortController(), new AbortController()];
  // Everybody who waits listens to one of them.
  setMaxListeners(0, stopping.signal, closing.signal);
  const problems: string[] = [];
  const looks = new Set<() => void>();
  const timer = setInterval(() => {
    for (const look of looks) look();
  }, tickMs);
  const play: Play = {
    size: { ...usualSize, ...size },
    write,
    now,
    random: createRandom(seed),
    endpoints: options.endpoints,
    book: createBook({ write, now }),
    events: createEventReader(),
    stopping: stopping.signal,
    closing: closing.signal,
    problem(words) {
      if (closing.signal.aborted || problems.includes(words) || problems.length >= mostProblems) return;
      problems.push(words);
      options.onProgress(words);
    },
    counts: { delivered: 0, pages: 0, sockets: 0, resets: 0 },
    eachTick(look) {
      looks.add(look);
      return () => looks.delete(look);
    },
    endpointOwners: new Map(),
    slowReaders: new Set(),
    ...(push && { subscribePush: push.subscribe }),
  };
  const close = () => {
    clearInterval(timer);
    stopping.abort();
    closing.abort();
  };
  if (signal.aborted) close();
  else signal.addEventListener('abort', close, { once: true });
  return { play, problems, stopping, close };
}

/** Everything that goes on, from its beginning to its end. */
function createGame(play: Play, cast: Cast) {
  const running = new Set<Promise<void>>();
  const run = (something: Promise<void>) => {
    const settled = something
      .catch((failure) => play.problem(String(failure)))
      .finally(() => running.delete(settled));
    running.add(settled);
  };
  const watch = createPresenceWatch(play, cast);
  const onDevice = (device: Device) => {
    run(converse({ play, cast, device }));
    run(readAsIsItsHabit(play, device));
    run(watch(device));
  };
  return {
    start() {
      for (const person of cast.people) {
        for (const device of person.devices) onDevice(device);
        run(live({ play, cast, onDevice }, person));
      }
      for (const channel of cast.channels) if (channel.kind === 'GROUP') run(keepDoor(play, channel));
    },
    async ended() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

async function inTime(ended: Promise<void>, waiting: () => readonly string[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const words = waiting();
      reject(
        new Error(`${words.length} wait for answers after ${stopMs} ms:\n${words.slice(0, 20).join('\n')}`),
      );
    }, stopMs);
  });
  try {
    await Promise.race([ended, late]);
  } finally {
    clearTimeout(timer);
  }
}
