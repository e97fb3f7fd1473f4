import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { rowIdOf } from '../schema/ids.ts';
import { openMemoryBus } from '../schema/ports/bus.memory.ts';
import { systemClock } from '../schema/ports/clock.ts';
import { openWorld, type Person, type World } from '../schema/test/world.ts';
import { type Authenticate, createAuthenticate } from './authenticate.ts';
import { openRevocations, type Revocations } from './revocations.ts';

let world: World;
let ada: Person;
let revocations: Revocations;
let authenticate: Authenticate;
/** Time that has passed without anybody waiting for it. */
let passedMs: number;
beforeEach(async () => {
  passedMs = 0;
  const clock = { ...systemClock, now: () => Date.now() + passedMs };
  world = await openWorld({ clock });
  ada = await world.signUp('ada');
  const { prisma, accessTokens } = world.product;
  const logger = pino({ enabled: false });
  revocations = await openRevocations({ bus: openMemoryBus(), prisma, clock, logger });
  authenticate = createAuthenticate({ accessTokens, prisma, clock, revocations });
});
afterEach(async () => {
  await revocations.close();
  await world.close();
});
const bearer = ({ session }: Person) => `Bearer ${session.accessToken}`;
const revoke = () =>
  world.product.prisma.session.update({
    where: { id: rowIdOf.session(ada.viewer.sessionId) },
    data: { revokedAt: new Date() },
  });

it('knows who shows an access token, and until when it is good', async () => {
  for (const header of [bearer(ada), `bearer   ${ada.session.accessToken}`, ` ${bearer(ada)} `])
    expect(await authenticate(header)).toMatchObject({ state: 'signed-in', viewer: ada.viewer });
  const authentication = await authenticate(bearer(ada));
  const expiresAt = authentication.state === 'signed-in' ? authentication.expiresAt.getTime() : 0;
  expect(expiresAt - Date.now()).toBeGreaterThan(880_000);
  expect(expiresAt - Date.now()).toBeLessThanOrEqual(900_000);
});

it.for([
  [undefined, 'anonymous'],
  ['', 'anonymous'],
  ['  ', 'anonymous'],
  ['Bearer', 'invalid'],
  ['Bearer nonsense', 'invalid'],
  ['Bearer a.b.c', 'invalid'],
  ['Bearer two words', 'invalid'],
  ['Basic YWRhOmFkYQ==', 'invalid'],
  [`Bearer ${'x'.repeat(100_000)}`, 'invalid'],
] as const)('takes %j for %s', async ([header, state]) => {
  expect(await authenticate(header)).toEqual({ state });
});

it('says that a token has expired, from the very second, so that its client refreshes', async () => {
  passedMs = 880_000;
  expect(await authenticate(bearer(ada))).toMatchObject({ state: 'signed-in' });
  passedMs = 900_000;
  expect(await authenticate(bearer(ada))).toEqual({ state: 'expired' });
});

it('refuses a revoked session at once when it hears of it', async () => {
  expect(await authenticate(bearer(ada))).toMatchObject({ state: 'signed-in' });
  await revoke();
  revocations.announce(ada.viewer.sessionId);
  await vi.waitFor(async () => expect(await authenticate(bearer(ada))).toEqual({ state: 'revoked' }));
});

it('refuses a revoked session after 5 s when the hint was lost', async () => {
  expect(await authenticate(bearer(ada))).toMatchObject({ state: 'signed-in' });
  await revoke();
  passedMs = 5_000;
  expect(await authenticate(bearer(ada))).toEqual({ state: 'revoked' });
});

it('does not believe an answer that was read before the revocation was heard of', async () => {
  const { pool } = world.database;
  const heard = new Promise<void>((resolve) => revocations.onRevoked(() => resolve()));
  const { query } = pool;
  const late = vi.spyOn(pool, 'query').mockImplementationOnce(async (...args: unknown[]) => {
    const answer: unknown = await Reflect.apply(query, pool, args);
    await revoke();
    revocations.announce(ada.viewer.sessionId);
    await heard;
    return answer;
  });
  expect(await authenticate(bearer(ada))).toEqual({ state: 'revoked' });
  expect(late).toHaveBeenCalled();
});

it('asks the database once for all who come at once, and again only after 5 s', async () => {
  const query = vi.spyOn(world.database.pool, 'query');
  await Promise.all(Array.from({ length: 50 }, () => authenticate(bearer(ada))));
  passedMs = 4_000;
  await authenticate(bearer(ada));
  expect(query).toHaveBeenCalledTimes(1);
  passedMs = 6_000;
  await authenticate(bearer(ada));
  expect(query).toHaveBeenCalledTimes(2);
});

it('rejects when the database does, and asks again the next time', async () => {
  vi.spyOn(world.database.pool, 'query').mockRejectedValueOnce(new Error('gone'));
  await expect(authenticate(bearer(ada))).rejects.toThrow();
  expect(await authenticate(bearer(ada))).toMatchObject({ state: 'signed-in' });
});
