import type { ApnsReceived } from '../push/apns-service.ts';
import type { WebReceived } from '../push/web-push-service.ts';
import type { Push } from './history.ts';
import type { Stage } from './stage.ts';

/** What push services took for devices, in the order of its coming; tests that somebody asked for are left out. */
export function gatherPushes({ web, apns }: Pick<Stage, 'web' | 'apns'>): () => Push[] {
  const byApple: Push[] = [];
  // It does not write down when something came.
  apns.answerWith((received) => {
    const push = ofApple(received, Date.now());
    if (push) byApple.push(push);
    return undefined;
  });
  return () => [...byApple, ...web.received.flatMap((one) => ofWeb(one) ?? [])].sort((a, b) => a.at - b.at);
}

function ofWeb({ note, isTaken, url: address, at, topic }: WebReceived): Push | undefined {
  if (!isTaken || note.kind === 'test') return undefined;
  const where = { address, at, slot: topic ?? null };
  const { channelId, number } = note;
  if (note.kind === 'clear') return { ...where, note: { kind: 'clear', channelId, number } };
  const { content, seq } = note;
  const names = content.preview === 'NOTHING' ? [] : [content.authorName, content.channelName ?? ''];
  const text = content.preview === 'FULL' ? content.text : undefined;
  return { ...where, note: { kind: 'message', channelId, seq, number, names, text } };
}

function ofApple({ token: address, collapseId, payload }: ApnsReceived, at: number): Push | undefined {
  const { aps, parley } = payload;
  const where = { address, at, slot: collapseId ?? null };
  if (parley.clear) return { ...where, note: { kind: 'clear', ...parley.clear } };
  const { channelId, seq, number } = parley;
  if (channelId === undefined || seq === undefined) return undefined;
  const { 'loc-key': key = '', 'loc-args': names = [] } = aps.alert ?? {};
  // The text stands behind the author's name where there is one.
  const text = key.startsWith('MESSAGE') ? names[1] : undefined;
  return { ...where, note: { kind: 'message', channelId, seq, number, names, text } };
}
