import type { Chat } from '../chat/chat-context.tsx';
import { go, routeOf } from '../route.ts';
import type { ToWindow, Whereabouts } from '../worker/messages.ts';
import { closeWhatIsRead } from './close-read.ts';
import { registerAgain } from './device.ts';

/** What a window does for the worker, until the function that comes back is called. */
export function followWorker(chat: Chat): () => void {
  const { viewerId } = chat;
  function onMessage({ data, ports }: MessageEvent<ToWindow>): void {
    if (data.kind === 'where') ports[0]?.postMessage(whereabouts(viewerId));
    if (data.kind === 'open') go({ screen: 'channel', id: data.channelId });
    if (data.kind === 'endpointChanged') void registerAgain(chat).catch(() => undefined);
  }
  navigator.serviceWorker.addEventListener('message', onMessage);
  const stop = closeWhatIsRead(chat);
  void registerAgain(chat).catch(() => undefined);
  return () => {
    navigator.serviceWorker.removeEventListener('message', onMessage);
    stop();
  };
}

function whereabouts(viewerId: string): Whereabouts {
  const route = routeOf(location.hash);
  return {
    viewerId,
    channelId: route.screen === 'channel' ? route.id : undefined,
    isVisible: document.visibilityState === 'visible',
  };
}
