import { z } from 'zod';

const Badge = z.int().min(0);
const Names = { authorName: z.string(), channelName: z.string().nullable() };
/** What a service worker is promised to get. */
const Note = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('message'),
    channelId: z.string(),
    messageId: z.string(),
    seq: z.int(),
    number: z.int(),
    count: z.int().min(1),
    badge: Badge,
    isQuiet: z.literal(true).optional(),
    content: z.discriminatedUnion('preview', [
      z.strictObject({ preview: z.literal('FULL'), ...Names, text: z.string() }),
      z.strictObject({ preview: z.literal('SENDER'), ...Names }),
      z.strictObject({ preview: z.literal('NOTHING') }),
    ]),
  }),
  z.strictObject({ kind: z.literal('clear'), channelId: z.string(), number: z.int(), badge: Badge }),
  z.strictObject({ kind: z.literal('test') }),
]);
export type WebNote = z.output<typeof Note>;
export type WebMessageNote = WebNote & { readonly kind: 'message' };

/** Throws when it is not what a service worker is promised. */
export const noteIn = (text: string): WebNote => Note.parse(JSON.parse(text));

type Waiting = { readonly note: WebNote; readonly until: number };

/**
 * A browser with a service worker as ours is. While it is away the service keeps what is for it, replaced by topic and dropped when
 * its time to live is over; when it is there, a message replaces what is shown of its channel (the tag of the notification), and a
 * clearing closes that when it is not newer.
 */
export function createWebDevice(now: () => number) {
  const waiting = new Map<string, Waiting>();
  const visible = new Map<string, WebMessageNote>();
  const alerts: WebNote[] = [];
  let isAway = false;
  let badge = 0;
  let nameless = 0;

  function handle(note: WebNote): void {
    if (note.kind === 'test' || (note.kind === 'message' && !note.isQuiet)) alerts.push(note);
    if (note.kind === 'test') return;
    badge = note.badge;
    if (note.kind === 'message') visible.set(note.channelId, note);
    else if ((visible.get(note.channelId)?.number ?? 0) <= note.number) visible.delete(note.channelId);
  }
  function fetchWaiting(): void {
    for (const { note, until } of waiting.values()) if (until > now()) handle(note);
    waiting.clear();
  }

  return {
    take(note: WebNote, { topic, ttl }: { readonly topic?: string; readonly ttl: number }): void {
      nameless += 1;
      const place = topic ?? `no topic ${nameless}`;
      waiting.delete(place); // what replaces another goes to the end
      waiting.set(place, { note, until: now() + ttl * 1_000 });
      if (!isAway) fetchWaiting();
    },
    /** Goes away, or comes back and gets what was kept. */
    setAway(away: boolean): void {
      isAway = away;
      if (!away) fetchWaiting();
    },
    /** What stands on the screen now, one for each channel. */
    visible: (): readonly WebMessageNote[] => [...visible.values()],
    /** Everything that has ever made itself heard there, in order. */
    alerts: (): readonly WebNote[] => alerts,
    badge: () => badge,
  };
}
export type WebDevice = ReturnType<typeof createWebDevice>;
