import { verify } from '@node-rs/argon2';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../schema/ports/clock.ts';
import { openWorld, password, type World } from '../../../schema/test/world.ts';

// A14: nobody gets to try many passwords, and nobody is locked out by those who try.

// Only watched: it does its work all the same.
vi.mock('@node-rs/argon2', { spy: true });

const minute = 60_000;
let world: World;
/** It stands still; time passes without anybody waiting for it. */
let now: number;
beforeEach(async () => {
  now = Date.now();
  world = await openWorld({
    clock: { ...systemClock, now: () => now },
    rateLimits: { signInTriesPerAddress: 20, signInTriesPerAccount: 12, signUpsPerAddress: 3 },
  });
});
afterEach(() => world.close());

const answered = '__typename ... on UserError { code } ... on Denied { until }';
const document = `mutation ($input: SignInInput!) { result: signIn(input: $input) { ${answered} } }`;
type Result = { readonly __typename: string; readonly code?: string; readonly until?: string | null };
const device = { label: 'A browser', platform: 'WEB' };

/** Somebody at an address tries a password. */
async function attempt(address: string, handle: string, tried = 'not this one'): Promise<Result> {
  const input = { handle, password: tried, device };
  const { data, errors } = await world.strangerAt(address).execute<{ result: Result }>(document, { input });
  expect(errors).toBeUndefined();
  return data.result;
}
const codeOf = async (...tried: Parameters<typeof attempt>) => {
  const { __typename, code } = await attempt(...tried);
  return code ?? __typename;
};
async function inTurn<T>(count: number, work: (nth: number) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  for (let nth = 0; nth < count; nth += 1) answers.push(await work(nth));
  return answers;
}
const count = (codes: readonly string[], code: string) => codes.filter((found) => found === code).length;

describe('A14: one who guesses at one account', () => {
  it('has five tries in 15 minutes, and hears when there are more', async () => {
    await world.signUp('ada');
    const until = new Date(now + 15 * minute).toISOString();
    expect(await inTurn(5, () => codeOf('192.0.2.1', 'ada'))).toEqual(Array(5).fill('WRONG_CREDENTIALS'));
    now += 5 * minute;
    const refused = { __typename: 'Denied', code: 'RATE_LIMITED', until };
    expect(await attempt('192.0.2.1', 'ada')).toEqual(refused);
    expect(await attempt('192.0.2.1', 'ADA', password)).toEqual(refused);
    now += 10 * minute;
    expect(await codeOf('192.0.2.1', 'ada', password)).toBe('SignInPayload');
  });

  it('has no more by trying them all at the same moment', async () => {
    await world.signUp('ada');
    const codes = await Promise.all(Array.from({ length: 18 }, () => codeOf('192.0.2.1', 'ada')));
    expect(count(codes, 'WRONG_CREDENTIALS')).toBe(5);
    expect(count(codes, 'RATE_LIMITED')).toBe(13);
  });

  it('costs no hash and no look into the database when refused', async () => {
    await world.signUp('ada');
    await inTurn(5, () => attempt('192.0.2.1', 'ada'));
    vi.mocked(verify).mockClear();
    const query = vi.spyOn(world.database.pool, 'query');
    await inTurn(10, () => attempt('192.0.2.1', 'ada'));
    expect(verify).not.toHaveBeenCalled();
    expect(query).not.toHaveBeenCalled();
  });

  it('begins anew when the right one was found', async () => {
    await world.signUp('ada');
    await inTurn(4, () => attempt('192.0.2.1', 'ada'));
    expect(await codeOf('192.0.2.1', 'ada', password)).toBe('SignInPayload');
    expect(await inTurn(6, () => codeOf('192.0.2.1', 'ada'))).toEqual([
      ...Array(5).fill('WRONG_CREDENTIALS'),
      'RATE_LIMITED',
    ]);
  });

  it('does not keep the owner out who is somewhere else', async () => {
    await world.signUp('ada');
    await inTurn(8, () => attempt('192.0.2.1', 'ada'));
    expect(await codeOf('192.0.2.2', 'ada', password)).toBe('SignInPayload');
  });
});

describe('A14: one who guesses at many accounts', () => {
  it('has so many tries in all, also with an account of their own to sign in to in between', async () => {
    await Promise.all([world.signUp('eve'), world.signUp('ada')]);
    const codes = await inTurn(30, async (nth) => {
      await attempt('192.0.2.1', 'eve', password);
      return codeOf('192.0.2.1', `person-${nth}`);
    });
    expect(codes).toEqual([...Array(20).fill('WRONG_CREDENTIALS'), ...Array(10).fill('RATE_LIMITED')]);
    expect(await codeOf('192.0.2.1', 'eve', password)).toBe('RATE_LIMITED');
    expect(await codeOf('192.0.2.2', 'ada', password)).toBe('SignInPayload');
  });

  it('harms nobody who signs in from there rightly, however many they are', async () => {
    const people = await Promise.all(Array.from({ length: 10 }, (_, nth) => world.signUp(`person-${nth}`)));
    for (const { handle } of [...people, ...people, ...people])
      expect(await codeOf('192.0.2.1', handle, password)).toBe('SignInPayload');
  });
});

describe('A14: many who guess at one account together', () => {
  const addressOf = (nth: number) => `198.51.100.${nth}`;

  it('have so many tries in all in an hour', async () => {
    await world.signUp('ada');
    const codes = await inTurn(30, (nth) => codeOf(addressOf(nth), 'ada'));
    expect(codes).toEqual([...Array(12).fill('WRONG_CREDENTIALS'), ...Array(18).fill('RATE_LIMITED')]);
    expect(await codeOf('203.0.113.1', 'ada', password)).toBe('RATE_LIMITED');
    now += 60 * minute;
    expect(await codeOf('203.0.113.1', 'ada', password)).toBe('SignInPayload');
  });

  it('do not keep the owner out where the account was signed in before, nor from another account', async () => {
    await Promise.all([world.signUp('ada'), world.signUp('bob')]);
    await attempt('203.0.113.1', 'ada', password);
    await inTurn(30, (nth) => codeOf(addressOf(nth), 'ada'));
    expect(await codeOf('203.0.113.1', 'ada')).toBe('WRONG_CREDENTIALS');
    expect(await codeOf('203.0.113.1', 'ada', password)).toBe('SignInPayload');
    expect(await codeOf('203.0.113.2', 'bob', password)).toBe('SignInPayload');
  });

  it('do not keep the owner out where the account was made', async () => {
    const document = 'mutation ($input: SignUpInput!) { signUp(input: $input) { __typename } }';
    const input = { handle: 'ada', displayName: 'Ada', password, device };
    await world.strangerAt('203.0.113.1').execute(document, { input });
    await inTurn(30, (nth) => codeOf(addressOf(nth), 'ada'));
    expect(await codeOf('203.0.113.1', 'ada', password)).toBe('SignInPayload');
  });

  it('are strangers still where nobody but they tried, and again after 30 days', async () => {
    await world.signUp('ada');
    await attempt('203.0.113.1', 'ada', password);
    now += 30 * 24 * 60 * minute;
    await inTurn(30, (nth) => codeOf(addressOf(nth), 'ada'));
    expect(await codeOf('203.0.113.1', 'ada', password)).toBe('RATE_LIMITED');
    expect(await codeOf(addressOf(3), 'ada', password)).toBe('RATE_LIMITED');
  });
});

describe('A14: what goes wrong here', () => {
  it('counts for nobody: a database that fails, a server that is busy', async () => {
    await world.signUp('ada');
    const query = vi.spyOn(world.database.pool, 'query').mockRejectedValue(new Error('gone'));
    const input = { handle: 'ada', password, device };
    await inTurn(10, async () => {
      const { errors } = await world.strangerAt('192.0.2.1').execute(document, { input });
      expect(errors).toHaveLength(1);
    });
    query.mockRestore();
    expect(await codeOf('192.0.2.1', 'ada', password)).toBe('SignInPayload');

    const { passwords } = world.product;
    const { matches } = passwords;
    Object.assign(passwords, { matches: async () => 'busy' });
    const refused = {
      __typename: 'Denied',
      code: 'RATE_LIMITED',
      until: new Date(now + 1_000).toISOString(),
    };
    expect(await inTurn(6, () => attempt('192.0.2.1', 'ada', password))).toEqual(Array(6).fill(refused));
    Object.assign(passwords, { matches });
    expect(await codeOf('192.0.2.1', 'ada', password)).toBe('SignInPayload');
  });

  it('keeps everybody out while the limiter does not answer', async () => {
    await world.signUp('ada');
    Object.assign(world.product.limiter, { take: () => Promise.reject(new Error('gone')) });
    const input = { handle: 'ada', password, device };
    vi.mocked(verify).mockClear();
    const { data, errors } = await world.strangerAt('192.0.2.1').execute(document, { input });
    expect([data, errors?.length]).toEqual([null, 1]);
    expect(verify).not.toHaveBeenCalled();
  });
});

describe('A14: signing up', () => {
  const signUp = `mutation ($input: SignUpInput!) { result: signUp(input: $input) { ${answered} } }`;
  const make = async (address: string, handle: string) => {
    const input = { handle, displayName: handle, password, device };
    const { data } = await world.strangerAt(address).execute<{ result: Result }>(signUp, { input });
    return data.result.code ?? data.result.__typename;
  };

  it('has a limit for an address: for each attempt that costs a hash, one that finds the handle taken too', async () => {
    expect(await make('192.0.2.1', 'a b')).toBe('MALFORMED');
    expect(await make('192.0.2.1', 'ada')).toBe('SignUpPayload');
    expect(await make('192.0.2.1', 'ada')).toBe('HANDLE_TAKEN');
    expect(await make('192.0.2.1', 'bob')).toBe('SignUpPayload');
    expect(await make('192.0.2.1', 'cy')).toBe('MALFORMED');
    expect(await make('192.0.2.1', 'cyd')).toBe('RATE_LIMITED');
    expect(await make('192.0.2.2', 'cyd')).toBe('SignUpPayload');
    now += 60 * minute;
    expect(await make('192.0.2.1', 'dan')).toBe('SignUpPayload');
  });
});
