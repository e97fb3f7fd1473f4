import { afterEach, describe, expect, it } from 'vitest';
import { keepDemo } from './demo-door.ts';
import { demoPassword, demoPeople } from './seed.ts';
import { openWorld, type World } from './test/world.ts';

const opened: World[] = [];
afterEach(async () => {
  for (const world of opened.splice(0)) await world.close();
});

async function world() {
  const one = await openWorld();
  opened.push(one);
  const signIn = async (handle: string, password: string) => {
    const { data } = await one.anonymous.execute<{ signIn: object }>(
      `mutation { signIn(input: { handle: "${handle}", password: "${password}", device: { label: "x", platform: WEB } })
        { ... on Denied { code } ... on SignInPayload { session { refreshToken } } } }`,
    );
    return data.signIn;
  };
  return { ...one, signIn };
}

const refused = { code: 'WRONG_CREDENTIALS' };
const standing = ({ product }: Pick<World, 'product'>) =>
  product.prisma.session.count({ where: { revokedAt: null } });

describe('a server with a demo', () => {
  it('has two people who can sign in, however often it starts', async () => {
    const { product, signIn } = await world();
    const demo = await keepDemo(product, true);
    expect(demo?.people.map(({ handle }) => handle)).toEqual(['alice', 'bob']);
    expect(demo?.ids).toBeDefined();
    expect(await keepDemo(product, true)).toEqual(demo);
    for (const { handle } of demoPeople) expect(await signIn(handle, demoPassword)).toHaveProperty('session');
  });
});

describe('a server without a demo', () => {
  it('lets nobody in with the password that everybody knows, on data that once had a demo', async () => {
    const { signIn, ...demo } = await world();
    await keepDemo(demo.product, true);
    await signIn('alice', demoPassword);
    expect(await keepDemo(demo.product, false)).toBeUndefined();
    for (const { handle } of demoPeople) expect(await signIn(handle, demoPassword)).toEqual(refused);
    expect(await standing(demo)).toBe(0);
  });

  it('does not offer again what it has closed', async () => {
    const { product } = await world();
    await keepDemo(product, true);
    await keepDemo(product, false);
    expect(await keepDemo(product, true)).toBeUndefined();
  });

  it('leaves people alone who merely have such a name', async () => {
    const one = await world();
    await one.signUp('alice');
    await keepDemo(one.product, false);
    expect(await standing(one)).toBe(1);
  });
});
