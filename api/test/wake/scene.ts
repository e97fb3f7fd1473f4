import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type ChannelId, incomingId, rowIdOf } from '../../../schema/ids.ts';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
import type { Clock } from '../../../schema/ports/clock.ts';
import type { JobHandlers } from '../../../schema/ports/jobs.ts';
import type { Leases } from '../../../schema/ports/leases.ts';
import { openRecordPush, type Pushed } from '../../../schema/ports/push.record.ts';
import type { PushAnswer, PushNote } from '../../../schema/ports/push.ts';
import type { Person } from '../../../schema/test/world.ts';
import { clearPush } from '../../../schema/wake/clear-push.ts';
import { sendPush } from '../../../schema/wake/send-push.ts';
import { sweep } from '../../../schema/wake/sweep.ts';
import { wakeChannel } from '../../../schema/wake/wake-channel.ts';
import { contactsOf } from '../product/contacting.ts';
import { readingOf } from '../product/reading.ts';
import { talkerOf } from '../product/talker.ts';
import { openWorld } from '../world.ts';
import { createHandJobs } from './hand-jobs.ts';

const register = `mutation ($input: RegisterPushEndpointInput!) { result: registerPushEndpoint(input: $input) {
  __typename ... on RegisterPushEndpointPayload { pushEndpoint { id } } ... on UserError { code } } }`;
const update = `mutation ($input: UpdateNotificationSettingsInput!) { result: updateNotificationSettings(input: $input) {
  __typename ... on UserError { code explanation } } }`;
const setLevel = `mutation ($input: SetNotificationLevelInput!) { result: setNotificationLevel(input: $input) {
  __typename ... on UserError { code } } }`;

type Options = Omit<Parameters<typeof openWorld>[0] & object, 'clock' | 'jobs' | 'push' | 'leases'> & {
  readonly leasesBy?: (clock: Clock) => Leases;
};
export const accepted: PushAnswer = { outcome: 'accepted', status: 201, reason: null };
type Note = Extract<PushNote, { kind: 'message' }>;

/** A product whose jobs and whose time a test moves by hand, and whose pushes it sees. */
export async function openScene({ leasesBy, ...options }: Options = {}) {
  const clock = createManualClock(Date.UTC(2030, 0, 1, 12));
  const jobs = createHandJobs(clock);
  let answerTo: (pushed: Pushed) => PushAnswer | Promise<PushAnswer> = () => accepted;
  const push = openRecordPush((pushed) => answerTo(pushed));
  const leases = leasesBy?.(clock);
  const world = await openWorld({ ...options, clock, jobs, push, ...(leases && { leases }) });
  const { product } = world;
  const handlers: JobHandlers = {
    wakeChannel: (payload) => wakeChannel(product, payload),
    sendPush: (payload) => sendPush(product, payload),
    clearPush: (payload) => clearPush(product, payload),
    sweep: () => sweep(product),
  };

  const actorOf = (person: Person, token: string) => ({
    ...talkerOf(person),
    ...{ person, token, device: person.session.device.id },
    reads: readingOf(person),
    to: contactsOf(person),
    async register() {
      const { data } = await person.execute<{ result: { pushEndpoint: { id: string } } }>(register, {
        input: { address: { apns: { token, topic: 'com.example.chat' } } },
      });
      return data.result.pushEndpoint.id;
    },
    prefer: (input: object) => person.execute(update, { input }),
    /** Time goes on as on the wall until it is written: rounds of one channel have a pause between them. */
    async read(channelId: string, number: number) {
      let isDone = false;
      const reading = readingOf(person).markRead(channelId, number);
      void reading.finally(() => (isDone = true)).catch(() => undefined);
      while (!isDone) {
        await pause(1);
        await clock.advance(1);
      }
      return reading;
    },
    level: (channelId: string, level: string | null) =>
      person.execute(setLevel, { input: { channelId, level } }),
    /** What was pushed to this device, the last one last. */
    pushes: () =>
      push.sent.flatMap(({ target, note }) =>
        target.service === 'APNS' && target.token === token ? note : [],
      ),
    /** The same without what is not about a message. */
    notes(): Note[] {
      return this.pushes().flatMap((note) => (note.kind === 'message' ? note : []));
    },
  });
  const newToken = () => randomBytes(32).toString('hex');
  const doDue = () => jobs.doDue(handlers);
  return {
    ...{ world, product, clock, jobs, push, handlers, doDue },
    close: () => world.close(),
    answerWith(next: typeof answerTo) {
      answerTo = next;
    },
    /** Somebody who cannot be woken. */
    join: async () => actorOf(await world.signUp(), newToken()),
    /** Somebody with a device that can. */
    async away() {
      const actor = actorOf(await world.signUp(), newToken());
      await actor.register();
      return actor;
    },
    /** One more device of theirs, which can be woken. */
    async another({ handle }: { readonly handle: string }) {
      const actor = actorOf(await world.signIn(handle), newToken());
      await actor.register();
      return actor;
    },
    /** Decides about a channel, and does all that follows from it and is due. */
    async wake(channelId: string) {
      await wakeChannel(product, { channelId: idOf(channelId) });
      return doDue();
    },
    /** Time goes on, and what is due then is done. */
    async after(ms: number) {
      await clock.advance(ms);
      return doDue();
    },
    /** All that waits is lost; a minute later the sweep looks. */
    async sweepLater(ms = 60_000) {
      jobs.lose();
      await clock.advance(ms);
      await sweep(product);
      return doDue();
    },
    rowsOf: (channelId: string) =>
      product.prisma.deviceWake.findMany({ where: { channelId: rowIdOf.channel(idOf(channelId)) } }),
    decisionsOf: (actor: { readonly device: string }) =>
      product.prisma.notificationDecision.findMany({
        where: { deviceId: rowIdOf.device(incomingId(actor.device)) },
        orderBy: { seq: 'asc' },
      }),
  };
}
export type Scene = Awaited<ReturnType<typeof openScene>>;
export type Actor = Awaited<ReturnType<Scene['join']>>;

export const idOf = (channelId: string): ChannelId => incomingId(channelId);
