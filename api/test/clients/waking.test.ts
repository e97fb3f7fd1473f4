import { createECDH } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { webAddress } from '../../../schema/test/push-address.ts';
import type { Person } from '../../../schema/test/world.ts';
import { openWorld, type World } from '../world.ts';
import { documents } from './documents.ts';
import { keepWoken } from './waking.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** The push manager of a browser, which holds one subscription, and refuses another key beside it. */
function openBrowser(name: string) {
  let count = 0;
  let held: Held | null = null;
  type Held = { readonly key: string; readonly address: ReturnType<typeof webAddress> };
  const shown = ({ key, address: { web } }: Held) => ({
    options: { applicationServerKey: Uint8Array.from(Buffer.from(key, 'base64url')).buffer },
    toJSON: () => ({ endpoint: web.url, keys: { p256dh: web.p256dh, auth: web.auth } }),
    unsubscribe: async () => {
      held = null;
      return true;
    },
  });
  const pushManager = {
    getSubscription: async () => held && shown(held),
    async subscribe({ applicationServerKey: key }: { applicationServerKey: string }) {
      if (held && held.key !== key) throw new Error('InvalidStateError');
      if (!held) count += 1;
      held ??= { key, address: webAddress(`${name} ${count}`) };
      return shown(held);
    },
  };
  return { worker: { pushManager }, subscriptions: () => count };
}

const clientOf = (person: Person, vapidPublicKey: string) => ({
  vapidPublicKey,
  async register(address: object) {
    const { data } = await person.execute(documents.registerPushEndpoint, { address });
    expect(data).toMatchObject({ registerPushEndpoint: { __typename: 'RegisterPushEndpointPayload' } });
  },
});
const rowsOf = (name: string) =>
  world.product.prisma.pushEndpoint.findMany({ where: { address: { contains: name } } });

it('a browser subscribes once, and says so at every start', async () => {
  const ada = await world.signUp();
  const { worker, subscriptions } = openBrowser('start');
  const { vapidPublicKey = '' } = world.product.push;
  for (let start = 0; start < 3; start += 1) await keepWoken(worker, clientOf(ada, vapidPublicKey));
  expect(subscriptions()).toBe(1);
  expect(await rowsOf('start')).toHaveLength(1);
});

it('a browser subscribes anew when the key of the server is another one', async () => {
  const ada = await world.signUp();
  const { worker, subscriptions } = openBrowser('another');
  for (let round = 0; round < 2; round += 1) {
    const key = createECDH('prime256v1').generateKeys('base64url');
    for (let start = 0; start < 2; start += 1) await keepWoken(worker, clientOf(ada, key));
  }
  expect(subscriptions()).toBe(2);
  expect((await rowsOf('another')).map(({ address }) => address)).toEqual([webAddress('another 2').web.url]);
});
