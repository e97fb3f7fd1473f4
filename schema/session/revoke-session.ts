import { devicesOf } from '../device/device.ts';
import { type DeviceId, rowIdOf } from '../ids.ts';
import type { Viewer, ViewerScope } from '../scope.ts';
import { type Denied, denied } from '../verdict.ts';
import { endSessions } from './revoke-sessions.ts';

export type RevokeSessionInput = { readonly deviceId: DeviceId };
export type RevokedSession = { readonly deviceId: DeviceId; readonly viewer: Viewer };

/** Signs one of the viewer's devices out, be it the one that asks. Repeating it is harmless. */
export async function revokeSession(
  scope: ViewerScope,
  { deviceId }: RevokeSessionInput,
): Promise<RevokedSession | Denied> {
  const { viewer } = scope;
  const [device] = await devicesOf(scope, [deviceId]);
  if (!device) return denied('NOT_FOUND');
  await endSessions(scope, rowIdOf.user(viewer.id), { deviceId: rowIdOf.device(device.id) });
  return { deviceId: device.id, viewer };
}
