/** What is held by one tab of a browser at a time: the part of Web Locks that is used here. */
export type Locks = {
  request(name: string, options: LockOptions, work: () => Promise<unknown>): Promise<unknown>;
};

/**
 * A page that did not come over HTTPS, nor from this computer, has no Web Locks. There every tab does all by itself: each then has a
 * subscription of its own, and what two of them send is one message all the same, by its nonce.
 */
export const browserLocks: Locks = {
  request: (name, options, work) =>
    'locks' in navigator ? navigator.locks.request(name, options, work) : work(),
};
