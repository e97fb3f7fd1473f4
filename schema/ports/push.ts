import type { ChannelId, MessageId } from '../ids.ts';

/** Where one device is reached. */
export type PushTarget =
  | {
      readonly service: 'WEB';
      /** Of the browser's own push service, https. */
      readonly url: string;
      /** The public key of the browser (65 bytes) and the secret that it shares (16 bytes), base64url: RFC 8291. */
      readonly p256dh: string;
      readonly auth: string;
    }
  | {
      readonly service: 'APNS';
      /** Hexadecimal. */
      readonly token: string;
      /** The bundle of the app. */
      readonly topic: string;
      /** Of a development build. */
      readonly isSandbox: boolean;
    };

/** What a person is shown of a message, as far as they want that on a locked screen. */
export type PushContent =
  | {
      readonly preview: 'FULL';
      /** Display names; `channelName` null of a channel of two people. */
      readonly authorName: string;
      readonly channelName: string | null;
      readonly text: string;
    }
  | { readonly preview: 'SENDER'; readonly authorName: string; readonly channelName: string | null }
  /** Nothing: the device fetches it by `changes`. */
  | { readonly preview: 'NOTHING' };

/** What a device is told. Each kind replaces what it was told before of the same channel. */
export type PushNote =
  | {
      readonly kind: 'message';
      readonly channelId: ChannelId;
      /** The newest message that is due, by its id, place and number. */
      readonly messageId: MessageId;
      readonly seq: number;
      readonly number: number;
      /** How many messages are due and not read, this one included. */
      readonly count: number;
      readonly content: PushContent;
      /** Exactly so many messages are unread, in all channels that are not muted or archived. */
      readonly badge: number;
      /** Nothing new was said: it only takes the place of what is not to be shown any more, without a sound where the service can. */
      readonly isQuiet?: true;
    }
  /** What was told of this channel up to `number` is to disappear. */
  | {
      readonly kind: 'clear';
      readonly channelId: ChannelId;
      readonly number: number;
      readonly badge: number;
    }
  /** Somebody wants to see whether it works. */
  | { readonly kind: 'test' };

/**
 * What became of it. `accepted`: the service has it. `gone`: this address is no more, and must be forgotten. `later`: the
 * service is busy, down or too slow; try again, `retryAfterMs` at the earliest if it says so. `refused`: trying again would change
 * nothing, for a reason on our side.
 */
export type PushAnswer = {
  readonly outcome: 'accepted' | 'gone' | 'later' | 'refused';
  /** The HTTP status; null when there was no answer. */
  readonly status: number | null;
  /** In a few words, for whoever asks why: the service's own reason where it gives one. Never an address, key or text of people. */
  readonly reason: string | null;
  readonly retryAfterMs?: number;
};

/** Tells a device that is away. May be lost or delayed by services that belong to others; the log has everything. */
export interface Push {
  /** The public VAPID key that browsers subscribe with (base64url); undefined where Web Push is not offered. */
  readonly vapidPublicKey: string | undefined;
  /** Which services this installation can send to. */
  readonly services: ReadonlySet<PushTarget['service']>;
  /**
   * Sends one note. Answers within 10 s whatever the service does, and rejects only for a mistake of ours. At most 4 KB leave, texts
   * are cut to fit. Nothing of it is logged.
   */
  send(target: PushTarget, note: PushNote): Promise<PushAnswer>;
  /** Waits for what is being sent, then closes all connections. */
  close(): Promise<void>;
}
