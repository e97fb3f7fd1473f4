import { verify } from '@node-rs/argon2';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { rowIdOf } from '../../../schema/ids.ts';
import { systemClock } from '../../../schema/ports/clock.ts';
import { type Asker, openWorld, type Person, password, type World } from '../../../schema/test/world.ts';

// A14: a stolen access token does not make somebody the owner of an account, and a changed password is changed at once.

// Only watched: it does its work all the same.
vi.mock('@node-rs/argon2', { spy: true });

const minute = 60_000;
let world: World;
let ada: Person;
/** It stands still; time passes without anybody waiting for it. */
let now: number;
beforeEach(async () => {
  now = Date.now();
  world = await openWorld({ clock: { ...systemClock, now: () => now } });
  ada = await world.signUp('ada');
});
afterEach(() => world.close());

const next = 'the next good password';
type Result = { readonly __typename: string; readonly code?: string; readonly until?: string | null };
const document = `mutation ($input: ChangePasswordInput!) {
  result: changePassword(input: $input) {
    __typename
    ... on ChangePasswordPayload { viewer { user { handle } devices { id } } }
    ... on UserError { code }
    ... on InvalidInput { field }
    ... on Denied { until }
  }
}`;
async function change(person: Asker, currentPassword: string, newPassword = next): Promise<Result> {
  const input = { currentPassword, newPassword };
  const { data, errors } = await person.execute<{ result: Result }>(document, { input });
  expect(errors).toBeUndefined();
  return data.result;
}
const codeOf = async (...asked: Parameters<typeof change>) => {
  const { code, __typename } = await change(...asked);
  return code ?? __typename;
};
const signInDocument = `mutation ($input: SignInInput!) {
  result: signIn(input: $input) { __typename ... on UserError { code } }
}`;
async function signIn(tried: string): Promise<string> {
  const input = { handle: 'ada', password: tried, device: { label: 'A phone', platform: 'IOS' } };
  const { data } = await world.anonymous.execute<{ result: Result }>(signInDocument, { input });
  return data.result.code ?? data.result.__typename;
}
const refresh = `mutation ($refreshToken: String!) {
  refreshSession(input: { refreshToken: $refreshToken }) { __typename }
}`;
const stands = async ({ session: { refreshToken } }: Person) =>
  JSON.stringify(await world.anonymous.execute(refresh, { refreshToken })).includes('Payload');

describe('A14: changing the password', () => {
  it('ends every other session, and this one goes on with the tokens it has', async () => {
    const [phone, tablet] = [await world.signIn('ada'), await world.signIn('ada')];
    const bob = await world.signUp('bob');
    expect(await change(phone, password)).toEqual({
      __typename: 'ChangePasswordPayload',
      viewer: { user: { handle: 'ada' }, devices: [{ id: phone.session.device.id }] },
    });
    expect([...world.announced].sort()).toEqual([ada, tablet].map(({ viewer }) => viewer.sessionId).sort());
    expect(await Promise.all([ada, phone, tablet, bob].map(stands))).toEqual([false, true, false, true]);
    expect(await signIn(password)).toBe('WRONG_CREDENTIALS');
    expect(await signIn(next)).toBe('SignInPayload');
  });

  it('takes the same one again, and ends the other sessions all the same', async () => {
    const phone = await world.signIn('ada');
    expect(await codeOf(phone, password, password)).toBe('ChangePasswordPayload');
    expect(await Promise.all([ada, phone].map(stands))).toEqual([false, true]);
    expect(await signIn(password)).toBe('SignInPayload');
  });

  it.for([
    ['', 'EMPTY'],
    ['short', 'MALFORMED'],
    ['x'.repeat(201), 'TOO_LONG'],
  ] as const)('refuses %j as a new one, and looks at nothing', async ([newPassword, code]) => {
    vi.mocked(verify).mockClear();
    expect(await change(ada, password, newPassword)).toEqual({
      __typename: 'InvalidInput',
      code,
      field: ['newPassword'],
    });
    expect(verify).not.toHaveBeenCalled();
    expect(await signIn(password)).toBe('SignInPayload');
  });

  it('is refused to whoever does not know the current one, and then changes nothing', async () => {
    const phone = await world.signIn('ada');
    for (const wrong of ['not this one', '', ` ${password}`, next, 'x'.repeat(30_000)])
      expect(await codeOf(ada, wrong)).toBe('WRONG_CREDENTIALS');
    expect(world.announced).toEqual([]);
    expect(await stands(phone)).toBe(true);
  });

  it('is refused to whoever is not signed in', async () => {
    const input = { currentPassword: password, newPassword: next };
    const { errors } = await world.anonymous.execute(document, { input });
    expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });
});

describe('A14: whoever holds an access token only', () => {
  const at = ({ viewer }: Person, address: string) => world.viewerAt(address, viewer);

  it('has five guesses at the password in 15 minutes, wherever they go with it', async () => {
    const stolen = await world.signIn('ada');
    const codes = [];
    for (let nth = 0; nth < 8; nth += 1)
      codes.push(await codeOf(at(stolen, `198.51.100.${nth}`), 'not this one'));
    expect(codes).toEqual([...Array(5).fill('WRONG_CREDENTIALS'), ...Array(3).fill('RATE_LIMITED')]);
    expect(await change(at(stolen, '198.51.100.9'), password)).toMatchObject({
      code: 'RATE_LIMITED',
      until: new Date(now + 15 * minute).toISOString(),
    });
    expect(await codeOf(at(ada, '203.0.113.1'), password)).toBe('ChangePasswordPayload');
  });

  it('has no more by signing in as well, or by trying all at the same moment', async () => {
    const here = '192.0.2.1';
    const tried = [0, 1, 2, 3, 4, 5].map(() => codeOf(at(ada, here), 'not this one'));
    const codes = await Promise.all(tried);
    expect(codes.filter((code) => code === 'WRONG_CREDENTIALS')).toHaveLength(5);
    const input = { handle: 'ada', password, device: { label: 'A phone', platform: 'IOS' } };
    expect(await world.strangerAt(here).execute(signInDocument, { input })).toMatchObject({
      data: { result: { code: 'RATE_LIMITED' } },
    });
    now += 15 * minute;
    expect(await codeOf(at(ada, here), password)).toBe('ChangePasswordPayload');
  });

  it('costs no hash when refused', async () => {
    for (let nth = 0; nth < 5; nth += 1) await change(ada, 'not this one');
    vi.mocked(verify).mockClear();
    expect(await codeOf(ada, password)).toBe('RATE_LIMITED');
    expect(verify).not.toHaveBeenCalled();
  });

  it('is stopped also when strangers guess at the same account, but the owner is not', async () => {
    for (let nth = 0; nth < 60; nth += 1) {
      const input = { handle: 'ada', password: 'no', device: { label: 'A phone', platform: 'IOS' } };
      await world.strangerAt(`198.51.100.${nth}`).execute(signInDocument, { input });
    }
    expect(await codeOf(at(ada, '203.0.113.1'), password)).toBe('ChangePasswordPayload');
  });
});

describe('A14: at the same moment', () => {
  it('one of two changes counts, and its password is the one', async () => {
    const phone = await world.signIn('ada');
    const codes = await Promise.all([
      codeOf(ada, password, 'the one from the browser'),
      codeOf(phone, password, 'the one from the phone'),
    ]);
    expect([...codes].sort()).toEqual(['ChangePasswordPayload', 'WRONG_CREDENTIALS']);
    const browserWon = codes[0] === 'ChangePasswordPayload';
    expect(await Promise.all([ada, phone].map(stands))).toEqual([browserWon, !browserWon]);
    expect(await signIn(browserWon ? 'the one from the browser' : 'the one from the phone')).toBe(
      'SignInPayload',
    );
  });

  it('a sign-in with the old password opens nothing that outlives the change', async () => {
    const { matches } = world.product.passwords;
    let isChanged = false;
    // The old password is found right; before its session is opened, the change is committed.
    Object.assign(world.product.passwords, {
      async matches(stored: string | undefined, tried: string) {
        const answer = await matches(stored, tried);
        if (isChanged) return answer;
        isChanged = true;
        expect(await codeOf(ada, password)).toBe('ChangePasswordPayload');
        return answer;
      },
    });
    expect(await signInElsewhere()).toBe('WRONG_CREDENTIALS');
    expect(await world.product.prisma.session.count({ where: { revokedAt: null } })).toBe(1);
  });

  it('a session that was ended changes no password with a token that is still believed', async () => {
    const id = rowIdOf.session(ada.viewer.sessionId);
    await world.product.prisma.session.update({ where: { id }, data: { revokedAt: new Date() } });
    expect(await codeOf(ada, password)).toBe('SESSION_REVOKED');
    expect(await signIn(password)).toBe('SignInPayload');
  });

  /** From an address of its own: guesses at one account from one address take turns. */
  async function signInElsewhere(): Promise<string> {
    const input = { handle: 'ada', password, device: { label: 'A phone', platform: 'IOS' } };
    const stranger = world.strangerAt('203.0.113.7');
    const { data } = await stranger.execute<{ result: Result }>(signInDocument, { input });
    return data.result.code ?? data.result.__typename;
  }
});
