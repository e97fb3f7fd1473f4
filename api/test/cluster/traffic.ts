import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { ask } from '../client/ask.ts';
import type { Closed } from '../client/stock-client.ts';
import { mutations } from '../e2e/talk.ts';
import { answerIn } from '../smoke/asking.ts';
import { type Cast, type CastDevice, gatherCast } from '../smoke/cast.ts';
import { type Device, openDevice } from '../smoke/device.ts';
import type { History, LogEntry, Mark, Sent } from '../smoke/history.ts';
import { createMilestones } from '../smoke/milestones.ts';
import { messageOf, planOf } from '../smoke/plan.ts';
import { readByDatabase, readByHistory } from '../smoke/read-log.ts';
import { createWatch } from '../smoke/watch.ts';
import type { Cluster } from './open-cluster.ts';

/** A socket of this device was opened or closed, at a time of this process. */
export type SocketChange = {
  readonly device: string;
  readonly what: 'opened' | Closed;
  readonly at: number;
};

/** People who talk until they are told to end, by the client rule: whatever has no answer yet is sent again with its nonce. */
export type Traffic = {
  /** In the order in which it happened. */
  readonly sockets: readonly SocketChange[];
  /** Devices that have none now. */
  withoutSocket(): readonly string[];
  /** Resolves when some more messages are acknowledged. Rejects when one was refused for good. */
  goesOn(): Promise<void>;
  /** Nothing new is said; resolves with everything that happened, when all of it has come everywhere. */
  end(): Promise<History>;
  close(): Promise<void>;
};

const size = { people: 12, channels: 3, messages: 1, kills: 0 } as const;
const seed = 1;
/** Of all devices so many send; the others read. Besides, somebody sends over HTTP. */
const senders = 4;
/** Sent one behind the other before anybody looks whether it is the end; and so many are "some more". */
const batch = 8;
/** Until what was not answered is sent again over HTTP. */
const retryMs = 100;
/** A hint that was lost is repaired within 30 s at the worst (G6): then something comes, if something is missing. */
const quietMs = 35_000;

export async function openTraffic(cluster: Cluster): Promise<Traffic> {
  const httpUrl = new URL('graphql', cluster.url).href;
  const plan = planOf(size, seed);
  const cast = await gatherCast(httpUrl, plan);
  const ending = new AbortController();
  setMaxListeners(cast.devices.length * 6, ending.signal); // each device waits for several things at times
  const watch = createWatch(ending.signal);
  const sockets: SocketChange[] = [];
  const marks: Mark[] = [];
  const devices = cast.devices.map(({ name, person, from }, index): Device => {
    const planned = plan.devices[index];
    if (planned === undefined) throw new Error('There is no such device.');
    return openDevice({
      ...{ name, userId: person.userId, planned, from, signal: ending.signal, random: plan.random },
      socketUrl: httpUrl.replace('http', 'ws'),
      token: person.session.accessToken,
      onMessage: watch.note,
      onMark: (mark) => marks.push(mark),
      onProblem: watch.fail,
      onSocket: (what) => sockets.push({ device: name, what, at: performance.now() }),
    });
  });
  const talk = startTalking({ httpUrl, cast, devices });
  talk.ended.catch((problem: unknown) => watch.fail(String(problem)));

  return {
    sockets,
    withoutSocket: () =>
      devices.flatMap(({ name }) =>
        sockets.findLast(({ device }) => device === name)?.what === 'opened' ? [] : [name],
      ),
    goesOn: () => watch.race(talk.goesOn()),
    async end() {
      talk.end();
      const sent = await watch.race(talk.ended);
      await watch.until(() => missingTo(cast, devices, sent), quietMs);
      await watch.race(Promise.all(devices.map(({ following }) => following.catchUp())));
      await watch.race(Promise.all(devices.map((device) => device.rest())));
      const found = await readByDatabase(cluster.databaseUrl);
      const byHistory = await historyOf(httpUrl, cast);
      return {
        ...{ sent, marks, byHistory, ...found, aside: cast.aside, markedUnread: [], looks: [] },
        devices: devices.map(({ name, userId, steps }, index) => {
          const keeps = plan.devices[index]?.keeps ?? 'every cursor';
          return { device: name, userId, steps, keeps, endedCaughtUp: true };
        }),
      };
    },
    async close() {
      ending.abort('is over');
      await Promise.all(devices.map((device) => device.close()));
    },
  };
}

type Talking = {
  readonly httpUrl: string;
  readonly cast: Cast;
  readonly devices: readonly Device[];
};

function startTalking({ httpUrl, cast, devices }: Talking) {
  const milestones = createMilestones();
  const over = new AbortController();
  const isOver = new Promise<void>((resolve) => over.signal.addEventListener('abort', () => resolve()));
  let acknowledged = 0;
  const onAcknowledged = () => {
    acknowledged += 1;
    milestones.pass();
  };
  const goesOn = () => milestones.reached(acknowledged + batch);

  /** Some messages of one device in one channel, then some more. */
  async function talk(from: CastDevice, name: string, send: (messages: readonly Sent[]) => Promise<void>) {
    const said: Sent[] = [];
    const channelId = channelOf(cast, from);
    while (!over.signal.aborted) {
      const some = Array.from({ length: batch }, (_, nth) =>
        messageOf(name, from.person.userId, { channelId, becomes: undefined, nth: said.length + nth + 1 }),
      );
      said.push(...some);
      await send(some);
    }
    return said;
  }
  const overSockets = devices.slice(0, senders).map((device, index) => {
    const from = cast.devices[index];
    if (from === undefined) throw new Error('There is no such device.');
    return talk(from, device.name, (messages) => device.send(messages, onAcknowledged));
  });
  const last = cast.devices.at(-1);
  if (last === undefined) throw new Error('There is nobody.');
  const overHttp = talk(last, 'over HTTP', async (messages) => {
    for (const message of messages) {
      await Promise.race([goesOn(), isOver]); // the others set the pace
      message.acknowledged = await sendOverHttp(httpUrl, last, message);
    }
  });
  const ended = Promise.all([...overSockets, overHttp]).then((said) => said.flat());
  return { goesOn, ended, end: () => over.abort() };
}

type SendAnswer = {
  readonly result: {
    readonly __typename: string;
    readonly code?: string;
    readonly message?: { readonly number: number };
  };
};

/** Sends until there is an answer. Rejects when it is refused. */
async function sendOverHttp(httpUrl: string, { person }: CastDevice, message: Sent) {
  const { channelId, text, nonce } = message;
  const operation = mutations.sendMessage({ channelId, text, nonce });
  message.at = performance.now();
  for (;;) {
    const answer = await ask<SendAnswer>(httpUrl, { ...operation, token: person.session.accessToken }).catch(
      () => undefined,
    );
    const found = answer && answerIn(answer.data, answer.errors);
    const number = found?.result.message?.number;
    if (number !== undefined) return { number, at: performance.now() };
    if (found !== undefined) throw new Error(`A send was refused: ${JSON.stringify(found.result)}`);
    await pause(retryMs);
  }
}

/** The first one that somebody is in. */
function channelOf({ channels }: Cast, { person }: CastDevice): string {
  const channel = channels.find(({ members }) => members.some(({ userId }) => userId === person.userId));
  if (channel === undefined) throw new Error(`${person.handle} is in no channel.`);
  return channel.id;
}

/** What has been acknowledged but has not come to a device that must get it; undefined when there is nothing. */
function missingTo(
  { channels }: Cast,
  devices: readonly Device[],
  sent: readonly Sent[],
): string | undefined {
  for (const { id, members } of channels) {
    const numbers = sent.map((one) => (one.channelId === id ? (one.acknowledged?.number ?? 0) : 0));
    const newest = Math.max(0, ...numbers);
    const late = devices.find(
      ({ userId, newestIn }) => members.some((member) => member.userId === userId) && newestIn(id) < newest,
    );
    if (late) return `${late.name} has ${late.newestIn(id)} of ${newest} messages of ${id}`;
  }
  return undefined;
}

async function historyOf(httpUrl: string, { channels }: Cast): Promise<Map<string, readonly LogEntry[]>> {
  const byHistory = new Map<string, readonly LogEntry[]>();
  for (const { id, members } of channels) {
    const token = members[0]?.session.accessToken ?? '';
    byHistory.set(id, await readByHistory(httpUrl, { channelId: id, token }));
  }
  return byHistory;
}
