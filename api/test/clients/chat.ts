import type { Channel, ChatEvent, Refusal, Sent } from './documents.ts';

/** What every client in this folder is made into, so that one list of tests can ask all of them. */
export type Chat = {
  /** The device that it has signed in on. */
  readonly deviceId: string;
  channels(): Promise<readonly Channel[]>;
  /** Repeats until there is an answer, a refusal included. */
  send(input: Outgoing): Promise<Sent | Refusal>;
  /** Resolves when coming back is pointless: the session has ended. */
  readonly signedOut: Promise<void>;
  /** The codes that its sockets were closed with; 1006 is a connection that broke. */
  readonly closeCodes: () => readonly number[];
  /** The network is back: it need not wait any longer. */
  comeBackNow(): void;
  close(): Promise<void>;
};

export type Outgoing = { readonly channelId: string; readonly text: string; readonly nonce: string };

export type ChatOptions = {
  readonly httpUrl: string;
  readonly socketUrl: string;
  readonly handle: string;
  readonly password: string;
  /** After how much silence a client asks whether anybody is there. */
  readonly keepAliveMs?: number;
  /** Called for each event of the stream, in order. */
  readonly onEvent: (event: ChatEvent) => void;
};

/** Signs in, reads the channels, and follows the stream from the cursor of that very answer. */
export type OpenChat = (options: ChatOptions) => Promise<Chat>;

/** Where a session is renewed, and what to do when it has ended: ask for the password again. */
export type EndOfSession = { readonly httpUrl: string; readonly onSignedOut: () => void };
