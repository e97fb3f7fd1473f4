import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { upTo } from '../../../schema/ports/random.contract.ts';
import { ask } from '../client/ask.ts';
import { people, type Talker } from '../product/talker.ts';
import { openAcknowledged, subscribeFrame } from '../serving/wire-client.ts';
import { openProductServer, type ProductServer } from './product-server.ts';

// What one request may try, on a real server: one guess at a secret, sixteen of anything else.

let serving: ProductServer;
let ada: Talker;
let token: string;
let channelId: string;
beforeAll(async () => {
  serving = await openProductServer();
  ({ ada } = await people(serving.world, 'ada'));
  ({
    session: { accessToken: token },
  } = await serving.world.signIn(ada.handle));
  channelId = (await ada.createGroup([])).channel.id;
});
afterAll(() => serving.close());

const device = 'device: { label: "x", platform: WEB }';
const signIn = (n: number) =>
  `signIn(input: { handle: "${ada.handle}", password: "guess${n}", ${device} }) { __typename }`;
const send = (n: number) =>
  `sendMessage(input: { channelId: "${channelId}", text: "x", nonce: "n${n}" }) { __typename }`;
const mutation = (count: number, field: (n: number) => string) =>
  `mutation { ${upTo(count)
    .map((n) => `a${n}: ${field(n)}`)
    .join(' ')} }`;

/** The codes that each transport answers with. */
async function codesOf(query: string): Promise<unknown[]> {
  const { errors } = await ask(serving.server.url, { query, token });
  const client = await openAcknowledged(serving.server.socketUrl, token);
  client.send(subscribeFrame('a', query));
  const frame = await client.next();
  await client.close();
  const payload = frame.payload;
  const overSocket = Array.isArray(payload) ? payload[0]?.extensions?.code : undefined;
  return [errors?.[0]?.extensions?.code, overSocket];
}
const tooComplex = ['QUERY_TOO_COMPLEX', 'QUERY_TOO_COMPLEX'];

describe('Q3: guesses at a password', () => {
  it.for([2, 15, 100, 500])('are refused, %i in one request, without one being looked at', async (count) => {
    const looked = vi.spyOn(serving.world.product.passwords, 'matches');
    expect(await codesOf(mutation(count, signIn))).toEqual(tooComplex);
    expect(looked).not.toHaveBeenCalled();
    looked.mockRestore();
  });

  it('are refused beside anything else, in any order', async () => {
    const looked = vi.spyOn(serving.world.product.passwords, 'matches');
    for (const fields of [
      [signIn(1), send(1)],
      [send(1), signIn(1)],
    ])
      expect(await codesOf(`mutation { ${fields.map((field, n) => `a${n}: ${field}`).join(' ')} }`)).toEqual(
        tooComplex,
      );
    expect(looked).not.toHaveBeenCalled();
    looked.mockRestore();
    expect((await ada.channel(channelId))?.lastNumber).toBe(0);
  });

  it('are looked at one by one: it is counted what reaches the password', async () => {
    const looked = vi.spyOn(serving.world.product.passwords, 'matches');
    // The second is as code generation writes it.
    for (const [count, beside] of ['', '__typename'].entries()) {
      const { data } = await ask(serving.server.url, { query: `mutation { ${beside} ${signIn(1)} }` });
      expect(data).toMatchObject({ signIn: { __typename: 'Denied' } });
      expect(looked).toHaveBeenCalledTimes(count + 1);
    }
    looked.mockRestore();
    expect(await codesOf(`mutation { __typename ${mutation(2, signIn).slice('mutation {'.length)}`)).toEqual(
      tooComplex,
    );
  });
});

describe('Q3: messages sent by aliases', () => {
  it.for([17, 100, 200, 500])('are refused, %i in one request, without one being sent', async (count) => {
    expect(await codesOf(mutation(count, send))).toEqual(tooComplex);
    expect((await ada.channel(channelId))?.lastNumber).toBe(0);
  });

  it('are sent up to the limit, so that the limit is what refuses the others', async () => {
    const { data, errors } = await ask(serving.server.url, { query: mutation(15, send), token });
    expect(errors).toBeUndefined();
    expect(data).toHaveProperty('a15');
    expect((await ada.channel(channelId))?.lastNumber).toBe(15);
  });
});
