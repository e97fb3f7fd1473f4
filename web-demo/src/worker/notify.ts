import type { Words } from './words.ts';

declare const self: ServiceWorkerGlobalScope;

/** What is kept with a notification until somebody clicks it. */
export type Kept = { readonly channelId?: string; readonly number?: number };
type Action = {
  readonly action: string;
  readonly title: string;
  readonly type?: 'text';
  readonly placeholder?: string;
};
/** What browsers take, more or less of it: those that do not know something do without. */
type Options = NotificationOptions & {
  readonly renotify?: boolean;
  readonly actions?: readonly Action[];
  readonly data?: Kept;
};

export type Wanted = {
  readonly tag: string;
  readonly words: Words;
  readonly data?: Kept;
  /** Whether it calls for attention although one of its tag stands there. */
  readonly isAnew: boolean;
  readonly actions?: readonly Action[];
};

export function show({ tag, words, data = {}, isAnew, actions = [] }: Wanted): Promise<void> {
  const options: Options = {
    body: words.body,
    ...{ tag, data, actions, renotify: isAnew, silent: !isAnew },
    ...{ icon: '/icon-192.png', badge: '/badge-96.png', lang: 'en', dir: 'auto' },
  };
  return self.registration.showNotification(words.title, options);
}

export const keptOf = ({ data }: Notification): Kept => Object(data);

/** That of a channel, if it is on the screen. */
export async function shownFor(channelId: string): Promise<Notification | undefined> {
  const [shown] = await self.registration.getNotifications({ tag: channelId });
  return shown;
}

/** Where a platform lets somebody write into a notification, an action for it. */
export const channelActions = (): readonly Action[] => [
  ...('reply' in NotificationEvent.prototype
    ? [{ action: 'reply', type: 'text', title: 'Reply', placeholder: 'Message' } as const]
    : []),
  { action: 'read', title: 'Mark as read' },
];

/** The number on the icon of the installed app. Where there is none, nothing is lost. */
export async function showBadge(count: number): Promise<void> {
  if (!('setAppBadge' in navigator)) return;
  await (count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => undefined);
}
