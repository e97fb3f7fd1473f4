import { readAccount } from '../account/accounts.ts';
import { renewing } from '../account/names.ts';
import { lastKey, workerKey } from '../account/places.ts';
import type { Chat } from '../chat/chat-context.tsx';
import {
  RegisterPushEndpointDocument,
  RemovePushEndpointDocument,
  ServerKeyDocument,
} from '../gql/graphql.ts';
import { type Problem, problemOf } from '../people/problem-of.ts';
import { browserLocks } from '../tabs/locks.ts';
import { forgetOwner } from '../worker/kept.ts';
import { type DeviceState, deviceStateOf } from './device-state.ts';
import { pushAddressOf } from './push-address.ts';
import { share, takeNewer } from './shared-tokens.ts';

// One person at a time is told of their messages by one browser: a browser is woken at one place, and a place has one owner. It is
// whoever turned that on last, and keeps it on.

const isWantedBy = (viewerId: string): boolean => localStorage.getItem(workerKey) === viewerId;

/** Undefined when the server does not say which key it has. */
async function serverKey({ uncached }: Chat): Promise<string | null | undefined> {
  const { data } = await uncached.query(ServerKeyDocument, {}).toPromise();
  return data?.server.vapidPublicKey;
}

const isSupported = () => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

function stateWith(key: string | null, viewerId: string): DeviceState {
  const permission = isSupported() ? Notification.permission : 'denied';
  return deviceStateOf({
    ...{ isSecure: isSecureContext, isSupported: isSupported(), key, permission },
    isWanted: isWantedBy(viewerId),
  });
}

/** Undefined when there is no answer. */
export async function lookAtDevice(chat: Chat): Promise<DeviceState | undefined> {
  const key = await serverKey(chat);
  return key === undefined ? undefined : stateWith(key, chat.viewerId);
}

const failed = (explanation: string): Problem => ({ code: 'FAILED', explanation, until: null });
const noAnswer = (): Problem => problemOf(undefined);

/** Asks whoever is there, by the browser: to be called by a click. Why it was not done, if it was not. */
export async function turnOn(chat: Chat): Promise<Problem | undefined> {
  const permission = await Notification.requestPermission();
  if (permission === 'default') return failed('The browser was not told whether it may. Try again.');
  return permission === 'granted' ? register(chat) : undefined;
}

/** At every start, and when the browser is woken at another place: the server knows it already, most of the time. */
export async function registerAgain(chat: Chat): Promise<void> {
  if (isSupported() && Notification.permission === 'granted' && isWantedBy(chat.viewerId))
    await register(chat);
}

async function register(chat: Chat): Promise<Problem | undefined> {
  const key = await serverKey(chat);
  if (key === undefined) return noAnswer();
  if (key === null) return undefined; // as is said already
  const subscription = await subscribe(key).catch(() => undefined);
  const address = subscription && pushAddressOf(subscription.toJSON());
  if (!address) return failed('The push service of this browser did not answer. Try again later.');
  const { data, error } = await chat.uncached
    .mutation(RegisterPushEndpointDocument, { input: { address } })
    .toPromise();
  if (!data) return problemOf(error);
  const { registerPushEndpoint: result } = data;
  if (result.__typename !== 'RegisterPushEndpointPayload') return { until: null, ...result };
  await handOver(chat.viewerId);
  return undefined;
}

/** So long a worker may take to be there: it comes some seconds after the page, and then keeps all of it. */
const workerWithinMs = 20_000;

async function subscribe(key: string): Promise<PushSubscription> {
  const late = new Promise<never>((_, reject) => setTimeout(reject, workerWithinMs));
  const { pushManager } = await Promise.race([navigator.serviceWorker.ready, late]);
  const options = { userVisibleOnly: true, applicationServerKey: key };
  const before = await pushManager.getSubscription();
  // It may have been made with a key that the server does not have any more: that cannot be changed, and not be used.
  return pushManager.subscribe(options).catch(async () => {
    await before?.unsubscribe();
    return pushManager.subscribe(options);
  });
}

/** From now on the worker tells this person, and uses their session. */
const handOver = (viewerId: string) =>
  browserLocks.request(renewing(viewerId), {}, async () => {
    await takeNewer(viewerId);
    const tokens = readAccount(viewerId)?.tokens;
    if (!tokens) return;
    if (!isWantedBy(viewerId)) await forgetOwner();
    localStorage.setItem(workerKey, viewerId);
    localStorage.setItem(lastKey, viewerId); // a window that the worker opens is theirs
    await share({ viewerId, tokens });
  });

export async function turnOff(chat: Chat): Promise<Problem | undefined> {
  const { data, error } = await chat.uncached.mutation(RemovePushEndpointDocument, {}).toPromise();
  if (!data) return problemOf(error);
  const { removePushEndpoint: result } = data;
  const isGone = result.__typename === 'RemovePushEndpointPayload' || result.code === 'NOT_FOUND';
  if (!isGone) return { until: null, ...result };
  await forgetDevice(chat.viewerId);
  return undefined;
}

/** Nothing of what was told here stays: the session is over, or its person does not want it any more. */
export async function forgetDevice(viewerId: string): Promise<void> {
  if (!isWantedBy(viewerId)) return;
  localStorage.removeItem(workerKey);
  await forgetOwner().catch(() => undefined);
  const registration = await navigator.serviceWorker.getRegistration();
  const subscription = await registration?.pushManager.getSubscription();
  await subscription?.unsubscribe().catch(() => undefined);
  for (const shown of (await registration?.getNotifications()) ?? []) shown.close();
}
