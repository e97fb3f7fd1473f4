import type { IncomingMessage } from 'node:http';

/** The server as the client named it, when that is a name; nothing else gets into the policy of a page. */
export const hostOf = ({ headers: { host = '' } }: IncomingMessage): string =>
  /^[\w.:[\]-]+$/.test(host) ? host : 'localhost';

/** Whether an answer may come compressed. */
export const takesZipped = ({ headers }: IncomingMessage): boolean =>
  String(headers['accept-encoding'] ?? '').includes('gzip');

/** Whether the client has this very answer already. A proxy that compresses marks its tag as weak, which is good enough here. */
export const hasAlready = ({ headers }: IncomingMessage, etag: string): boolean =>
  (headers['if-none-match'] ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
