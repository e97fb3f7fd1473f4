/** What is so with notifications in this browser. */
export type DeviceState =
  /** The page came by plain HTTP, where browsers offer none. */
  | 'insecure'
  | 'unsupported'
  /** The server has no key for Web Push. */
  | 'notOffered'
  /** Somebody said no; the browser does not ask again. */
  | 'blocked'
  | 'off'
  | 'on';

export type DeviceFacts = {
  readonly isSecure: boolean;
  /** Whether the browser has what it takes. */
  readonly isSupported: boolean;
  /** The key that the server sends with; null when it sends nothing. */
  readonly key: string | null;
  readonly permission: NotificationPermission;
  /** Whether the person of this window has turned them on here. */
  readonly isWanted: boolean;
};

/** What cannot be helped comes first. */
export function deviceStateOf({
  isSecure,
  isSupported,
  key,
  permission,
  isWanted,
}: DeviceFacts): DeviceState {
  if (!isSecure) return 'insecure';
  if (!isSupported) return 'unsupported';
  if (key === null) return 'notOffered';
  if (permission === 'denied') return 'blocked';
  return isWanted && permission === 'granted' ? 'on' : 'off';
}

/** Why they cannot be turned on, and what helps. */
export const hindrances: { readonly [state in Exclude<DeviceState, 'on' | 'off'>]: string } = {
  insecure:
    'This page came over a connection that is not encrypted, and browsers show no notifications for such pages. Open it by its https address.',
  unsupported:
    'This browser shows no notifications for pages. On an iPhone or iPad, add Parley to the home screen, and open it there.',
  notOffered: 'This server sends no notifications to browsers. Whoever runs it can turn that on.',
  blocked:
    'This browser blocks notifications of this page. Allow them in its settings for this page, then come back here.',
};
