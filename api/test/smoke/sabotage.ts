import type { Transform } from 'node:stream';
import { type RewriteText, rewriteTexts } from './web-socket-frames.ts';

/** One lie that a server could tell, told once in a run. Undefined: this frame is not the right one for it. */
type Trick = (frame: string) => readonly string[] | undefined;
type Trickster = () => Trick;

const isMessage = (frame: string) => frame.includes('"__typename":"MessageSent"');
const channelIn = (frame: string) => /"channelId":"([^"]+)"/.exec(frame)?.[1];

const once =
  (change: Trick): Trickster =>
  () => {
    let isDone = false;
    return (frame) => {
      const changed = isDone ? undefined : change(frame);
      if (changed) isDone = true;
      return changed;
    };
  };

/** A message arrives after the next one of its channel. */
const swap: Trickster = () => {
  let held: string | undefined;
  let isDone = false;
  return (frame) => {
    if (isDone || !isMessage(frame)) return undefined;
    if (held === undefined) {
      held = frame;
      return [];
    }
    if (channelIn(frame) !== channelIn(held)) return undefined;
    isDone = true;
    return [frame, held];
  };
};

const tricksters = {
  /** A message never arrives: skipped. */
  swallow: once((frame) => (isMessage(frame) ? [] : undefined)),
  /** A message arrives twice: duplicated. */
  repeat: once((frame) => (isMessage(frame) ? [frame, frame] : undefined)),
  swap,
  /** A send is answered with a number that its message does not have: lost. */
  forge: once((frame) =>
    frame.includes('"__typename":"SendMessagePayload"')
      ? [frame.replace(/"number":\d+/, '"number":0')]
      : undefined,
  ),
  /** A channel seems to have been restored from a backup. */
  reset: once((frame) =>
    isMessage(frame) ? [frame.replace('"MessageSent"', '"SyncReset"'), frame] : undefined,
  ),
} as const satisfies Record<string, Trickster>;

export type TrickName = keyof typeof tricksters;
export const isTrickName = (name: string): name is TrickName => Object.hasOwn(tricksters, name);
export const trickNames = Object.keys(tricksters).filter(isTrickName);

/** So many frames go by before the first trick, so that there is something to be spoilt. */
const framesBefore = 100;

/**
 * For each connection something that rewrites what the server says. Together they play each of these tricks once, one
 * connection each, so that none of them can hide another.
 */
export function createSabotage(names: readonly TrickName[]): () => Transform {
  const waiting = new Set(names.map((name) => tricksters[name]()));
  let frames = 0;
  return () => {
    let own: Trick | undefined;
    const rewrite: RewriteText = (frame) => {
      frames += 1;
      if (own !== undefined) return own(frame) ?? [frame];
      for (const trick of frames > framesBefore ? waiting : []) {
        const changed = trick(frame);
        if (changed === undefined) continue;
        own = trick;
        waiting.delete(trick);
        return changed;
      }
      return [frame];
    };
    return rewriteTexts(rewrite);
  };
}
