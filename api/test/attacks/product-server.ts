import { openMemoryBus } from '../../../schema/ports/bus.memory.ts';
import { readConfig } from '../../config.ts';
import { readManifest } from '../../manifest.ts';
import { openRevocations } from '../../revocations.ts';
import { openServer, type Server } from '../../server.ts';
import type { SocketLimits } from '../../socket/admission.ts';
import { openWorld, type World } from '../world.ts';

/** A real server with the whole product behind it, on a port and a database of its own. Close it. */
export type ProductServer = { readonly world: World; readonly server: Server; close(): Promise<void> };

export async function openProductServer(
  limits: Partial<SocketLimits> = {},
  settings: Readonly<Record<string, string>> = {},
  options: Parameters<typeof openWorld>[0] = {},
): Promise<ProductServer> {
  const world = await openWorld(options);
  const revocations = await openRevocations({ ...world.product, bus: openMemoryBus() });
  const config = readConfig({ PORT: '0', DRAIN_SECONDS: '0', ...settings });
  const parts = { product: world.product, revocations, limits, manifest: readManifest(config) };
  const server = await openServer(parts, config);
  return {
    world,
    server,
    async close() {
      await server.close();
      await revocations.close();
      await world.close();
    },
  };
}
