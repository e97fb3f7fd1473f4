import { type Device, devicesOf } from '../device/device.ts';
import type { ViewerScope } from '../scope.ts';

export type SetActivityInput = { readonly isIdle: boolean };
export type SetActivityPayload = { readonly device: Device };

/** Says whether anybody looks at the viewer's device. Holds while it is connected, and is forgotten with that. */
export async function setActivity(
  scope: ViewerScope,
  { isIdle }: SetActivityInput,
): Promise<SetActivityPayload> {
  const { presence, viewer } = scope;
  await presence.setIdle({ userId: viewer.id, deviceId: viewer.deviceId }, isIdle);
  const [device] = await devicesOf(scope, [viewer.deviceId]);
  if (device === undefined) throw new Error('The device of a viewer is missing.');
  return { device };
}
