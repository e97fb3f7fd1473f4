const worker = '/service-worker.js';

/** The policy of the page lets no text be run as a script; this is the one address that may be. See `trusted-types` there. */
type Policies = {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): {
    createScriptURL(url: string): string;
  };
};
const policies = (): Policies | undefined =>
  'trustedTypes' in window ? Object(window.trustedTypes) : undefined;

/** Keeps the page here, so that the next visit begins without the network. A browser that refuses does without. */
export async function registerWorker(): Promise<void> {
  const policy = policies()?.createPolicy('parley-worker', {
    createScriptURL(url) {
      if (url !== worker) throw new TypeError('Only the worker of this page is run.');
      return url;
    },
  });
  await navigator.serviceWorker.register(policy?.createScriptURL(worker) ?? worker).catch(() => undefined);
}
