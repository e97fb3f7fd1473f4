import { createHash, randomInt } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { rowIdOf } from '../ids.ts';
import { systemClock } from '../ports/clock.ts';
import { openWorld, type Person, type Tokens, type World } from '../test/world.ts';

const day = 24 * 60 * 60 * 1000;
let world: World;
let ada: Person;
/** Time that has passed without anybody waiting for it. */
let passedMs: number;
beforeEach(async () => {
  passedMs = 0;
  world = await openWorld({ clock: { ...systemClock, now: () => Date.now() + passedMs } });
  ada = await world.signUp('ada');
});
afterEach(() => world.close());

type Answer = { readonly session?: Tokens; readonly code?: string };
const document = `mutation ($input: RefreshSessionInput!) {
  refreshSession(input: $input) {
    ... on RefreshSessionPayload { session { accessToken refreshToken device { id isCurrent lastActiveAt } } }
    ... on UserError { __typename code }
  }
}`;
/** As a client whose access token has expired: nobody is signed in. */
async function refresh(refreshToken: string): Promise<Answer> {
  const answer = await world.anonymous.execute<{ refreshSession: Answer }>(document, {
    input: { refreshToken },
  });
  expect(answer.errors).toBeUndefined();
  return answer.data.refreshSession;
}
async function successorOf(token: string): Promise<string> {
  const { session } = await refresh(token);
  if (!session) throw new Error('This token is not good any more.');
  return session.refreshToken;
}
/** Keeps everybody else from changing the session, until as many as wanted wait for that. */
async function holdSessionRow() {
  const { pool } = world.database;
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query('SELECT 1 FROM session FOR UPDATE');
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  return async ({ whenWaiting }: { whenWaiting: number }) => {
    await vi.waitFor(async () => expect((await pool.query(waiting)).rows).toHaveLength(whenWaiting));
    await client.query('COMMIT');
    client.release();
  };
}
const sessionHasEnded = { __typename: 'Denied', code: 'SESSION_REVOKED' };

describe('refreshing a session', () => {
  it('gives new tokens to the same person on the same device, who need not be signed in', async () => {
    passedMs = 60_000;
    const { session } = await refresh(ada.session.refreshToken);
    expect(await world.product.accessTokens.verify(session?.accessToken ?? '')).toMatchObject({
      viewer: ada.viewer,
    });
    expect(session).toMatchObject({ device: { id: ada.session.device.id, isCurrent: true } });
    expect(session?.refreshToken).not.toBe(ada.session.refreshToken);
  });

  it('can be repeated while no answer has been used: a lost answer signs nobody out', async () => {
    const answers = [];
    for (let repeat = 0; repeat < 3; repeat += 1) answers.push(await successorOf(ada.session.refreshToken));
    expect(new Set(answers).size).toBe(3);
    expect(await refresh(answers[1] ?? '')).toHaveProperty('session');
  });

  it('answers all who show the same token at once', async () => {
    const shown = Array.from({ length: 20 }, () => successorOf(ada.session.refreshToken));
    const answers = await Promise.all(shown);
    expect(new Set(answers).size).toBe(20);
    expect(await refresh(answers[randomInt(20)] ?? '')).toHaveProperty('session');
  });

  it('ends the session when a token is shown whose successor has been used', async () => {
    const stolen = ada.session.refreshToken;
    const second = await successorOf(stolen);
    const third = await successorOf(second);
    expect(await refresh(stolen)).toEqual(sessionHasEnded);
    expect(world.announced).toEqual([ada.viewer.sessionId]);
    expect(await refresh(third)).toEqual(sessionHasEnded);
    expect(world.announced).toHaveLength(1);
  });

  it('ends the session when a sibling of a used token is shown', async () => {
    const [first, second] = [
      await successorOf(ada.session.refreshToken),
      await successorOf(ada.session.refreshToken),
    ];
    const third = await successorOf(second);
    expect(await refresh(first)).toEqual(sessionHasEnded);
    expect(await refresh(third)).toEqual(sessionHasEnded);
    expect(world.announced).toEqual([ada.viewer.sessionId]);
  });

  it('answers one of two siblings that are used at the very same moment, and ends the session', async () => {
    const [first, second] = [
      await successorOf(ada.session.refreshToken),
      await successorOf(ada.session.refreshToken),
    ];
    const release = await holdSessionRow();
    const asked = [refresh(first), refresh(second)];
    await release({ whenWaiting: 2 });
    const answers = await Promise.all(asked);
    expect(answers.filter(({ session }) => session)).toHaveLength(1);
    expect(world.announced).toEqual([ada.viewer.sessionId]);
  });

  it('harms no other session of the same person', async () => {
    const phone = await world.signIn('ada');
    const second = await successorOf(ada.session.refreshToken);
    await successorOf(second);
    expect(await refresh(ada.session.refreshToken)).toEqual(sessionHasEnded);
    expect(await refresh(phone.session.refreshToken)).toHaveProperty('session');
  });

  it('works until 30 days after the last time, not longer', async () => {
    passedMs = 29 * day;
    const second = await successorOf(ada.session.refreshToken);
    passedMs = 58 * day;
    const third = await successorOf(second);
    passedMs = 88 * day + 60_000;
    expect(await refresh(third)).toEqual(sessionHasEnded);
    expect(world.announced).toEqual([]);
  });

  it.for(['', 'nonsense', 'a'.repeat(43), '\u0000', '💥', 'x'.repeat(10_000)])(
    'knows no token %j, and ends nothing for it',
    async (token) => {
      expect(await refresh(token)).toEqual(sessionHasEnded);
      expect(await refresh(ada.session.refreshToken)).toHaveProperty('session');
    },
  );

  it('keeps no token itself, only what it can be recognised by', async () => {
    const hash = createHash('sha256').update(ada.session.refreshToken).digest();
    const rows = await world.product.prisma.refreshToken.findMany();
    expect(rows).toMatchObject([{ generation: 1, sessionId: rowIdOf.session(ada.viewer.sessionId) }]);
    expect(Buffer.compare(rows[0]?.hash ?? Buffer.of(), hash)).toBe(0);
    expect(Buffer.from(ada.session.refreshToken, 'base64url')).toHaveLength(32);
  });

  it('remembers at most 100 tokens of a session, that which can be repeated among them', async () => {
    let newest = '';
    for (let repeat = 0; repeat < 105; repeat += 1) newest = await successorOf(ada.session.refreshToken);
    expect(await world.product.prisma.refreshToken.count()).toBe(100);
    expect(await refresh(ada.session.refreshToken)).toHaveProperty('session');
    expect(await refresh(newest)).toHaveProperty('session');
  });

  it.for([1, 2, 3, 4, 5].map(() => randomInt(2 ** 31)))(
    'follows its rule whatever is shown in whatever order (seed %i)',
    async (seed) => {
      const random = seeded(seed);
      const family = createFamily(ada.session.refreshToken);
      for (let step = 0; step < 25; step += 1) {
        const shown = family.pick(random);
        const { session } = await refresh(shown);
        expect(session !== undefined, `step ${step}`).toBe(family.show(shown, session?.refreshToken));
      }
    },
  );
});

/** The rule as the schema words it, over the tree of tokens instead of generations. */
function createFamily(root: string) {
  const parents = new Map<string, string | undefined>([[root, undefined]]);
  const used = new Set<string>();
  let isRevoked = false;
  const isDead = (token: string) =>
    [...used].some((other) => {
      const isSuccessor = parents.get(other) === token;
      const isSibling = other !== token && parents.get(other) === parents.get(token);
      return isSuccessor || isSibling;
    });
  return {
    /** Mostly one of the newest, as a client would. */
    pick(random: () => number): string {
      const known = [...parents.keys()];
      const back = Math.floor(random() ** 4 * known.length);
      return known[known.length - 1 - back] ?? root;
    },
    /** Whether this token must be answered; with the successor that it was answered with. */
    show(token: string, successor: string | undefined): boolean {
      if (isRevoked || isDead(token)) {
        isRevoked = true;
        return false;
      }
      used.add(token);
      if (successor !== undefined) parents.set(successor, token);
      return true;
    },
  };
}

/** mulberry32: the same numbers for the same seed. */
function seeded(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
