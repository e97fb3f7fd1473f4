import { setMaxListeners } from 'node:events';
import type { ServerProcess } from '../../../bench/server-process.ts';
import type { TcpProxy } from '../client/tcp-proxy.ts';
import { type Cast, gatherCast } from './cast.ts';
import { type Device, openDevice } from './device.ts';
import type { History, LogEntry, Sent } from './history.ts';
import { createMischief, type Mischief } from './mischief.ts';
import { messageOf, type Plan, planOf, type SmokeSize } from './plan.ts';
import { readByDatabase, readByHistory } from './read-log.ts';
import { createWatch, type Watch } from './watch.ts';

/** The server, and the network in front of it. */
export type Stage = {
  /** Where the log lies. */
  readonly databaseUrl: () => Promise<string>;
  readonly proxy: TcpProxy;
  readonly server: () => ServerProcess;
  /** Ends the server, then starts it at once on the same data and port. Rejects when it does not start again. */
  readonly restartServer: () => Promise<void>;
};

export type Play = {
  readonly size: SmokeSize;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** What goes wrong while people talk. */
  readonly mischief: Mischief;
  readonly onProgress: (words: string) => void;
};

type Running = Play & {
  readonly stage: Stage;
  readonly plan: Plan;
  readonly cast: Cast;
  readonly watch: Watch;
};

/** A hint that was lost is repaired within 30 s at the worst (G6); so long may the last message take to arrive. */
const arriveMs = 35_000;
/** Between two messages of one device: below the rate that a server allows a socket. */
const mostThinkMs = 200;
const backOffMs = { least: 20, most: 200 } as const;

/** People talk while things go wrong, until every message is acknowledged and has arrived everywhere; then the log is read. */
export async function play(stage: Stage, options: Play): Promise<History> {
  const plan = planOf(options.size, options.seed);
  // Whoever keeps the newest marker only is sent again what somebody swallowed: those who keep all cursors must notice it.
  if (options.mischief === 'none') for (const device of plan.devices) device.keeps = 'every cursor';
  const cast = await gatherCast(stage.server().httpUrl, plan);
  const watch = createWatch(options.signal);
  setMaxListeners(cast.devices.length * 3, options.signal); // each device waits for something at times
  const running: Running = { ...options, stage, plan, cast, watch };
  options.onProgress(`${options.size.people} people on ${cast.devices.length} devices are there.`);
  const devices = cast.devices.map((_, index) => openCastDevice(running, index));
  try {
    const sent = await sendAll(running, devices);
    options.onProgress('Every message is acknowledged.');
    await watch.until(() => missingTo(devices, running, sent), arriveMs);
    options.onProgress('Every message has arrived.');
    await watch.race(Promise.all(devices.map(({ following }) => following.catchUp())));
    return await recorded(running, devices, sent);
  } finally {
    await Promise.all(devices.map((device) => device.close()));
  }
}

function openCastDevice({ stage, plan, cast, watch, signal }: Running, index: number): Device {
  const [planned, found] = [plan.devices[index], cast.devices[index]];
  if (planned === undefined || found === undefined) throw new Error('There is no such device.');
  const { name, person, from } = found;
  const { random } = plan;
  return openDevice({
    name,
    planned,
    from,
    signal,
    socketUrl: `ws://127.0.0.1:${stage.proxy.port}/graphql`,
    token: person.session.accessToken,
    thinkMs: () => random.below(mostThinkMs),
    backOffMs: () => backOffMs.least + random.below(backOffMs.most - backOffMs.least),
    onMessage: watch.note,
    onProblem: watch.fail,
  });
}

async function sendAll(running: Running, devices: readonly Device[]): Promise<Sent[]> {
  const { stage, plan, cast, watch, size } = running;
  const sent = plan.sends.map(({ device, channel }, nth): Sent => {
    const [from, to] = [cast.devices[device], cast.channels[channel]];
    if (from === undefined || to === undefined) throw new Error('There is no such device or channel.');
    return messageOf(from.name, from.person.userId, { channelId: to.id, nth: nth + 1 });
  });
  let restarting = Promise.resolve();
  const restart = () => {
    restarting = restarting.then(stage.restartServer);
    restarting.catch((problem: unknown) => watch.fail(String(problem)));
  };
  const disturb = createMischief({
    ...size,
    proxy: stage.proxy,
    random: plan.random,
    devices,
    mischief: running.mischief,
    restartServer: restart,
  });
  const outboxes = devices.map((device) => {
    const own = sent.filter((message) => message.device === device.name);
    return device.send(own, disturb);
  });
  await watch.race(Promise.all(outboxes));
  await watch.race(restarting);
  return sent;
}

/** What has been acknowledged but has not come to a device that must get it; undefined when there is nothing. */
function missingTo(devices: readonly Device[], { cast }: Running, sent: readonly Sent[]): string | undefined {
  for (const { id, members } of cast.channels) {
    const newest = Math.max(0, ...sent.map((m) => (m.channelId === id ? (m.acknowledged?.number ?? 0) : 0)));
    const handles = new Set(members.map(({ handle }) => handle));
    const late = devices.find(
      ({ name, newestIn }) => handles.has(name.split('/')[0] ?? '') && newestIn(id) < newest,
    );
    if (late) return `${late.name} has ${late.newestIn(id)} of ${newest} messages of ${id}`;
  }
  return undefined;
}

async function recorded(
  { stage, cast, plan }: Running,
  devices: readonly Device[],
  sent: readonly Sent[],
): Promise<History> {
  const byHistory = new Map<string, readonly LogEntry[]>();
  for (const { id, members } of cast.channels) {
    const token = members[0]?.session.accessToken ?? '';
    byHistory.set(id, await readByHistory(stage.server().httpUrl, { channelId: id, token }));
  }
  const isIn = (channel: Cast['channels'][number], userId: string) =>
    channel.members.some((member) => member.userId === userId);
  return {
    sent,
    byHistory,
    byDatabase: await readByDatabase(await stage.databaseUrl()),
    devices: devices.map(({ name, steps }, index) => ({
      device: name,
      steps,
      keeps: plan.devices[index]?.keeps ?? 'every cursor',
      channelIds: cast.channels
        .filter((channel) => isIn(channel, cast.devices[index]?.person.userId ?? ''))
        .map(({ id }) => id),
      endedCaughtUp: true,
    })),
  };
}
