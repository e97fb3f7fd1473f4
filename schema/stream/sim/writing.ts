import type { ChannelId, Seq, UserId } from '../../ids.ts';
import { clientNonce, type EventDraft } from '../event.ts';
import { createInOrder, type InOrder, unordered } from '../in-order.ts';
import { joinedSeqOf } from '../intervals.ts';
import type { Stream } from '../stream.ts';
import type { Sending } from './history.ts';
import { chaosMs } from './weather.ts';
import { anyServer, startMs, type World } from './world.ts';

export type WritingDevice = { readonly name: string; readonly userId: UserId };

/** May anybody write now? */
export const isWriting = ({ clock, quiet }: World) =>
  clock.now() < startMs + chaosMs && clock.now() >= quiet.until;

/** Between two messages of one device: longer in calm weather, where the next event must not hide that one came late. */
const pauseMs = ({ chance, weather }: World) => chance.between(100, weather.isCalm ? 15_000 : 4_000);

/** A server to write to, when writing is allowed. */
export async function anyWritable(world: World) {
  const { clock, quiet } = world;
  for (;;) {
    const server = await anyServer(world);
    if (clock.now() >= quiet.until) return server;
    await clock.sleep(quiet.until - clock.now());
  }
}

function newSending(world: World, device: WritingDevice, place: number | undefined): Sending {
  const { history, chance, people } = world;
  const nonce = `${device.name}-${history.sendings.length}`;
  const channelId = chance.pick(people.channelIds);
  const sending: Sending = {
    ...{ userId: device.userId, device: device.name, channelId },
    ...{ nonce, text: `text of ${nonce}`, place, firstSentAt: history.step(), acks: [], isRefused: false },
    refSeq: chance.happens(0.3) ? anySeq(world, channelId) : undefined,
  };
  history.sendings.push(sending);
  return sending;
}

/** A message to answer. None where the store goes back: it could be gone, and with it what an operation would refuse. */
function anySeq({ history, weather, chance }: World, channelId: ChannelId): Seq | undefined {
  if (weather.restore !== 'none') return undefined;
  const sent = history.sendings.filter(
    (sending) => sending.channelId === channelId && sending.acks.length > 0,
  );
  return sent.length > 0 ? chance.pick(sent).acks[0]?.seq : undefined;
}

/** What the operation `sendMessage` does. False when the sender may not. */
function send(world: World, sending: Sending, { stream, inOrder }: { stream: Stream; inOrder: InOrder }) {
  const { userId, channelId, nonce, text, refSeq } = sending;
  const draft: EventDraft = {
    ...{ kind: 'message.sent', authorId: userId, nonce: clientNonce(nonce), body: text },
    ...(refSeq !== undefined && { refSeq }),
  };
  const prepare = async () => {
    if (joinedSeqOf(await stream.membershipOf(userId, channelId)) !== undefined) return true;
    return (await stream.history.findNonce(channelId, userId, draft.nonce)) !== undefined;
  };
  return inOrder({ channelId, nonce }, prepare, async (isAllowed) => {
    if (!isAllowed) {
      sending.isRefused = true;
      return false;
    }
    const { event } = await stream.record(channelId, draft);
    sending.acks.push({ at: world.history.step(), generation: world.store.generation, seq: event.seq });
    return true;
  });
}

/** Keeps an outbox: sends without waiting for answers, and after any trouble everything unanswered again, in order. */
export async function sendInOrder(world: World, device: WritingDevice): Promise<never> {
  const { chance, clock } = world;
  const outbox: Sending[] = [];
  let place = 0;
  let wake = () => {};
  const write = async () => {
    for (;;) {
      await clock.sleep(chance.happens(0.4) ? chance.between(0, 20) : pauseMs(world));
      if (!isWriting(world)) continue;
      place += 1;
      outbox.push(newSending(world, device, place));
      wake();
    }
  };
  void write();
  for (;;) {
    const nextOne = new Promise<void>((resolve) => {
      wake = resolve;
    });
    if (outbox.length === 0) await nextOne;
    else await sendAll(world, outbox);
    await clock.sleep(chance.between(0, 300));
  }
}

/** It hears of a failure by losing the socket. */
const untilLost = () => new Promise<void>(() => undefined);

/** One socket: everything in the outbox at once, until all is answered or something goes wrong. */
async function sendAll(world: World, outbox: Sending[]): Promise<void> {
  const { chance, clock } = world;
  const { stream, gate } = await anyWritable(world);
  const inOrder = createInOrder(untilLost);
  const patience = clock.sleep(chance.pick([200, 1_000, 7_000])).then(() => 'late' as const);
  const attempts = outbox.map(async (sending) => {
    await send(world, sending, { stream, inOrder });
    return sending;
  });
  const answers = attempts.map((attempt) => attempt.catch(() => undefined));
  for (const next of answers) {
    const answer = await Promise.race([next, patience, gate.crashed]);
    if (answer === undefined || answer === 'late') return; // the socket is lost, and the rest goes on without it
    outbox.splice(outbox.indexOf(answer), 1);
  }
}

/** Sends single messages over HTTP: impatient, now and then twice at once, now and then long after the answer. */
export async function sendAlone(world: World, device: WritingDevice): Promise<never> {
  const { chance, clock } = world;
  for (;;) {
    await clock.sleep(pauseMs(world));
    if (!isWriting(world)) continue;
    const sending = newSending(world, device, undefined);
    await untilAnswered(world, sending);
    if (chance.happens(0.3)) void sendLater(world, sending);
    if (chance.happens(0.4)) await change(world, sending);
  }
}

async function untilAnswered(world: World, sending: Sending): Promise<void> {
  const { chance, clock } = world;
  for (;;) {
    const { stream, gate } = await anyWritable(world);
    const attempts = Array.from({ length: chance.pick([1, 1, 2]) }, () =>
      send(world, sending, { stream, inOrder: unordered }).then(() => true),
    );
    const patience = clock.sleep(chance.pick([50, 500, 7_000])).then(() => false);
    const answers = attempts.map((attempt) => attempt.catch(() => false));
    if (await Promise.race([...answers, patience, gate.crashed])) return;
    await clock.sleep(chance.between(0, 500));
  }
}

async function sendLater(world: World, sending: Sending): Promise<void> {
  await world.clock.sleep(world.chance.between(0, 15_000));
  const { stream } = await anyWritable(world);
  await send(world, sending, { stream, inOrder: unordered }).catch(() => undefined);
}

/** Edits or deletes what was sent. */
async function change(world: World, { userId, channelId, acks, nonce }: Sending): Promise<void> {
  const { chance, clock, store } = world;
  const ack = acks[0];
  if (ack === undefined) return;
  await clock.sleep(chance.between(0, 4_000));
  const kind = chance.pick(['message.edited', 'message.edited', 'message.deleted'] as const);
  const body = kind === 'message.edited' ? `edit of ${nonce} at ${clock.now()}` : '';
  const draft = { kind, authorId: userId, nonce: clientNonce(`${nonce}-change`), body, refSeq: ack.seq };
  for (let attempt = 0; attempt < 5 && store.generation === ack.generation; attempt += 1) {
    const { stream } = await anyWritable(world);
    const answer = await stream.record(channelId, draft).catch(() => undefined);
    if (answer !== undefined) return;
    await clock.sleep(chance.between(0, 1_000));
  }
}
