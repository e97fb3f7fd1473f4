// A script of its own, with types of its own: see tsconfig.worker.json. It is one file, whatever it is made of.
import { onClick, onSync, outboxSync } from './worker/on-click.ts';
import { onEndpointChanged } from './worker/on-endpoint-changed.ts';
import { onPush } from './worker/on-push.ts';
import { onFetch, refresh } from './worker/shell.ts';

declare const self: ServiceWorkerGlobalScope;

// The app without the network.
self.addEventListener('install', (event) => {
  event.waitUntil(refresh().then(() => self.skipWaiting()));
});
self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});
self.addEventListener('fetch', onFetch);

// What is told while nobody looks.
self.addEventListener('push', (event) => {
  event.waitUntil(onPush(event.data?.text() ?? ''));
});
self.addEventListener('notificationclick', (event) => {
  event.waitUntil(onClick(event));
});
self.addEventListener('pushsubscriptionchange', (event) => {
  event.waitUntil(onEndpointChanged(event));
});
self.addEventListener('sync', (event) => {
  if (event instanceof ExtendableEvent && Object(event).tag === outboxSync) event.waitUntil(onSync());
});
