import type { Transform } from 'node:stream';
import { type RewriteText, rewriteTexts } from './web-socket-frames.ts';

/** One lie that a server could tell, told once in a run. Undefined: this frame, on this connection, is not the right one for it. */
type Trick = (frame: string, connection: number) => readonly string[] | undefined;
type Trickster = () => Trick;

const isMessage = (frame: string) => frame.includes('"__typename":"MessageSent"');
const channelIn = (frame: string) => /"channelId":"([^"]+)"/.exec(frame)?.[1];

const once =
  (change: Trick): Trickster =>
  () => {
    let isDone = false;
    return (frame, connection) => {
      const changed = isDone ? undefined : change(frame, connection);
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

const seqIn = (frame: string) => Number(/"eventId":"[^"]+\.(\d+)"/.exec(frame)?.[1] ?? 0);

/** Whoever is in a channel no more gets what seems to be said there right behind their leaving. */
const leak: Trickster = () => {
  /** Who it is on each connection, as answers to their sends say. */
  const people = new Map<number, string>();
  const said = new Map<string, string>();
  return (frame, connection) => {
    const place = `${connection} ${channelIn(frame)}`;
    if (isMessage(frame)) said.set(place, frame);
    const [, author] = /"SendMessagePayload".*"author":{"id":"([^"]+)"/.exec(frame) ?? [];
    if (author !== undefined) people.set(connection, author);
    const [, gone] = /"MemberRemoved".*"user":{"id":"([^"]+)"/.exec(frame) ?? [];
    const message = said.get(place);
    if (gone === undefined || gone !== people.get(connection) || message === undefined) return undefined;
    // With the next number, as if it were the next message: nothing but its place is wrong.
    const next = message.replace(/"number":(\d+)/, (_, number) => `"number":${Number(number) + 1}`);
    return [frame, next.replace(`.${seqIn(message)}"`, `.${seqIn(frame) + 1}"`)];
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
  /** Somebody is told of one unread message more than there is: a drift. */
  miscount: once((frame) => {
    const [, count] = /"data":{"viewer":{"unreadCount":(\d+)/.exec(frame) ?? [];
    if (count === undefined) return undefined;
    return [frame.replace(`"unreadCount":${count}`, `"unreadCount":${Number(count) + 1}`)];
  }),
  leak,
} as const satisfies Record<string, Trickster>;

export type TrickName = keyof typeof tricksters;
export const isTrickName = (name: string): name is TrickName => Object.hasOwn(tricksters, name);
export const trickNames = Object.keys(tricksters).filter(isTrickName);

/** Seldom is there an opportunity for these, so they take every one; they hide nothing. */
const rare: ReadonlySet<TrickName> = new Set(['leak']);

/** So many frames go by before the first trick, so that there is something to be spoilt. */
const framesBefore = 100;

/**
 * For each connection something that rewrites what the server says. Together they play each of these tricks once, one
 * connection each, so that none of them can hide another, and the rare ones wherever they can.
 */
export function createSabotage(names: readonly TrickName[]): () => Transform {
  const everywhere = names.filter((name) => rare.has(name)).map((name) => tricksters[name]());
  const waiting = new Set(names.filter((name) => !rare.has(name)).map((name) => tricksters[name]()));
  let frames = 0;
  let connections = 0;
  return () => {
    connections += 1;
    const connection = connections;
    let own: Trick | undefined;
    const rewriteOnce: RewriteText = (frame) => {
      frames += 1;
      if (own !== undefined) return own(frame, connection) ?? [frame];
      for (const trick of frames > framesBefore ? waiting : []) {
        const changed = trick(frame, connection);
        if (changed === undefined) continue;
        own = trick;
        waiting.delete(trick);
        return changed;
      }
      return [frame];
    };
    const rewrite: RewriteText = (frame) =>
      everywhere.reduce<readonly string[]>(
        (frames, trick) => frames.flatMap((one) => trick(one, connection) ?? [one]),
        rewriteOnce(frame),
      );
    return rewriteTexts(rewrite);
  };
}
