import type { Device as DeviceRow, Platform, Prisma } from '../../prisma/generated/client/client.ts';
import { type DeviceId, deviceIdOf, rowIdOf } from '../ids.ts';
import type { Scope, ViewerScope } from '../scope.ts';

/** An installation of some client, of one user. */
export type Device = {
  readonly id: DeviceId;
  readonly label: string;
  readonly platform: Platform;
  readonly createdAt: Date;
  /** Of the last sign-in or refresh: at most a quarter of an hour old while the device is in use. */
  readonly lastActiveAt: Date;
};

/** What a client says of its device when it signs in. */
export type DeviceInput = {
  readonly id?: DeviceId | null;
  readonly label: string;
  readonly platform: Platform;
};

export const deviceOf = ({ id, label, platform, createdAt, lastActiveAt }: DeviceRow): Device => ({
  id: deviceIdOf(id),
  label,
  platform,
  createdAt,
  lastActiveAt,
});

/** Those of these devices that are the viewer's own, in no order. */
export async function devicesOf({ prisma, viewer }: Scope, ids: readonly DeviceId[]): Promise<Device[]> {
  if (!viewer) return [];
  const rows = await prisma.device.findMany({
    where: { id: { in: ids.map(rowIdOf.device) }, userId: rowIdOf.user(viewer.id) },
  });
  return rows.map(deviceOf);
}

/** The viewer's own devices that are signed in now, the one used last first. At most 50, as a sign-in keeps it. */
export async function signedInDevices({ prisma, viewer, clock }: ViewerScope): Promise<Device[]> {
  const now = new Date(clock.now());
  const rows = await prisma.device.findMany({
    where: {
      userId: rowIdOf.user(viewer.id),
      sessions: { some: { revokedAt: null, expiresAt: { gt: now } } },
    },
    orderBy: [{ lastActiveAt: 'desc' }, { id: 'desc' }],
  });
  return rows.map(deviceOf);
}

/**
 * The device somebody signs in on: the one named by `input.id` when it is theirs, so that an installation keeps its place
 * over sign-ins, and a new one otherwise.
 */
export async function keepDevice(
  tx: Prisma.TransactionClient,
  input: DeviceInput,
  { userId, now }: { readonly userId: bigint; readonly now: Date },
): Promise<Device> {
  const said = { label: input.label.trim(), platform: input.platform, lastActiveAt: now };
  const [kept] = input.id
    ? await tx.device.updateManyAndReturn({ where: { id: rowIdOf.device(input.id), userId }, data: said })
    : [];
  return deviceOf(kept ?? (await tx.device.create({ data: { ...said, userId, createdAt: now } })));
}
