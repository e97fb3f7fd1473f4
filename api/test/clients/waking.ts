/** What is used of a browser's own types, which there are outside of browsers, too. */
type Subscribed = {
  readonly options: { readonly applicationServerKey: ArrayBuffer | null };
  unsubscribe(): Promise<boolean>;
  toJSON(): { readonly endpoint?: string; readonly keys?: Readonly<Record<string, string>> };
};
type Worker = {
  readonly pushManager: {
    getSubscription(): Promise<Subscribed | null>;
    subscribe(options: { userVisibleOnly: true; applicationServerKey: string }): Promise<Subscribed>;
  };
};
type Parley = {
  /** `server { vapidPublicKey }`. */
  readonly vapidPublicKey: string;
  /** `registerPushEndpoint`, with this as `address`. */
  readonly register: (address: {
    readonly web: { readonly url?: string; readonly p256dh?: string; readonly auth?: string };
  }) => Promise<unknown>;
};

// region subscribe
/** At every start, when notifications are allowed. `worker` is `await navigator.serviceWorker.ready`. */
export async function keepWoken(worker: Worker, { vapidPublicKey, register }: Parley) {
  const held = await worker.pushManager.getSubscription();
  // Of another server, or of this one before its key changed: nobody can send to it any more.
  if (held && keyOf(held) !== vapidPublicKey) await held.unsubscribe();
  const subscribed = await worker.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: vapidPublicKey,
  });
  const { endpoint, keys } = subscribed.toJSON();
  await register({ web: { url: endpoint, p256dh: keys?.p256dh, auth: keys?.auth } });
}

const keyOf = ({ options: { applicationServerKey } }: Subscribed) =>
  btoa(String.fromCharCode(...new Uint8Array(applicationServerKey ?? new ArrayBuffer(0))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
// endregion
