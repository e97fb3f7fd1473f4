import type { Client } from 'urql';
import { SetActivityDocument } from '../gql/graphql.ts';

/** Nobody has used any tab for so long: they look at something else. */
const idleAfterMs = 180_000;
const lookMs = 5_000;
const signs = ['pointerdown', 'keydown', 'visibilitychange', 'focus'] as const;

/**
 * Says for this device whether somebody is there, in the tab that leads; all tabs tell each other of what is done in them.
 * `isConnected` becomes true with each new connection: the server may have forgotten what it was told before.
 */
export function watchActivity(name: string, client: Client, isTelling: () => boolean) {
  const tabs = new BroadcastChannel(`${name}.activity`);
  let at = Date.now();
  let said: boolean | undefined;

  function onSign(): void {
    if (document.visibilityState !== 'visible') return;
    const isNews = Date.now() - at > lookMs;
    at = Date.now();
    if (isNews) tabs.postMessage('active');
    look();
  }
  tabs.onmessage = () => {
    at = Date.now();
    look();
  };

  function look(): void {
    const isIdle = Date.now() - at > idleAfterMs;
    if (!isTelling() || isIdle === said) return;
    said = isIdle;
    void client.mutation(SetActivityDocument, { isIdle }).toPromise();
  }

  for (const sign of signs) addEventListener(sign, onSign, { passive: true, capture: true });
  const timer = setInterval(look, lookMs);
  return {
    /** Says it anew. */
    onConnected(): void {
      said = undefined;
      look();
    },
    close(): void {
      for (const sign of signs) removeEventListener(sign, onSign, { capture: true });
      clearInterval(timer);
      tabs.close();
    },
  };
}
