import { GraphQLError } from 'graphql';

/** Every code that can stand in `extensions.code` of a top-level error. No other leaves the server (a test keeps this). */
export const errorCatalogue = {
  UNAUTHENTICATED: 'Sign in first: send an access token with this request.',
  FORBIDDEN: 'This is not allowed here.',
  NOT_FOUND: 'There is nothing here that you can see.',
  BAD_USER_INPUT: 'This request cannot be understood; the message says where.',
  CONFLICT: 'This clashes with something that happened at the same time.',
  RATE_LIMITED: 'Too much at once; `retryAfterMs` says when to try again.',
  UNAVAILABLE:
    'The server cannot reach its storage. Nothing is lost: repeat with the same nonce; `retryAfterMs` says when.',
  QUERY_TOO_COMPLEX: 'This operation asks for too much at once: ask for less, or in parts.',
  PERSISTED_DOCUMENT_NOT_FOUND: 'This server has no such document among those that may run here.',
  INTERNAL_SERVER_ERROR: 'Something went wrong on the server; its log has the cause under `requestId`.',
} as const;
export type ErrorCode = keyof typeof errorCatalogue;

/** What a client does about each: for docs/errors.md. */
export const errorAdvice: Readonly<Record<ErrorCode, string>> = {
  UNAUTHENTICATED: 'Renew the access token with `refreshSession` and ask again; if that is refused, sign in.',
  FORBIDDEN: 'Do not repeat it. Ask `viewerCan` before you offer something.',
  NOT_FOUND: 'Do not repeat it. What you hold of it is gone, or was never to be seen: drop it.',
  BAD_USER_INPUT:
    'Do not repeat it: the request itself is wrong. Show `message` to whoever writes the client.',
  CONFLICT: 'Read again what it was about, then decide whether to repeat it.',
  RATE_LIMITED:
    'Wait for `retryAfterMs` and a random moment more, then repeat it as it was, with the same nonce.',
  UNAVAILABLE: 'Wait for `retryAfterMs` and repeat it as it was, with the same nonce: it counts once.',
  QUERY_TOO_COMPLEX: 'Do not repeat it: ask for less, by smaller pages, or in several operations.',
  PERSISTED_DOCUMENT_NOT_FOUND:
    'Do not repeat it by its id: send the text, or, where only chosen documents run, give the manifest of this client to whoever runs the server.',
  INTERNAL_SERVER_ERROR:
    'Repeat it once, with the same nonce; then tell whoever runs the server the `requestId`.',
};

type Details = { readonly retryAfterMs?: number; readonly requestId?: string; readonly kind?: string };

/** A broken contract or a failure, as the caller sees it. `message` says where; without it the catalogue's words stand. */
export const chatError = (code: ErrorCode, message?: string, details: Details = {}) =>
  new GraphQLError(message ?? errorCatalogue[code], { extensions: { code, ...details } });

export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(errorCatalogue, code);

/** Whether this failure is one of the catalogue's, with this code. */
export const hasCode = (failure: unknown, code: ErrorCode): boolean =>
  failure instanceof GraphQLError && failure.extensions.code === code;

/** An error that was made for the caller: it is told as it is, and trying again by ourselves would change nothing. */
export const isChatError = (failure: unknown): failure is GraphQLError => failure instanceof GraphQLError;
