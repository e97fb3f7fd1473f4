import type { Prisma, PushEndpoint as Row } from '../../prisma/generated/client/client.ts';
import { batched } from '../batched.ts';
import { type DeviceId, deviceIdOf, type PushEndpointId, pushEndpointIdOf, rowIdOf } from '../ids.ts';
import type { FeedMoved } from '../ports/memberships.ts';
import type { PushTarget } from '../ports/push.ts';
import type { Scope, Viewer } from '../scope.ts';
import { moveViewerFeed } from '../viewer-feed.ts';

/** Where a device is woken, as far as anybody is ever told: its address and its keys only leave towards the push service. */
export type PushEndpoint = {
  readonly id: PushEndpointId;
  readonly deviceId: DeviceId;
  readonly service: PushTarget['service'];
  /** Of the push service. */
  readonly host: string;
  readonly createdAt: Date;
};
/** What the mutations about endpoints answer. */
export type PushEndpointRegistered = { readonly pushEndpoint: PushEndpoint; readonly viewer: Viewer };

const appleHost = 'api.push.apple.com';
const appleSandboxHost = 'api.sandbox.push.apple.com';

/** The columns that hold a target. */
export type TargetColumns = Pick<Row, 'service' | 'address' | 'p256dh' | 'auth' | 'topic' | 'isSandbox'>;

const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, 'base64url'));
const textOf = (bytes: Uint8Array | null) => Buffer.from(bytes ?? []).toString('base64url');

/** How a target is kept. */
export const columnsOf = (target: PushTarget): TargetColumns =>
  target.service === 'WEB'
    ? {
        service: 'WEB',
        address: target.url,
        p256dh: bytesOf(target.p256dh),
        auth: bytesOf(target.auth),
        topic: null,
        isSandbox: false,
      }
    : {
        service: 'APNS',
        address: target.token,
        p256dh: null,
        auth: null,
        topic: target.topic,
        isSandbox: target.isSandbox,
      };

/** A target as it was kept. */
export const targetOf = ({ service, address, p256dh, auth, topic, isSandbox }: TargetColumns): PushTarget =>
  service === 'WEB'
    ? { service, url: address, p256dh: textOf(p256dh), auth: textOf(auth) }
    : { service, token: address, topic: topic ?? '', isSandbox };

type Shown = Omit<Row, 'p256dh' | 'auth'>;

export const pushEndpointOf = ({
  id,
  deviceId,
  service,
  address,
  isSandbox,
  createdAt,
}: Shown): PushEndpoint => ({
  id: pushEndpointIdOf(id),
  deviceId: deviceIdOf(deviceId),
  service,
  host: service === 'WEB' ? new URL(address).host : isSandbox ? appleSandboxHost : appleHost,
  createdAt,
});

/** Only a device that is signed in is woken: whose session has expired has no endpoint any more, whatever rows there are. */
export const isSignedInAt = (now: Date) =>
  ({
    device: { sessions: { some: { revokedAt: null, expiresAt: { gt: now } } } },
  }) satisfies Prisma.PushEndpointWhereInput;

/** The viewer's own among these, the device used last first; none for who is not signed in. At most 20. */
async function ownEndpoints(
  { prisma, viewer, clock }: Scope,
  where: Prisma.PushEndpointWhereInput,
): Promise<PushEndpoint[]> {
  if (!viewer) return [];
  const own = { userId: rowIdOf.user(viewer.id), ...isSignedInAt(new Date(clock.now())) };
  const rows = await prisma.pushEndpoint.findMany({
    where: { AND: [where, own] },
    orderBy: [{ device: { lastActiveAt: 'desc' } }, { id: 'desc' }],
    omit: { p256dh: true, auth: true },
  });
  return rows.map(pushEndpointOf);
}

/** Those of these endpoints that are the viewer's own, in no order. */
export const pushEndpointsOf = (scope: Scope, ids: readonly PushEndpointId[]): Promise<PushEndpoint[]> =>
  ownEndpoints(scope, { id: { in: ids.map(rowIdOf.pushEndpoint) } });

/** All of the viewer's own, that of the device used last first. At most 20, as a registration keeps it. */
export const viewerPushEndpoints = (scope: Scope): Promise<PushEndpoint[]> => ownEndpoints(scope, {});

/** Where one of the viewer's own devices is woken; undefined when nowhere. */
export const pushEndpointOfDevice = batched<DeviceId, PushEndpoint>(async (scope, deviceIds) => {
  const found = await ownEndpoints(scope, { deviceId: { in: deviceIds.map(rowIdOf.device) } });
  return new Map(found.map((endpoint) => [endpoint.deviceId, endpoint]));
});

/**
 * The push service says that this address is no more: forgets it, if it still is that of the device. To be called before the
 * transaction locks anything else. What it answers is given to `stream.announceFeed` after the commit; undefined when another one had
 * been registered meanwhile, or none was left.
 */
export async function forgetGone(
  tx: Prisma.TransactionClient,
  { deviceId, target }: { readonly deviceId: DeviceId; readonly target: PushTarget },
): Promise<FeedMoved | undefined> {
  const where = { deviceId: rowIdOf.device(deviceId), address: columnsOf(target).address };
  const row = await tx.pushEndpoint.findUnique({ where, select: { userId: true } });
  if (row === null) return undefined;
  // The user before their endpoints, as everybody does it: neither waits for what the other holds.
  await tx.$queryRaw`SELECT 1 FROM user_account WHERE id = ${row.userId} FOR NO KEY UPDATE`;
  const { count } = await tx.pushEndpoint.deleteMany({ where });
  return count > 0 ? moveViewerFeed(tx, row.userId) : undefined;
}
