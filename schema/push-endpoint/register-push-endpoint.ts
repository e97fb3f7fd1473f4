import { isDeepStrictEqual } from 'node:util';
import type { Prisma } from '../../prisma/generated/client/client.ts';
import { rowIdOf } from '../ids.ts';
import type { FeedMoved } from '../ports/memberships.ts';
import type { PushTarget } from '../ports/push.ts';
import type { Viewer, ViewerScope } from '../scope.ts';
import { type Denied, denied, isDenied, isInvalidInput, type Refusal } from '../verdict.ts';
import { moveViewerFeed } from '../viewer-feed.ts';
import { checkAddress, type PushAddress } from './push-endpoint.policy.ts';
import { columnsOf, type PushEndpointRegistered, pushEndpointOf, targetOf } from './push-endpoints.ts';

export type RegisterPushEndpointInput = { readonly address: PushAddress };

/** Devices of one person that are woken; the one that was active longest ago makes room. */
const maxEndpoints = 20;
/** Advisory locks of two numbers are for the addresses of endpoints: this one, and the hash of the address. */
const addressLock = 1;

/**
 * From now on the device of this session is woken there, and no other is: an address belongs to whoever registered it last. Repeating
 * it changes nothing and tells nobody.
 */
export async function registerPushEndpoint(
  scope: ViewerScope,
  { address }: RegisterPushEndpointInput,
): Promise<PushEndpointRegistered | Refusal> {
  const { viewer, prisma, push, limits, clock, stream } = scope;
  if (!push.services.has(address.web ? 'WEB' : 'APNS')) return denied('NOT_OFFERED');
  const target = checkAddress(address, limits.pushHosts);
  if (isInvalidInput(target)) return target;
  const known = await prisma.pushEndpoint.findUnique({
    where: { deviceId: rowIdOf.device(viewer.deviceId) },
  });
  if (known !== null && isDeepStrictEqual(targetOf(known), target))
    return { pushEndpoint: pushEndpointOf(known), viewer };
  const now = new Date(clock.now());
  const outcome = await prisma.$transaction((tx) => register(tx, { viewer, target, now }));
  if (isDenied(outcome)) return outcome;
  for (const moved of outcome.moved) stream.announceFeed(moved);
  return outcome;
}

type Wanted = { readonly viewer: Viewer; readonly target: PushTarget; readonly now: Date };
type Registered = PushEndpointRegistered & { readonly moved: readonly FeedMoved[] };

async function register(
  tx: Prisma.TransactionClient,
  { viewer, target, now }: Wanted,
): Promise<Registered | Denied> {
  const [userId, deviceId] = [rowIdOf.user(viewer.id), rowIdOf.device(viewer.deviceId)];
  const columns = columnsOf(target);
  const { address } = columns;
  const holderId = await lockAddress(tx, { address, userId });
  // A sign-out that was quicker has taken the endpoint of this device away: it must not come back.
  const session = { id: rowIdOf.session(viewer.sessionId), userId, deviceId };
  const standing = { ...session, revokedAt: null, expiresAt: { gt: now } };
  if ((await tx.session.count({ where: standing })) === 0) return denied('SESSION_REVOKED');
  const createdAt = (holderId === userId && (await createdAtOf(tx, address))) || now;
  await tx.pushEndpoint.deleteMany({ where: { address, deviceId: { not: deviceId } } });
  const row = await tx.pushEndpoint.upsert({
    where: { deviceId },
    create: { ...columns, userId, deviceId, createdAt },
    // Another address is of another place: what its service said of the old one does not hold for it.
    update: { ...columns, heldUntil: null, tries: 0 },
  });
  await makeRoom(tx, { userId, deviceId });
  const moved = [await moveViewerFeed(tx, userId)];
  if (holderId !== undefined && holderId !== userId) moved.push(await moveViewerFeed(tx, holderId));
  return { pushEndpoint: pushEndpointOf(row), viewer, moved };
}

/**
 * Makes those who register one address take turns, then locks both the one who registers and the one who has it: the smaller id
 * first, so that two who take each other's address do not wait for each other. Answers who has it.
 */
async function lockAddress(
  tx: Prisma.TransactionClient,
  { address, userId }: { readonly address: string; readonly userId: bigint },
): Promise<bigint | undefined> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${addressLock}::int, hashtext(${address}))`;
  const holder = await tx.pushEndpoint.findUnique({ where: { address }, select: { userId: true } });
  const holderId = holder?.userId ?? userId;
  await tx.$queryRaw`
    SELECT id FROM user_account WHERE id IN (${userId}, ${holderId}) ORDER BY id FOR NO KEY UPDATE`;
  return holder?.userId;
}

/** The same person on another device, such as after the app was installed again: what is still to be told there is told here. */
const createdAtOf = (tx: Prisma.TransactionClient, address: string) =>
  tx.pushEndpoint
    .findUnique({ where: { address }, select: { createdAt: true } })
    .then((row) => row?.createdAt);

async function makeRoom(
  tx: Prisma.TransactionClient,
  { userId, deviceId }: { readonly userId: bigint; readonly deviceId: bigint },
): Promise<void> {
  const tooMany = await tx.pushEndpoint.findMany({
    where: { userId, deviceId: { not: deviceId } },
    orderBy: [{ device: { lastActiveAt: 'desc' } }, { id: 'desc' }],
    skip: maxEndpoints - 1,
    select: { id: true },
  });
  if (tooMany.length > 0)
    await tx.pushEndpoint.deleteMany({ where: { id: { in: tooMany.map(({ id }) => id) } } });
}
