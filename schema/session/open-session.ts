import type { Prisma } from '../../prisma/generated/client/client.ts';
import { type Device, type DeviceInput, keepDevice } from '../device/device.ts';
import { rowIdOf, type SessionId, sessionIdOf, userIdOf } from '../ids.ts';
import type { FeedMoved } from '../ports/memberships.ts';
import type { Scope, Viewer } from '../scope.ts';
import { moveViewerFeed } from '../viewer-feed.ts';
import { makeRefreshToken } from './refresh-tokens.ts';
import { revokeSessions } from './revoke-sessions.ts';

/** A session lives as long as its device comes back within this time. */
const lifetimeMs = 30 * 24 * 60 * 60 * 1000;
/** Devices of one user that are signed in at once; the one unused for longest makes room. */
const maxDevices = 50;

/** What a client needs to act as somebody, shown once. */
export type Session = {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Date;
  readonly refreshToken: string;
  readonly device: Device;
};

/** A session that has just been opened or refreshed, and those that ended for it. */
export type OpenedSession = {
  readonly viewer: Viewer;
  readonly device: Device;
  readonly refreshToken: string;
  readonly revoked: readonly SessionId[];
  /** Of one that was opened: the list of devices is another one now. */
  readonly moved?: FeedMoved;
};

export const sessionExpiry = (now: Date) => new Date(now.getTime() + lifetimeMs);

/**
 * Opens a session of this user on this device. Ends the one that was open there, and the one unused for longest when there
 * are too many. The caller holds the lock on the user's row, so that two sign-ins at once count right.
 */
export async function openSession(
  tx: Prisma.TransactionClient,
  input: DeviceInput,
  { userId, now }: { readonly userId: bigint; readonly now: Date },
): Promise<OpenedSession> {
  // Sessions before their device, as a refresh does it: neither waits for what the other holds.
  const replaced = input.id
    ? await revokeSessions(tx, { deviceId: rowIdOf.device(input.id), userId }, now)
    : [];
  const device = await keepDevice(tx, input, { userId, now });
  const { id } = await tx.session.create({
    data: { userId, deviceId: rowIdOf.device(device.id), createdAt: now, expiresAt: sessionExpiry(now) },
  });
  const tooMany = await tx.session.findMany({
    where: { userId, revokedAt: null, expiresAt: { gt: now } },
    orderBy: [{ device: { lastActiveAt: 'desc' } }, { id: 'desc' }],
    skip: maxDevices,
    select: { id: true },
  });
  const crowdedOut = await revokeSessions(tx, { id: { in: tooMany.map((session) => session.id) } }, now);
  return {
    viewer: { id: userIdOf(userId), deviceId: device.id, sessionId: sessionIdOf(id) },
    device,
    refreshToken: await makeRefreshToken(tx, { id, generation: 1 }, now),
    revoked: [...replaced, ...crowdedOut],
    moved: await moveViewerFeed(tx, userId),
  };
}

/** To be called when the transaction has been committed: announces what ended and began, and gives the client its tokens. */
export async function sessionOf(scope: Scope, opened: OpenedSession): Promise<Session> {
  for (const sessionId of opened.revoked) scope.announceRevoked(sessionId);
  if (opened.moved) scope.stream.announceFeed(opened.moved);
  const access = await scope.accessTokens.issue(opened.viewer);
  return {
    accessToken: access.token,
    accessTokenExpiresAt: access.expiresAt,
    refreshToken: opened.refreshToken,
    device: opened.device,
  };
}
