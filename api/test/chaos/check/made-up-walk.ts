import type { Random } from '../../smoke/random.ts';
import type { Line } from '../history.ts';
import { finish } from './made-up-end.ts';
import { createMadeUpRun, type MadeUpDevice, type MadeUpRun } from './made-up-run.ts';

type Walk = { readonly run: MadeUpRun; readonly random: Random; faults: number; devices: number };
type Step = (walk: Walk, device: MadeUpDevice, channelId: string) => void;

const people = ['ann', 'bob', 'cem', 'dee', 'eva'];
const channels = ['c1', 'c2', 'c3'];
const owner = 'ann';

/** A run in which nothing goes wrong, different for each seed: people talk, come and go, and their devices come back. */
export function walkAtRandom(random: Random, steps: number): readonly Line[] {
  const run = createMadeUpRun();
  const walk: Walk = { run, random, faults: 0, devices: 0 };
  for (const process of ['server-1', 'server-2'])
    run.write({ kind: 'resources', process, moment: 'baseline', values: { heapBytes: 50e6, sockets: 0 } });
  for (const channelId of channels) run.channel(channelId, ...people.slice(0, 2 + random.below(4)));
  for (const userId of people) for (let nth = random.below(2); nth < 2; nth += 1) addDevice(walk, userId);
  for (let nth = 0; nth < steps; nth += 1) {
    const living = [...run.devices.values()].filter(({ isRevoked }) => !isRevoked);
    if (random.below(4) === 0) run.wait(random.below(2_000));
    random.pick(kinds)(walk, random.pick(living), random.pick(channels));
  }
  const lines = finish(run);
  for (const process of ['server-1', 'server-2'])
    run.write({ kind: 'resources', process, moment: 'final', values: { heapBytes: 70e6, sockets: 1 } });
  return [...lines, ...run.lines.slice(lines.length)];
}

function addDevice(walk: Walk, userId: string): void {
  walk.devices += 1;
  const name = `${userId}/${walk.devices}`;
  walk.run.ask(name, { type: 'signIn' }).ok();
  walk.run.subscribe(name);
}

/** Only who is there does anything; whoever is not comes back. */
const ifThere =
  (step: Step): Step =>
  (walk, device, channelId) => {
    if (!device.isOpen) walk.run.subscribe(device.name);
    if (walk.run.logOf(channelId).isIn(device.userId)) step(walk, device, channelId);
  };

const send = ifThere(({ run, random }, { name, userId }, channelId) => {
  const message = run.send(name, channelId);
  const others = [...run.devices.values()].filter(
    (one) => !one.isRevoked && one.userId !== userId && run.logOf(channelId).isIn(one.userId),
  );
  for (const one of others) {
    if (random.below(5) > 0 || run.muted.has(`${one.userId} ${channelId}`)) continue;
    const { seq, number } = message;
    const note = { type: 'message', channelId, seq, number } as const;
    run.write({ kind: 'push', device: one.name, userId: one.userId, note });
  }
});

/** Sent, but the answer does not come; sent again, or never. */
const sendInVain = ifThere(({ run, random }, { name }, channelId) => {
  const said = run.say(name, channelId);
  const isThere = random.below(2) === 0;
  if (isThere) said.commit();
  said.unknown();
  if (random.below(3) === 0) return;
  said.again();
  const { messageId: id, seq, number } = said.commit();
  said.ok({ message: { id, seq, number }, ...(isThere && { isRepeated: true }) });
});

const sendRefused = ifThere(({ run }, { name }, channelId) => run.say(name, channelId).fail('NOT_A_MEMBER'));

const change = ifThere(({ run, random }, { name, userId }, channelId) => {
  const own = run
    .logOf(channelId)
    .messages()
    .filter(({ authorId, text }) => authorId === userId && text !== null);
  if (own.length === 0) return;
  const message = random.pick(own);
  if (random.below(3) === 0) run.delete(name, channelId, message);
  else run.edit(name, channelId, message);
});

const tell = ifThere(({ run, random }, { name }, channelId) => {
  for (let left = 1 + random.below(6); left > 0 && run.pull(name, channelId); left -= 1);
});
const catchUp = ifThere(({ run }, { name }) => run.catchUp(name));
const page = ifThere(({ run, random }, { name }, channelId) =>
  run.page(name, channelId, { behind: random.below(20), count: 1 + random.below(20) }),
);
const read = ifThere(({ run, random }, { name, userId }, channelId) => {
  const log = run.logOf(channelId);
  const newest = log.messages().length;
  if (newest > 0) run.read(name, channelId, Math.max(log.readOf(userId), 1 + random.below(newest)));
});
/** How far somebody is whose coming the device was told of, if it was. */
const position = ifThere(({ run, random }, device, channelId) => {
  run.catchUp(device.name);
  run.position(device.name, channelId, random.pick(run.logOf(channelId).members()));
});
const mute = ifThere(({ run, random }, { name }, channelId) =>
  run.mute(name, channelId, random.below(2) === 0),
);
const goAway: Step = ({ run }, { name, isOpen }) => {
  if (isOpen) run.gone(name);
};
const comeBack: Step = ({ run }, { name, isOpen }) => {
  if (isOpen) run.gone(name);
  run.subscribe(name);
};
const move: Step = ({ run, random }, device, channelId) => {
  const memberId = random.pick(people.filter((one) => one !== owner));
  const isIn = run.logOf(channelId).isIn(memberId);
  const by = [...run.devices.values()].find(({ userId, isRevoked }) => userId === owner && !isRevoked);
  if (device.userId !== owner && device.isOpen && run.logOf(channelId).isIn(device.userId))
    run.move(device.name, { type: 'leave', channelId });
  else if (by !== undefined) run.move(by.name, { type: isIn ? 'remove' : 'add', channelId, memberId });
};
const changeDevices: Step = (walk, { name, userId }) => {
  const { run, random } = walk;
  addDevice(walk, userId);
  const newest = [...run.devices.values()].findLast((one) => one.userId === userId);
  if (newest === undefined || random.below(2) === 0) return;
  run.revoke(newest.name, name);
  run.gone(name);
  run.wait(100_000 * random.below(2));
};
const breakSomething: Step = (walk) => {
  walk.faults += 1;
  const fault = walk.faults;
  walk.run.write({ kind: 'fault', fault, name: 'server-freeze', on: 'server-1' });
  walk.run.wait(walk.random.below(5_000));
  walk.run.write({ kind: 'heal', fault });
};

const times = (count: number, step: Step) => Array.from({ length: count }, () => step);
const kinds: readonly Step[] = [
  ...times(30, send),
  ...times(3, sendInVain),
  ...times(2, sendRefused),
  ...times(6, change),
  ...times(30, tell),
  ...times(4, catchUp),
  ...times(6, page),
  ...times(4, read),
  ...times(4, position),
  ...times(2, mute),
  ...times(3, goAway),
  ...times(6, comeBack),
  ...times(4, move),
  ...times(1, changeDevices),
  ...times(1, breakSomething),
];
