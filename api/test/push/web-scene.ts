import type { Logger } from 'pino';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
import type { Clock } from '../../../schema/ports/clock.ts';
import type { Push } from '../../../schema/ports/push.ts';
import type { Person } from '../../../schema/test/world.ts';
import { sweep } from '../../../schema/wake/sweep.ts';
import { wakeChannel } from '../../../schema/wake/wake-channel.ts';
import { handlersOf } from '../../../workers/jobs.ts';
import { combinePush } from '../../drivers/push.all.ts';
import { openWebPush } from '../../drivers/push.web.ts';
import { contactsOf } from '../product/contacting.ts';
import { readingOf } from '../product/reading.ts';
import { talkerOf } from '../product/talker.ts';
import { createHandJobs } from '../wake/hand-jobs.ts';
import { idOf } from '../wake/scene.ts';
import { openWorld } from '../world.ts';
import { openWebPushService, type WebSubscription } from './web-push-service.ts';
import { makeTestVapid, testStart } from './web-world.ts';

const register = `mutation ($input: RegisterPushEndpointInput!) { result: registerPushEndpoint(input: $input) {
  __typename } }`;
const prefer = `mutation ($input: UpdateNotificationSettingsInput!) { result: updateNotificationSettings(input: $input) {
  __typename } }`;
const profile = `mutation ($input: UpdateProfileInput!) { result: updateProfile(input: $input) { __typename } }`;

/** Whatever is wrong with a mutation that has to work. */
async function change(person: Person, document: string, input: object): Promise<void> {
  const { data } = await person.execute<{ result: { __typename: string } }>(document, { input });
  if (!data.result.__typename.endsWith('Payload')) throw new Error(`Refused: ${JSON.stringify(data)}`);
}

export type WebSceneOptions = {
  readonly logger?: Logger;
  /** Another service beside that of the browsers. */
  readonly openOther?: (clock: Clock) => Promise<Push>;
};

/**
 * A product that wakes browsers through the real driver, over TLS, at a service on this computer. A test moves its jobs and its time by
 * hand, and sees every byte that leaves.
 */
export async function openWebScene({ openOther, ...options }: WebSceneOptions = {}) {
  const clock = createManualClock(testStart);
  const jobs = createHandJobs(clock);
  const bytes: Buffer[] = [];
  const web = await openWebPushService({ now: clock.now, onBytes: (some) => void bytes.push(some) });
  const host = `localhost:${web.port}`;
  const vapid = makeTestVapid();
  const subject = 'mailto:operator@chat.example';
  const ofBrowsers = await openWebPush({ ...{ vapid, clock, subject }, hosts: [host], ca: web.certificate });
  const push = combinePush([ofBrowsers, ...(openOther ? [await openOther(clock)] : [])]);
  const limits = { pushHosts: [host] };
  const world = await openWorld({ ...options, clock, jobs, push, limits, log: 'postgres' });
  const { product } = world;
  const handlers = handlersOf(product);
  const doDue = () => jobs.doDue(handlers);

  const actorOf = (person: Person, subscription: WebSubscription) => ({
    ...talkerOf(person),
    ...{ person, subscription, device: person.session.device.id },
    reads: readingOf(person),
    to: contactsOf(person),
    browser: web.deviceOf(subscription.url),
    /** In a browser, their own if not another is said. */
    register: (at = subscription) => change(person, register, { address: { web: at } }),
    prefer: (input: object) => change(person, prefer, input),
    call: (displayName: string) => change(person, profile, { displayName }),
    /** What this browser was sent, the last one last. */
    received: () => web.received.filter(({ url }) => url === subscription.url),
    notes: () => web.received.flatMap(({ url, note }) => (url === subscription.url ? note : [])),
  });
  const away = async (person: Person) => {
    const actor = actorOf(person, web.subscribe(push.vapidPublicKey));
    await actor.register();
    return actor;
  };
  return {
    ...{ world, product, push, clock, jobs, handlers, web, vapid, doDue },
    /** Everything that has left so far, as the service itself got it. */
    wire: () => Buffer.concat(bytes),
    /** Somebody new whose browser can be woken, or the same person in one more. */
    away: async (handle?: string) => away(await world.signUp(handle)),
    another: async ({ handle }: { readonly handle: string }) => away(await world.signIn(handle)),
    /** Decides about a channel, and does all that follows from it and is due. */
    async wake(channelId: string) {
      await wakeChannel(product, { channelId: idOf(channelId) });
      return doDue();
    },
    /** Time goes on, and the sweep looks at what was lost. */
    async sweepLater() {
      await clock.advance(60_000);
      await sweep(product);
      return doDue();
    },
    async close() {
      await world.close();
      await push.close();
      await web.close();
    },
  };
}
export type WebScene = Awaited<ReturnType<typeof openWebScene>>;
export type Browsing = Awaited<ReturnType<WebScene['away']>>;
