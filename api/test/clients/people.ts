// region presence
export type Presence = {
  readonly state: 'ONLINE' | 'IDLE' | 'OFFLINE';
  readonly lastSeenAt: string | null;
  readonly at: string;
  readonly validUntil: string;
};
/** With when it came, by the clock of this device, in milliseconds: it may be wrong, and that of the server is not asked. */
export type HeldPresence = Presence & { readonly cameAt: number };

/** What to hold of somebody when a query or an event has brought this; null: they are not to be seen. */
export function held(before: HeldPresence | null, told: Presence | null, now: number): HeldPresence | null {
  if (told === null) return null;
  return before && before.at > told.at ? before : { ...told, cameAt: now };
}

/** What to show. Whoever watches is told again within a minute: who hears nothing any more does not know. */
export function shown(presence: HeldPresence | null, now: number): Presence['state'] | 'UNKNOWN' | null {
  if (presence === null) return null;
  const goodForMs = Date.parse(presence.validUntil) - Date.parse(presence.at);
  return now - presence.cameAt < goodForMs ? presence.state : 'UNKNOWN';
}
// endregion

// region typing
export type TypingTold = { readonly isTyping: boolean; readonly user: { readonly id: string } };

/** Who writes in one channel, for its screen. */
export function createWriters(now: () => number) {
  const until = new Map<string, number>();
  return {
    onTyping({ isTyping, user }: TypingTold): void {
      if (isTyping) until.set(user.id, now() + 6_000);
      else until.delete(user.id);
    },
    /** Somebody who has sent what they wrote says no more about it. */
    onMessageSent: (authorId: string) => void until.delete(authorId),
    /** Look again each second, while there are any. */
    writers: () => [...until].filter(([, end]) => now() < end).map(([userId]) => userId),
  };
}

/** Says that somebody writes here: at the first key, and again every 3 s as long as there are more. */
export function createTyping(say: (isTyping: boolean) => void, now: () => number) {
  let saidAt: number | undefined;
  return {
    onKey(): void {
      if (saidAt !== undefined && now() - saidAt < 3_000) return;
      saidAt = now();
      say(true);
    },
    /** The text was taken back, or its screen is left. */
    onStop(): void {
      if (saidAt !== undefined) say(false);
      saidAt = undefined;
    },
    /** The message says it. */
    onSent(): void {
      saidAt = undefined;
    },
  };
}
// endregion
