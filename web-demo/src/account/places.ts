/** Where it stands who is signed in: in this window, and in the one that was opened last. */
export const windowKey = 'parley.viewer';
export const lastKey = 'parley.last';
/** Whose messages the worker of this browser is told of, and so whose session it uses. */
export const workerKey = 'parley.worker';

/** Whether it seems that somebody is signed in here: enough to know what to load. */
export const isSomebodyHere = (): boolean =>
  (sessionStorage.getItem(windowKey) ?? localStorage.getItem(lastKey)) !== null;

/** Of an address that signs somebody in. */
export const addressKey = 'as';
export const isNamedByAddress = (): boolean => new URL(location.href).searchParams.has(addressKey);
