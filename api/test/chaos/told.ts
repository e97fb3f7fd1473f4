import { freePort } from '../../../bench/server-process.ts';
import type { Told } from '../cluster/cluster-server.ts';
import type { ClusterOptions } from '../cluster/open-cluster.ts';
import type { FaultProxy } from '../faults/proxy.ts';
import type { Links } from './links.ts';
import type { Endpoint } from './load/options.ts';
import { collectable } from './resources.ts';
import { stallOptions } from './trouble/stall-options.ts';

type Telling = {
  readonly options: Pick<ClusterOptions, 'from' | 'workers'> & { readonly nodeOptions?: readonly string[] };
  readonly links: Links;
  /** Where each process tells its metrics, by its name: to be filled. */
  readonly metricsPorts: Map<string, number>;
  readonly pushPort: number;
};

const redirect = new URL('redirect.mjs', import.meta.url).href;
const isWorker = (name: string) => name.startsWith('worker');

/** What one process is told: its own way to the push service, how clients come to it, and where it tells its metrics. */
export async function tell(
  { name, port }: { readonly name: string; readonly port: number },
  { options, links, metricsPorts, pushPort }: Telling,
): Promise<Told> {
  const nodeOptions = [...collectable(options.from), ...stallOptions, ...(options.nodeOptions ?? [])];
  if (isWorker(name) || !options.workers) {
    const push = await links.open(name, 'push', pushPort);
    nodeOptions.push('--import', `${redirect}?${pushPort}=${push.port}`);
  }
  if (isWorker(name)) {
    metricsPorts.set(name, port);
    return { nodeOptions };
  }
  const metricsPort = await freePort();
  metricsPorts.set(name, metricsPort);
  const { socketUrl } = endpointAt(await links.open('client', name, port));
  return { nodeOptions, settings: { METRICS_PORT: String(metricsPort), SOCKET_URL: socketUrl } };
}

/** GraphQL behind a link to a server. */
export const endpointAt = ({ port }: FaultProxy): Endpoint => ({
  httpUrl: `http://127.0.0.1:${port}/graphql`,
  socketUrl: `ws://127.0.0.1:${port}/graphql`,
});
