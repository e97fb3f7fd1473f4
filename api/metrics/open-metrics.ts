import type { RequestListener } from 'node:http';
import type { Logger } from 'pino';
import { codeOf, startError } from '../../prisma/start-error.ts';
import { systemClock } from '../../schema/ports/clock.ts';
import type { Config } from '../config.ts';
import { pathOf } from '../http/listener.ts';
import { addressesOf, closeHttp, listen } from '../http/listening.ts';
import { createMetrics, type Metrics } from './metrics.ts';

export type OpenMetrics = Metrics & {
  /** Where they are, as whoever sits at this computer reaches them. */
  readonly metricsUrl: string;
  close(): Promise<void>;
};

/** Somebody who reads the metrics at this moment has so long to get them. */
const graceMs = 200;

/**
 * Metrics on a port of their own, apart from the public one: whoever may use the product learns nothing from it of how the server
 * fares. Operations of these documents count by their names. Undefined without `METRICS_PORT`. Throws a StartError when it
 * cannot listen there.
 */
export async function openMetrics(
  { METRICS_PORT: PORT, METRICS_HOST: HOST }: Pick<Config, 'METRICS_PORT' | 'METRICS_HOST'>,
  logger: Pick<Logger, 'error'>,
  documents: Iterable<string> = [],
): Promise<OpenMetrics | undefined> {
  if (PORT === undefined) return undefined;
  const metrics = createMetrics({ documents: [...documents] });
  const place = { PORT, HOST, PUBLIC_URL: undefined };
  const { http, port } = await listen(place).catch((error: unknown) => {
    throw startError(
      `Metrics cannot be had at port ${PORT} on ${HOST} (${codeOf(error)}): set METRICS_PORT and METRICS_HOST to others.`,
      error,
    );
  });
  http.on('request', createMetricsListener(metrics, logger));
  return {
    ...metrics,
    metricsUrl: new URL('/metrics', addressesOf(place, port).url).href,
    close: () => closeHttp(http, { clock: systemClock, graceMs }),
  };
}

const createMetricsListener =
  ({ text, contentType }: Metrics, logger: Pick<Logger, 'error'>): RequestListener =>
  (request, response) => {
    if (pathOf(request) !== '/metrics') return void response.writeHead(404).end();
    if (request.method !== 'GET') return void response.writeHead(405, { Allow: 'GET' }).end();
    text().then(
      (body) => response.writeHead(200, { 'Content-Type': contentType }).end(body),
      (err) => {
        logger.error({ err }, 'The metrics could not be collected.');
        response.writeHead(500).end();
      },
    );
  };
