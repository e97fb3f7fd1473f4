import { expect, it } from 'vitest';
import { deviceIdOf, type SessionId, sessionIdOf, userIdOf } from '../../schema/ids.ts';
import { createManualClock } from '../../schema/ports/clock.manual.ts';
import type { Viewer } from '../../schema/scope.ts';
import { createSessionWatch, type SessionEnd } from '../supervise-session.ts';
import { createAdmission, socketLimits } from './admission.ts';
import { createIdentities } from './identities.ts';

const viewer: Viewer = { id: userIdOf('1'), deviceId: deviceIdOf('1'), sessionId: sessionIdOf('1') };

/** A socket that lives by one session whose token is good for ten seconds, and the ends it was told. */
function world() {
  const clock = createManualClock(0);
  const ends: SessionEnd[] = [];
  const identities = createIdentities({
    sessions: createSessionWatch({
      clock,
      revocations: { onRevoked: () => () => undefined, watch: () => () => undefined },
    }),
    admission: createAdmission(
      { ...socketLimits, socketsPerUser: 1, socketsPerAddress: 1, pendingSocketsPerAddress: 1 },
      { presence: { connect: () => () => undefined }, clock },
    ),
    limits: { sessionsPerSocket: 1 },
    onEnd: (end) => ends.push(end),
  });
  identities.admit({ state: 'signed-in', viewer, expiresAt: new Date(10_000) });
  const refresh = (sessionId: SessionId) => identities.prolong({ sessionId, expiresAt: new Date(15_000) });
  return { clock, ends, identities, refresh };
}

it('a socket ends when the token of its session expires', async () => {
  const { clock, ends } = world();
  await clock.advance(9_999);
  expect(ends).toEqual([]);
  await clock.advance(1);
  expect(ends).toEqual(['expired']);
});

it('a socket lives as long as the newest token of its session', async () => {
  const { clock, ends, refresh } = world();
  refresh(viewer.sessionId);
  await clock.advance(14_999);
  expect(ends).toEqual([]);
  await clock.advance(1);
  expect(ends).toEqual(['expired']);
});

it('a socket gains nothing from a session that it does not live by', async () => {
  const { clock, ends, refresh } = world();
  refresh(sessionIdOf('2'));
  await clock.advance(10_000);
  expect(ends).toEqual(['expired']);
});

it('a refresh that comes when the socket is gone watches nothing', async () => {
  const { clock, ends, identities, refresh } = world();
  identities.release();
  refresh(viewer.sessionId);
  await clock.advance(20_000);
  expect(ends).toEqual([]);
});
