import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Line } from '../chaos/history.ts';
import { ask } from '../client/ask.ts';
import { createGroup, type SignedIn, signUp } from '../client/people.ts';
import { mutations } from '../e2e/talk.ts';
import type { Random } from '../smoke/random.ts';
import { createDevice, type Device, placed, type Server, type Write } from './device.ts';

/** Between an answer and the next message, at most: a channel is then about as busy as the busiest one of a fault run. */
const thinkMs = 100;
const size = { people: 8, channels: 2 } as const;
/** A device listens for so long, then comes back to a server of its choice. */
const staysMs = { atLeast: 200, atMost: 1_500 } as const;
/** Who hears no answer within this sends again, a little later. */
const answerMs = 10_000;
const againMs = 100;
/** Who does not wait for the answer is gone after this: the message may be on its way, or there. */
const impatientMs = 15;
/** A message is sent so often at most, and a device tries so often to come back: half a minute of a server that starts. */
const mostAttempts = 300;

export type LoadOptions = {
  readonly servers: readonly Server[];
  readonly random: Random;
  readonly messages: number;
  /** Of those who send, from 0 to 1: they hear no answer. */
  readonly lostAnswers: number;
};

export type Load = {
  /** Resolves when everything is said and answered; everybody is listening, now here, now there. */
  talk(): Promise<void>;
  /** Everybody comes back once more, and hears what they have missed. Nobody listens after this. */
  rest(): Promise<void>;
  readonly lines: readonly Line[];
};

/** People who write at once, each the next message after the answer to the one before, and all of whom listen. */
export async function openLoad(options: LoadOptions): Promise<Load> {
  const lines: Line[] = [];
  const write: Write = (line) => lines.push(line);
  const { people, channelIds } = await gather(options);
  const devices = people.map((person) => createDevice(person.handle, person, write));
  for (const device of devices) await device.comeTo(options.random.pick(options.servers));
  const talking = { ...options, write, channelIds, ops: 0, left: options.messages };
  return {
    lines,
    async talk() {
      const over = new AbortController();
      setMaxListeners(devices.length * 2, over.signal); // the pause before this one may still be about to let go
      const listening = devices.map((device) => wander(device, options, over.signal));
      await Promise.all(people.map((person) => talk(person, talking)));
      over.abort();
      await Promise.all(listening);
    },
    async rest() {
      await Promise.all(devices.map((device) => comeBack(device, options)));
      await Promise.all(devices.map((device) => device.goAway()));
    },
  };
}

async function gather({ servers: [first] }: LoadOptions) {
  if (first === undefined) throw new Error('There is no server.');
  const people: SignedIn[] = [];
  for (let nth = 1; nth <= size.people; nth += 1) people.push(await signUp(first.httpUrl, `person${nth}`));
  const [owner, ...members] = people;
  if (owner === undefined) throw new Error('There is nobody.');
  const channelIds: string[] = [];
  for (let nth = 1; nth <= size.channels; nth += 1)
    channelIds.push(await createGroup(first.httpUrl, owner, { name: `group${nth}`, members }));
  return { people, channelIds };
}

/** Listens here for a while, then there; comes back also when its socket is lost. */
async function wander(device: Device, options: LoadOptions, signal: AbortSignal): Promise<void> {
  const { random } = options;
  while (!signal.aborted) {
    const lost = new Promise<void>((resolve) => {
      device.onLost = resolve;
    });
    const ms = staysMs.atLeast + random.next() * (staysMs.atMost - staysMs.atLeast);
    await Promise.race([pause(ms, undefined, { signal }).catch(() => undefined), lost]);
    if (!signal.aborted) await comeBack(device, options);
  }
}

async function comeBack(device: Device, { servers, random }: LoadOptions): Promise<void> {
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    await device.goAway();
    const isThere = await device.comeTo(random.pick(servers)).then(
      () => true,
      () => false,
    );
    if (isThere) return;
    await pause(againMs);
  }
  throw new Error(`${device.name} finds no server.`);
}

type Talking = LoadOptions & {
  readonly write: Write;
  readonly channelIds: readonly string[];
  ops: number;
  left: number;
};

async function talk(person: SignedIn, talking: Talking): Promise<void> {
  const { random, channelIds, write } = talking;
  while (talking.left > 0) {
    talking.left -= 1;
    talking.ops += 1;
    const op = talking.ops;
    const by = { op, device: person.handle };
    const what = {
      type: 'send',
      channelId: random.pick(channelIds),
      nonce: `n${op}`,
      text: `text ${op}`,
    } as const;
    const tell = (attempt: number) =>
      write({ kind: 'invoke', t: performance.now(), ...by, attempt, userId: person.userId, what });
    const message = placed(await sendUntilAnswered(person, { ...what, tell }, talking));
    write({ kind: 'ok', t: performance.now(), ...by, message });
    await pause(random.next() * thinkMs);
  }
}

type Sending = {
  readonly channelId: string;
  readonly nonce: string;
  readonly text: string;
  /** Called before each attempt. */
  readonly tell: (attempt: number) => void;
};
type SendAnswer = {
  readonly result: { readonly message?: { readonly id: string; readonly number: number } };
};

async function sendUntilAnswered(
  { session }: SignedIn,
  { channelId, nonce, text, tell }: Sending,
  { servers, random, lostAnswers }: Talking,
): Promise<{ readonly id: string; readonly number: number }> {
  const operation = { ...mutations.sendMessage({ channelId, nonce, text }), token: session.accessToken };
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    tell(attempt + 1);
    const patienceMs = attempt === 0 && random.next() < lostAnswers ? impatientMs : answerMs;
    const signal = AbortSignal.timeout(patienceMs);
    const { httpUrl } = random.pick(servers);
    const answer = await ask<SendAnswer>(httpUrl, { ...operation, signal }).catch(() => undefined);
    const message = answer?.data?.result.message;
    if (message !== undefined) return message;
    if (patienceMs !== impatientMs) await pause(againMs);
  }
  throw new Error('A message was never answered.');
}
