import { vi } from 'vitest';
import type { PushAnswer, PushNote } from '../../../schema/ports/push.ts';
import { createRandom, upTo } from '../../../schema/ports/random.contract.ts';
import { type Actor, accepted, type Scene } from './scene.ts';

/** A message, as somebody knows it who only saw what was done. */
export type Said = {
  readonly id: string;
  readonly number: number;
  readonly isOwn: boolean;
  /** YES: from when it was said to the end. NO: never. MAYBE: for some time. */
  due: 'YES' | 'NO' | 'MAYBE';
  isDeleted: boolean;
  /** Ada was in the channel when it was said, and has not left since. */
  isSeen: boolean;
};
export type Model = { readonly said: Said[]; readNumber: number; isMuted: boolean; isMember: boolean };
type Note = Extract<PushNote, { kind: 'message' }>;
type Table = { readonly scene: Scene; readonly ada: Actor; readonly bob: Actor; readonly id: string };

/** Those that are unread for Ada. */
export const unreadIn = ({ said, readNumber }: Model): Said[] =>
  said.filter(
    ({ isSeen, isOwn, isDeleted, number }) => isSeen && !isOwn && !isDeleted && number > readNumber,
  );

/** From now on these may have been due for a while only. */
function doubt({ said }: Model, which: (one: Said) => boolean): void {
  for (const one of said) if (one.due === 'YES' && which(one)) one.due = 'MAYBE';
}

async function say({ ada, id }: Table, model: Model, by: Actor): Promise<void> {
  const [isOwn, { isMember, isMuted }] = [by === ada, model];
  if (isOwn && !isMember) return;
  const { message } = await by.send(id, `Message ${model.said.length + 1}`);
  const due = isOwn || !isMember ? 'NO' : isMuted ? 'MAYBE' : 'YES';
  const { id: messageId, number } = message;
  model.said.push({ id: messageId, number, due, isOwn, isDeleted: false, isSeen: isMember });
  if (isOwn && model.readNumber === number - 1) model.readNumber = number;
}

async function read({ ada, id }: Table, model: Model, number: number): Promise<void> {
  if (!model.isMember || number < 1) return;
  await ada.read(id, number);
  // Their own messages right behind it are read with it.
  const behind = model.said.slice(number);
  const run = behind.findIndex(({ isOwn }) => !isOwn);
  model.readNumber = Math.max(model.readNumber, number + (run < 0 ? behind.length : run));
  doubt(model, (one) => one.number <= model.readNumber);
}

async function erase({ bob }: Table, model: Model, one: Said | undefined): Promise<void> {
  if (one === undefined || one.isOwn || one.isDeleted) return;
  await bob.erase(one.id);
  one.isDeleted = true;
  doubt(model, (other) => other === one);
}

async function mute({ ada, id }: Table, model: Model): Promise<void> {
  if (!model.isMember) return;
  await (model.isMuted ? ada.unmute(id) : ada.mute(id));
  model.isMuted = !model.isMuted;
  doubt(model, () => model.isMuted);
}

async function comeOrGo({ ada, bob, id }: Table, model: Model): Promise<void> {
  if (!model.isMember) {
    await bob.add(id, ada.userId);
    Object.assign(model, { isMember: true, isMuted: false, readNumber: model.said.length });
    return;
  }
  await bob.remove(id, ada.userId);
  model.isMember = false;
  doubt(model, () => true);
  for (const one of model.said) one.isSeen = false;
}

/** A transaction of the next jobs fails. */
async function fail({ scene }: Table): Promise<void> {
  const spy = vi.spyOn(scene.product.prisma, '$transaction');
  spy.mockImplementationOnce(() => Promise.reject(new Error('The database is away.')));
  await scene.after(4_000);
  spy.mockRestore();
}

/** What can happen, and how often of a hundred times. The sweep fails, too, while no job is taken. */
const deedsOf = (table: Table, model: Model, below: (n: number) => number) => {
  const { scene, ada, bob } = table;
  const deeds: readonly (readonly [share: number, deed: () => unknown])[] = [
    [30, () => say(table, model, bob)],
    [4, () => say(table, model, ada)],
    [10, () => read(table, model, below(model.said.length + 1))],
    [8, () => erase(table, model, model.said[below(model.said.length)])],
    [4, () => mute(table, model)],
    [3, () => comeOrGo(table, model)],
    [19, () => scene.after(1_000 + below(5_000))],
    [8, () => scene.sweepLater(60_000).catch(() => undefined)],
    [4, () => scene.jobs.lose()],
    [5, () => scene.jobs.refuse(below(2) === 0)],
    [5, () => fail(table)],
  ];
  return deeds.flatMap(([share, deed]) => upTo(share).map(() => deed));
};

/** Mostly it is taken. What is not is seen by nobody. */
async function answer(chance: number, see: () => void): Promise<PushAnswer> {
  if (chance < 0.1) throw new Error('A mistake.');
  if (chance < 0.2) return { outcome: 'later', status: 503, reason: null };
  see();
  return accepted;
}

/** What the device shows, and what was wrong with what was pushed, at the moment when it was. */
function watch(model: Model) {
  const device: { note: Note | undefined } = { note: undefined };
  const problems: string[] = [];
  function see(note: PushNote): void {
    if (note.kind === 'test') return;
    const unread = unreadIn(model);
    const badge = model.isMuted || !model.isMember ? 0 : unread.length;
    if (note.badge !== badge) problems.push(`The badge is ${note.badge}, and should be ${badge}.`);
    device.note = note.kind === 'message' ? note : undefined;
    if (note.kind === 'clear') return;
    const { number, count, isQuiet } = note;
    if (!unread.some((one) => one.number === number)) problems.push(`${number} is not unread.`);
    if (count > unread.length) problems.push(`${count} of ${unread.length} are due.`);
    if (model.isMuted && !isQuiet) problems.push('It is muted.');
  }
  return { device, problems, see };
}

/** Bob and Ada, who is away, in a group, and everything that can happen there; then all of it comes to rest. */
export async function play(scene: Scene, seed: number) {
  const random = createRandom(seed);
  const [ada, bob] = [await scene.away(), await scene.join()];
  const { id } = (await bob.createGroup([ada.userId])).channel;
  const model: Model = { said: [], readNumber: 0, isMuted: false, isMember: true };
  const { device, problems, see } = watch(model);
  scene.answerWith(({ target, note }) =>
    answer(random(), () => target.service === 'APNS' && target.token === ada.token && see(note)),
  );
  const below = (n: number) => Math.floor(random() * n);
  const deeds = deedsOf({ scene, ada, bob, id }, model, below);
  for (const _ of upTo(70)) await deeds[below(deeds.length)]?.();
  scene.jobs.refuse(false);
  scene.answerWith(({ target, note }) =>
    answer(1, () => target.service === 'APNS' && target.token === ada.token && see(note)),
  );
  for (const _ of upTo(15)) await scene.sweepLater(60_000);
  return { ada, model, device, problems };
}
