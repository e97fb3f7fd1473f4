import { setMaxListeners } from 'node:events';
import type { TcpProxy } from '../client/tcp-proxy.ts';
import { type Cast, gatherCast } from './cast.ts';
import { type Device, openDevice } from './device.ts';
import { allow } from './habits.ts';
import type { History, LogEntry, Mark, Seat, Sent } from './history.ts';
import { createMilestones } from './milestones.ts';
import { createMischief, type Mischief } from './mischief.ts';
import { messageOf, type Plan, planOf, type SmokeSize, steadyOf } from './plan.ts';
import { type Found, readByHistory } from './read-log.ts';
import { wander } from './wander.ts';
import { createWatch, type Watch } from './watch.ts';

/** The server, or several of them, and the network in front. */
export type Stage = {
  /** Everything that the log has. */
  readonly found: () => Promise<Found>;
  readonly proxy: TcpProxy;
  /** Past that network. */
  readonly httpUrl: string;
  /** The nth time that something happens to what runs, and is over when this resolves. Rejects when something does not run again. */
  readonly trouble: (nth: number) => Promise<void>;
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
  readonly marks: Mark[];
};

/** A hint that was lost is repaired within 30 s at the worst (G6): then something comes, if something is missing. */
const quietMs = 35_000;

/**
 * People talk, read, come and go while things go wrong, until everything is acknowledged and has arrived everywhere; then they look at
 * what they are shown, and the log is read.
 */
export async function play(stage: Stage, options: Play): Promise<History> {
  const plan = planOf(options.size, options.seed);
  // Whoever keeps the newest marker only is sent again what somebody swallowed: those who keep all cursors must notice it.
  if (options.mischief === 'none') for (const device of plan.devices) device.keeps = 'every cursor';
  const cast = await gatherCast(stage.httpUrl, plan);
  const watch = createWatch(options.signal);
  setMaxListeners(cast.devices.length * 6, options.signal); // each device waits for several things at times
  const running: Running = { ...options, stage, plan, cast, watch, marks: [] };
  options.onProgress(`${options.size.people} people on ${cast.devices.length} devices are there.`);
  const devices: Device[] = [];
  try {
    for (const index of cast.devices.keys()) devices.push(openCastDevice(running, index));
    const sent = await watch.race(sendAll(running, devices));
    await watch.race(Promise.all(devices.map((device) => device.settled())));
    options.onProgress('Everything is acknowledged.');
    await watch.until(() => missingTo(devices, running, sent), quietMs);
    options.onProgress('Every message has arrived.');
    await watch.race(Promise.all(devices.map(({ following }) => following.catchUp())));
    // What a device still said while people look would be counted, though nobody is shown it yet.
    await watch.race(Promise.all(devices.map((device) => device.rest())));
    const shown = await watch.race(look(cast, devices));
    return { ...(await recorded(running, devices, sent)), ...shown, marks: running.marks, aside: cast.aside };
  } finally {
    await Promise.all(devices.map((device) => device.close()));
  }
}

function openCastDevice({ stage, plan, cast, watch, marks, signal }: Running, index: number): Device {
  const [planned, found] = [plan.devices[index], cast.devices[index]];
  if (planned === undefined || found === undefined) throw new Error('There is no such device.');
  const { name, person, from } = found;
  return openDevice({
    name,
    userId: person.userId,
    planned,
    from,
    signal,
    random: plan.random,
    socketUrl: `ws://127.0.0.1:${stage.proxy.port}/graphql`,
    token: person.session.accessToken,
    onMessage: watch.note,
    onMark: (mark) => marks.push(mark),
    onProblem: watch.fail,
  });
}

async function sendAll(running: Running, devices: readonly Device[]): Promise<Sent[]> {
  const { stage, plan, cast, watch, size } = running;
  const sent = plan.sends.map(({ device, channel, becomes }, nth): Sent => {
    const [from, to] = [cast.devices[device], cast.channels[channel]];
    if (from === undefined || to === undefined) throw new Error('There is no such device or channel.');
    return messageOf(from.name, from.person.userId, { channelId: to.id, becomes, nth: nth + 1 });
  });
  let troubles = Promise.resolve();
  const onTrouble = (nth: number) => {
    troubles = troubles.then(() => stage.trouble(nth));
    troubles.catch((problem: unknown) => watch.fail(String(problem)));
  };
  const disturb = createMischief({
    ...size,
    proxy: stage.proxy,
    random: plan.random,
    devices,
    mischief: running.mischief,
    onTrouble,
  });
  const milestones = createMilestones();
  const onAcknowledged = () => {
    milestones.pass();
    disturb();
  };
  const outboxes = devices.map((device) => {
    const own = sent.filter((message) => message.device === device.name);
    return device.send(own, onAcknowledged);
  });
  await Promise.all([...outboxes, wander({ plan, cast, devices, milestones })]);
  await troubles;
  return sent;
}

/** What has been acknowledged but has not come to a device that must get it; undefined when there is nothing. */
function missingTo(devices: readonly Device[], { cast }: Running, sent: readonly Sent[]): string | undefined {
  for (const { id, members } of cast.channels) {
    const newest = Math.max(0, ...sent.map((m) => (m.channelId === id ? (m.acknowledged?.number ?? 0) : 0)));
    // Who came back may have done so behind the last message.
    const steady = new Set(steadyOf(members).map(({ userId }) => userId));
    const late = devices.find(({ userId, newestIn }) => steady.has(userId) && newestIn(id) < newest);
    if (late) return `${late.name} has ${late.newestIn(id)} of ${newest} messages of ${id}`;
  }
  return undefined;
}

/** Some mark channels to come back to; then everybody looks at what they are shown, on their first device. */
async function look(
  { channels }: Cast,
  devices: readonly Device[],
): Promise<Pick<History, 'markedUnread' | 'looks'>> {
  const firsts = devices.filter(
    ({ userId }, index) => devices.findIndex((one) => one.userId === userId) === index,
  );
  const markedUnread: Seat[] = [];
  for (const { id: channelId, members } of channels) {
    const device = firsts.find(({ userId }) => userId === steadyOf(members).at(-1)?.userId);
    if (device === undefined) continue;
    allow(await device.mutate('markUnread', () => ({ channelId })));
    markedUnread.push({ userId: device.userId, channelId });
  }
  return { markedUnread, looks: await Promise.all(firsts.map((device) => device.look())) };
}

type Recorded = Pick<History, 'sent' | 'devices' | 'byHistory' | 'byDatabase' | 'stays'>;

async function recorded(
  { stage, cast, plan }: Running,
  devices: readonly Device[],
  sent: readonly Sent[],
): Promise<Recorded> {
  const byHistory = new Map<string, readonly LogEntry[]>();
  for (const { id, members } of cast.channels) {
    const token = members[0]?.session.accessToken ?? '';
    byHistory.set(id, await readByHistory(stage.httpUrl, { channelId: id, token }));
  }
  return {
    sent,
    byHistory,
    ...(await stage.found()),
    devices: devices.map(({ name, userId, steps }, index) => {
      const keeps = plan.devices[index]?.keeps ?? 'every cursor';
      return { device: name, userId, steps, keeps, endedCaughtUp: true };
    }),
  };
}
