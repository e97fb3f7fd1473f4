import { verify } from '@node-rs/argon2';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { userIdOf } from '../../../schema/ids.ts';
import { openWorld, type Person, password, type World } from '../../../schema/test/world.ts';

// A13: signing in tells nobody who exists, neither by its answers nor by its work. (That a handle is taken is public: people
// are found by it. What must not be found is a password, or that a guess came close.)

// Only watched: it does its work all the same.
vi.mock('@node-rs/argon2', { spy: true });

let world: World;
let ada: Person;
beforeAll(async () => {
  world = await openWorld();
  ada = await world.signUp('ada');
});
afterAll(() => world.close());
beforeEach(() => void vi.mocked(verify).mockClear());

const document = `mutation ($input: SignInInput!) {
  signIn(input: $input) {
    __typename
    ... on UserError { code explanation }
    ... on InvalidInput { field }
    ... on Denied { until }
  }
}`;
const device = { label: 'A browser', platform: 'WEB' };
const signIn = (address: string, input: { handle: string; password: string; device?: object }) =>
  world.strangerAt(address).execute(document, { input: { device, ...input } });
let addresses = 0;
const nextAddress = () => {
  addresses += 1;
  return `192.0.2.${addresses}`;
};

/** What statements reach the database meanwhile, without their values. */
async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
  const query = vi.spyOn(world.database.pool, 'query');
  await work();
  const statements = query.mock.calls.map(([asked]: readonly unknown[]) =>
    typeof asked === 'object' && asked !== null && 'text' in asked ? String(asked.text) : String(asked),
  );
  query.mockRestore();
  return statements;
}

describe('A13: an unknown handle', () => {
  const cases = [
    ['a wrong password', 'ada', 'not this one'],
    ['a handle that nobody has', 'nobody', 'not this one'],
    ['a handle that nobody has, with a password that somebody has', 'nobody', password],
  ] as const;

  it('has the same answer as a wrong password, after one hash and the same statements', async () => {
    const seen = [];
    for (const [, handle, tried] of cases) {
      vi.mocked(verify).mockClear();
      let answer: unknown;
      const statements = await statementsOf(async () => {
        answer = await signIn(nextAddress(), { handle, password: tried });
      });
      seen.push({ answer, statements, hashes: vi.mocked(verify).mock.calls.length });
    }
    expect(seen[0]).toMatchObject({ hashes: 1, answer: { data: { signIn: { code: 'WRONG_CREDENTIALS' } } } });
    for (const other of seen) expect(other).toEqual(seen[0]);
  });

  it('has as many tries as a known one, and the same answer when they are used up', async () => {
    const address = nextAddress();
    const answers = [];
    for (const [, handle, tried] of cases.slice(0, 2)) {
      const given = [];
      for (let nth = 0; nth < 7; nth += 1) given.push(await signIn(address, { handle, password: tried }));
      answers.push(given.map((answer) => JSON.stringify(answer).replace(/\d{4}-[^"]*Z/, 'a time')));
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[0]?.at(-1)).toContain('RATE_LIMITED');
    expect(verify).toHaveBeenCalledTimes(10);
  });

  it('is judged for its form like a known one: a wrong device is found before anything is looked up', async () => {
    const wrong = { password, device: { label: '', platform: 'WEB' } };
    const answers = [
      await signIn(nextAddress(), { handle: 'ada', ...wrong }),
      await signIn(nextAddress(), { handle: 'nobody', ...wrong }),
    ];
    expect(answers[1]).toEqual(answers[0]);
    expect(verify).not.toHaveBeenCalled();
  });

  it.for(['', 'a b', '\u0000', "ada' OR 1=1 --", '💥', 'x'.repeat(30_000)])(
    'may be no handle at all: %j',
    async (handle) => {
      expect(await signIn(nextAddress(), { handle, password })).toMatchObject({
        data: { signIn: { __typename: 'Denied', code: 'WRONG_CREDENTIALS' } },
      });
      expect(verify).toHaveBeenCalledTimes(1);
    },
  );
});

describe('A13: who has blocked somebody', () => {
  const seen = `query ($handle: String!) { user(handle: $handle) { id handle displayName colour viewerContact
    viewerCan { id requestContact { isAllowed code } openDirectChannel { isAllowed code } addToGroup { isAllowed code } } } }`;
  type Seen = { readonly user: { readonly viewerContact: string; readonly viewerCan: object } };
  const say = (person: Person, mutation: string, userId: string) =>
    person.execute(
      `mutation ($userId: ID!) { ${mutation}(input: { userId: $userId }) { __typename ... on UserError { code explanation } } }`,
      { userId },
    );

  it('is found like everybody by their handle, after the same statements, and so is nobody', async () => {
    const [kim, lee, max] = [await world.signUp('kim'), await world.signUp('lee'), await world.signUp('max')];
    await say(lee, 'blockUser', kim.userId);
    const answers = [];
    for (const handle of ['lee', 'max', 'nobody']) {
      let answer: unknown;
      const statements = await statementsOf(async () => {
        answer = (await kim.execute<Seen>(seen, { handle })).data;
      });
      answers.push({ statements, answer });
    }
    const [blocking, neutral, nobody] = answers;
    expect(neutral?.statements).toHaveLength(1);
    expect(blocking?.statements).toEqual(neutral?.statements);
    expect(nobody).toMatchObject({ statements: neutral?.statements, answer: { user: null } });
    expect(blocking?.answer).toMatchObject({ user: { viewerContact: 'NONE', displayName: 'lee' } });
    // What is refused is refused without a reason, by whatever it is tried.
    for (const mutation of ['requestContact', 'openDirectChannel'])
      expect(await say(kim, mutation, lee.userId)).toMatchObject({
        data: {
          [mutation]: { code: 'NOT_ACCEPTING', explanation: 'This person cannot be reached that way.' },
        },
      });
    expect(await say(kim, 'requestContact', max.userId)).toMatchObject({
      data: { requestContact: { __typename: 'RequestContactPayload' } },
    });
  });

  it('gives the same answer to what needs no consent as who has not', async () => {
    const [ned, ola, pia] = [await world.signUp('ned'), await world.signUp('ola'), await world.signUp('pia')];
    await say(ola, 'blockUser', ned.userId);
    for (const mutation of ['removeContact', 'unblockUser', 'blockUser', 'unblockUser']) {
      const [blocking, neutral] = [
        await say(ned, mutation, ola.userId),
        await say(ned, mutation, pia.userId),
      ];
      expect(blocking).toEqual(neutral);
    }
  });
});

it('a device of somebody else, named in a sign-in, tells nothing of them', async () => {
  await world.signUp('eve');
  const document = `mutation ($input: SignInInput!) {
    signIn(input: $input) { ... on SignInPayload { session { device { id label } } } }
  }`;
  const labels = [];
  for (const id of [ada.session.device.id, 'dev999', userIdOf(1n)]) {
    const input = { handle: 'eve', password, device: { ...device, id } };
    const { data } = await world.anonymous.execute(document, { input });
    expect(JSON.stringify(data)).not.toContain(ada.session.device.id);
    labels.push(JSON.stringify(data).replace(/"id":"[^"]+"/, 'an id'));
  }
  expect(new Set(labels).size).toBe(1);
});

it('a refresh token that is unknown, used up or of an ended session has one answer', async () => {
  const phone = await world.signIn('ada');
  await phone.execute('mutation { signOut(input: {}) { __typename } }');
  const refresh = `mutation ($refreshToken: String!) {
    refreshSession(input: { refreshToken: $refreshToken }) { __typename ... on UserError { code explanation } }
  }`;
  const answers = [];
  for (const refreshToken of ['nonsense', 'A'.repeat(43), phone.session.refreshToken])
    answers.push(JSON.stringify(await world.anonymous.execute(refresh, { refreshToken })));
  expect(new Set(answers).size).toBe(1);
});
