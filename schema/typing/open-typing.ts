import type { ChannelId, UserId } from '../ids.ts';
import type { Bus, BusPayload } from '../ports/bus.ts';
import type { Clock } from '../ports/clock.ts';
import { createShares, maxWatched, type Shares } from '../shares.ts';
import { createLingering, type Opened } from '../stream/lingering.ts';

/** For so long somebody is taken to write who says no more, in milliseconds: a client says so again every 3 s. */
export const typingMs = 6_000;

/** Somebody writes in a channel, or has stopped. Frozen: all who are told in one process share it. */
export type TypingTold = {
  readonly type: 'typing';
  readonly isShared: true;
  readonly channelId: ChannelId;
  readonly userId: UserId;
  readonly isTyping: boolean;
  /** Milliseconds since 1970. */
  readonly validUntil: number;
  /** Members who are not to know: there is a block between them and who writes. */
  readonly hiddenFrom: readonly UserId[];
};

/** Who writes where, for who looks at that moment. Nothing of it is kept: who misses it is told again within seconds. */
export interface Typing {
  /** Tells those who listen now, in all processes. Promises nothing. */
  tell(told: Pick<TypingTold, 'channelId' | 'userId' | 'isTyping' | 'hiddenFrom'>): void;
  /** From when it resolves on, calls back with what is told in this channel, whoever may know it. */
  listen(channelId: ChannelId, onTold: (told: TypingTold) => void): Promise<() => void>;
  /** What of all watching each person has. */
  readonly shares: Shares;
  close(): Promise<void>;
}

/** What nobody listens to any more is let go of that often, in milliseconds. */
const tidyMs = 15_000;
const topicOf = (channelId: ChannelId) => `typing:${channelId}`;

type Payload = Omit<TypingTold, 'type' | 'isShared' | 'channelId'>;

/** Undefined for what this release does not understand. */
function parse(channelId: ChannelId, payload: BusPayload): TypingTold | undefined {
  if (typeof payload !== 'object' || payload === null || !('hiddenFrom' in payload)) return undefined;
  if (typeof payload.userId !== 'string' || typeof payload.isTyping !== 'boolean') return undefined;
  if (typeof payload.validUntil !== 'number' || !Array.isArray(payload.hiddenFrom)) return undefined;
  // A parse edge: the envelope is checked, the ids were written by the same code.
  return Object.freeze({ ...(payload as Payload), type: 'typing', isShared: true, channelId });
}

export function openTyping({ bus, clock }: { readonly bus: Bus; readonly clock: Clock }): Typing {
  const end = new AbortController();
  const topics = createLingering(clock, open);

  async function open(channelId: ChannelId): Promise<Opened<Set<(told: TypingTold) => void>>> {
    const value = new Set<(told: TypingTold) => void>();
    const close = await bus.subscribe(topicOf(channelId), (payload) => {
      const told = parse(channelId, payload);
      if (told !== undefined) for (const onTold of value) onTold(told);
    });
    return { value, close };
  }

  async function tidy(): Promise<void> {
    for (;;) {
      await clock.sleep(tidyMs, end.signal);
      if (end.signal.aborted) return;
      topics.closeIdle();
    }
  }
  const tidying = tidy();

  return {
    shares: createShares(maxWatched, `One person watches at most ${maxWatched} channels at once.`),
    tell({ channelId, ...told }) {
      bus.publish(topicOf(channelId), { ...told, validUntil: clock.now() + typingMs });
    },
    async listen(channelId, onTold) {
      const { value, release } = await topics.attach(channelId);
      value.add(onTold);
      return () => {
        value.delete(onTold);
        release();
      };
    },
    async close() {
      end.abort();
      await Promise.all([tidying, topics.close()]);
    },
  };
}
