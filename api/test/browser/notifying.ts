import type { BrowserContext, CDPSession, Locator, Page, Worker } from 'playwright-core';
import { accountMenu } from './screen.ts';
import type { OpenBrowser } from './stage.ts';

// A push service and a desktop with notifications, as far as a browser without either lets a test stand in for them: what a service
// would deliver is handed to the worker by the DevTools protocol, and what somebody would click is an event in the worker.

/** Where a browser is woken: the input of `registerPushEndpoint`. */
export type Place = { readonly url: string; readonly p256dh: string; readonly auth: string };

/** A push service is somewhere in the network, of which this browser has none: the page gets this address from it. */
export const subscribeAt = (context: BrowserContext, { url, p256dh, auth }: Place): Promise<unknown> =>
  context.addInitScript(`{
    let current = null;
    const json = ${JSON.stringify({ endpoint: url, keys: { p256dh, auth } })};
    const made = (options) => ({ ...json, options, toJSON: () => json, unsubscribe: async () => { current = null; return true; } });
    PushManager.prototype.subscribe = async (options) => (current = made(options));
    PushManager.prototype.getSubscription = async () => current;
  }`);

export async function openSettings(page: Page): Promise<void> {
  await accountMenu(page).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
}
/** In the settings. */
export const notificationSwitch = (page: Page): Locator =>
  page.getByRole('switch', { name: 'Tell me of new messages here' });

/** From any screen, to the settings. */
export async function turnOnNotifications(page: Page): Promise<void> {
  await openSettings(page);
  await notificationSwitch(page).click();
  await page.getByRole('button', { name: 'Send a test' }).waitFor();
}

/** What stands on the screen. */
export type OnScreen = { readonly title: string; readonly body: string; readonly tag: string };
export const notificationsOf = (page: Page): Promise<readonly OnScreen[]> =>
  page.evaluate(`navigator.serviceWorker.ready
    .then((registration) => registration.getNotifications())
    .then((all) => all.map(({ title, body, tag }) => ({ title, body, tag })))`);

/** Puts all of them away, as somebody does who has seen them. */
export const putAway = (page: Page): Promise<unknown> =>
  page.evaluate(`navigator.serviceWorker.ready
    .then((registration) => registration.getNotifications())
    .then((all) => all.forEach((one) => one.close()))`);

/** To hand pushes to the worker of a page. */
export async function openDelivery(page: Page) {
  const session = await page.context().newCDPSession(page);
  const registrationId = await registrationIn(session);
  const origin = new URL(page.url()).origin;
  return async (note: object | string): Promise<void> => {
    const data = typeof note === 'string' ? note : JSON.stringify(note);
    await session.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data });
  };
}

async function registrationIn(session: CDPSession): Promise<string> {
  const found = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [registration] = registrations.filter(({ isDeleted }) => !isDeleted);
      if (registration) resolve(registration.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  return found;
}

export function workerOf({ context }: OpenBrowser): Worker {
  const [worker] = context.serviceWorkers();
  if (worker === undefined) throw new Error('There is no worker.');
  return worker;
}

type Click = { readonly tag: string; readonly action?: string; readonly reply?: string };

/**
 * A click on the notification with this tag, or on one of its buttons. Resolves when the worker is done with it, with the addresses
 * of the windows that it has opened: that needs a real click, so they are only written down.
 */
export const click = (worker: Worker, { tag, action = '', reply }: Click): Promise<readonly string[]> =>
  worker.evaluate(`(async () => {
    const opened = [];
    self.clients.openWindow = async (url) => { opened.push(url); return null; };
    const [notification] = await self.registration.getNotifications({ tag: ${JSON.stringify(tag)} });
    const init = { notification, action: ${JSON.stringify(action)}, reply: ${JSON.stringify(reply ?? null)} };
    const event = new NotificationEvent('notificationclick', init);
    let done;
    event.waitUntil = (work) => { done = work; };
    self.dispatchEvent(event);
    await done;
    return opened;
  })()`);

/** From now on no request of the worker gets an answer, until it is told otherwise. */
export const cutWorker = (worker: Worker, isCut: boolean): Promise<unknown> =>
  worker.evaluate(
    isCut
      ? `{ self.uncut ??= self.fetch; self.fetch = () => Promise.reject(new TypeError('The network is gone.')); }`
      : `{ self.fetch = self.uncut; }`,
  );
