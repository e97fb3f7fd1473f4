import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { isStartError } from '../../prisma/start-error.ts';
import { readConfig } from '../config.ts';
import { greeting } from '../greeting.ts';
import { createLog } from '../log.ts';
import { closeProduct, openServing } from '../test/serving/serving.ts';
import { openMetrics } from './open-metrics.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
afterAll(closeProduct);

const logger = createLog('silent');

/** Metrics on a free port. */
async function open(env: NodeJS.ProcessEnv = {}) {
  const metrics = await openMetrics(readConfig({ METRICS_PORT: '0', ...env }), logger);
  if (metrics === undefined) throw new Error('There are no metrics.');
  closers.push(metrics.close);
  return metrics;
}

describe('O3: metrics', () => {
  it('are off until somebody wants them, and then for this computer only', async () => {
    expect(await openMetrics(readConfig({}), logger)).toBeUndefined();
    const { metricsUrl } = await open();
    expect(metricsUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  });

  it('are had at their own port, and never at the public one', async () => {
    const metrics = await open();
    const { server, close } = await openServing({ metrics });
    closers.push(close);
    const own = await fetch(metrics.metricsUrl);
    expect(own.status).toBe(200);
    expect(own.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await own.text()).toContain('parley_sockets_open 0');
    for (const path of [
      '/metrics',
      '/metrics/',
      '/metrics?a',
      '//metrics',
      '/graphql/../metrics',
      '/METRICS',
    ]) {
      const answer = await fetch(`http://127.0.0.1:${server.port}${path}`);
      expect(answer.status, path).toBe(404);
      expect(await answer.text(), path).toBe('');
    }
  });

  it('are all that is had at their port', async () => {
    const { metricsUrl } = await open();
    const statusOf = async (path: string, method = 'GET') =>
      (await fetch(new URL(path, metricsUrl), { method })).status;
    for (const path of ['/', '/graphql', '/livez', '/readyz', '/metrics/more'])
      expect(await statusOf(path), path).toBe(404);
    expect(await statusOf('/metrics?of=all')).toBe(200);
    for (const method of ['POST', 'DELETE']) expect(await statusOf('/metrics', method)).toBe(405);
  });

  it('that cannot be had say at the start what to do', async () => {
    const { metricsUrl } = await open();
    const failure = await open({ METRICS_PORT: new URL(metricsUrl).port }).catch((error: unknown) => error);
    expect(isStartError(failure)).toBe(true);
    expect(String(failure)).toContain('(EADDRINUSE): set METRICS_PORT and METRICS_HOST to others.');
  });

  it('have their address in what a start prints', () => {
    const settings = { GRAPHIQL: true, PERSISTED_ONLY: false };
    const started = { url: 'http://a/graphql', dataDir: undefined, isDemo: false, isWebDemo: false };
    expect(greeting(settings, started).join()).not.toContain('etrics');
    expect(greeting(settings, { ...started, metricsUrl: 'http://b/metrics' })).toContain(
      'Metrics: http://b/metrics',
    );
  });
});
