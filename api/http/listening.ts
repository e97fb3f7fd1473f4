import { createServer, type Server as HttpServer } from 'node:http';
import type { Clock } from '../../schema/ports/clock.ts';
import type { Config } from '../config.ts';
import { graphqlPath } from './graphql-path.ts';

/** In milliseconds, and in bytes. */
export type HttpLimits = {
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  /** How often somebody looks whether that is over. */
  readonly connectionsCheckingInterval: number;
  readonly maxHeaderSize: number;
};

/** A request has so long: who sends a byte now and then holds a connection for no longer. Node's own figures are 60 s and 300 s. */
export const httpLimits: HttpLimits = Object.freeze({
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16_384,
});

type Place = Pick<Config, 'PORT' | 'HOST' | 'PUBLIC_URL'>;

/** A server that listens. Rejects with the error of the operating system. */
export async function listen(
  { PORT, HOST }: Place,
  limits: Partial<HttpLimits> = {},
): Promise<{ http: HttpServer; port: number }> {
  const http = createServer({ ...httpLimits, ...limits });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen({ port: PORT, host: HOST }, () => {
      http.off('error', reject);
      resolve();
    });
  });
  const address = http.address();
  return { http, port: address !== null && typeof address === 'object' ? address.port : PORT };
}

/** Where clients find it. A server that listens on every address is reached, from this computer, as localhost. */
export function addressesOf(
  { HOST, PUBLIC_URL }: Place,
  port: number,
): { readonly url: string; readonly socketUrl: string } {
  const isEvery = HOST === '0.0.0.0' || HOST === '::';
  const name = isEvery ? 'localhost' : HOST.includes(':') ? `[${HOST}]` : HOST;
  const url = new URL(graphqlPath, PUBLIC_URL ?? `http://${name}:${port}`).href;
  return { url, socketUrl: url.replace(/^http/, 'ws') };
}

/** Idle connections go at once, the others when they are answered, or after `graceMs`. */
export async function closeHttp(
  http: HttpServer,
  { clock, graceMs }: { readonly clock: Clock; readonly graceMs: number },
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    http.close(() => resolve());
  });
  http.closeIdleConnections();
  await Promise.race([closed, clock.sleep(graceMs)]);
  http.closeAllConnections();
  await closed;
}
