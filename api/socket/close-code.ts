/** A reason for which this server closes a socket. */
export type CloseReason = {
  readonly code: number;
  /** Sent with the code, for people who debug. */
  readonly reason: string;
  readonly meaning: string;
  /** Whether coming back makes sense. The stock graphql-ws client does exactly this (a test asks it). */
  readonly mayRetry: boolean;
  /** What a client does about it: for docs/errors.md. */
  readonly advice: string;
};

/**
 * Every close code that leaves this server. The stock client gives up for ever on some codes, so those stand only where
 * coming back would fail again. Nothing is ever closed with 4500: a failing operation gets an `error` frame of its own.
 */
export const closeReasons = {
  signedOut: {
    code: 4401,
    reason: 'Unauthorized',
    meaning:
      'The session was revoked, the token is invalid, or something was asked before the acknowledgement.',
    mayRetry: false,
    advice:
      'Refresh the session once; if that is refused, let the viewer sign in. Wait for the acknowledgement before you ask.',
  },
  tokenExpired: {
    code: 4403,
    reason: 'Token expired',
    meaning: 'The access token has expired: refresh the session and come back.',
    mayRetry: true,
    advice: 'Refresh the session, then come back with the new token and your cursors.',
  },
  restarting: {
    code: 1012,
    reason: 'Service restart',
    meaning: 'The server is stopping: come back with jitter, to this or another one.',
    mayRetry: true,
    advice: 'Come back after a random moment of a few seconds, with your cursors.',
  },
  tooMuch: {
    code: 1013,
    reason: 'Try again later',
    meaning: 'Too many sockets or too many frames, or the server cannot check tokens: come back later.',
    mayRetry: true,
    advice: 'Come back with a pause that grows; if it goes on, open fewer sockets or send less.',
  },
  noInit: {
    code: 4408,
    reason: 'Connection initialisation timeout',
    meaning: 'No `connection_init` came within 3 seconds.',
    mayRetry: true,
    advice: 'Send `connection_init` as soon as the socket is open, and come back.',
  },
  notOurProtocol: {
    code: 4400,
    reason: 'Invalid message received',
    meaning: 'A frame is not one of graphql-transport-ws.',
    mayRetry: false,
    advice: 'Correct the client: coming back would fail again.',
  },
  notOurSubprotocol: {
    code: 4406,
    reason: 'Subprotocol not acceptable',
    meaning: 'The only subprotocol here is `graphql-transport-ws`.',
    mayRetry: false,
    advice: 'Offer `graphql-transport-ws` in `Sec-WebSocket-Protocol`.',
  },
  idInUse: {
    code: 4409,
    reason: 'Subscriber already exists',
    meaning: 'An operation with this id is still running on this socket.',
    mayRetry: false,
    advice: 'Give each operation of a socket an id of its own.',
  },
  initTwice: {
    code: 4429,
    reason: 'Too many initialisation requests',
    meaning: '`connection_init` came twice.',
    mayRetry: false,
    advice: 'Send `connection_init` once per socket.',
  },
  malformed: {
    code: 1002,
    reason: 'Protocol error',
    meaning: 'The bytes are no WebSocket frames.',
    mayRetry: false,
    advice: 'Correct the client, or the proxy in between.',
  },
  notText: {
    code: 1007,
    reason: 'Invalid UTF-8',
    meaning: 'A text frame is not UTF-8.',
    mayRetry: false,
    advice: 'Send text frames in UTF-8.',
  },
  tooManyParts: {
    code: 1008,
    reason: 'Policy violation',
    meaning: 'A frame came in too many parts.',
    mayRetry: false,
    advice: 'Send a frame in one part, or a few.',
  },
  tooLarge: {
    code: 1009,
    reason: 'Too large',
    meaning: 'A frame is larger than 64 KiB.',
    mayRetry: false,
    advice: 'Send less at once, by smaller documents and variables.',
  },
} as const satisfies Readonly<Record<string, CloseReason>>;
