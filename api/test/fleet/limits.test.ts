import { describe, expect, it } from 'vitest';
import { ask } from '../client/ask.ts';
import { createGroup, password, type SignedIn, signUp } from '../client/people.ts';
import { doOverHttp, mutations, type Sent } from '../e2e/talk.ts';
import { missingRedis } from '../engines/redis.ts';
import { requires } from '../requirements.ts';
import { type FleetServer, openTwoServers } from './servers.ts';

requires('redis', missingRedis);

type Result = { readonly result: { readonly __typename: string; readonly code?: string } };
const signInDocument = `mutation ($input: SignInInput!) {
  result: signIn(input: $input) { __typename ... on UserError { code } ... on Denied { code } } }`;

/** Whether Ann may come in here, or why not. */
async function tryPassword({ httpUrl }: FleetServer, tried: string) {
  const input = { handle: 'ann', password: tried, device: { label: 'Browser', platform: 'WEB' } };
  const { data, errors } = await ask<Result>(httpUrl, { query: signInDocument, variables: { input } });
  return data?.result.code ?? data?.result.__typename ?? errors?.[0]?.extensions;
}

async function sayWith({ httpUrl }: FleetServer, ann: SignedIn) {
  const channelId = await createGroup(httpUrl, ann, { name: 'Alone', members: [] });
  let count = 0;
  return (server: FleetServer) => {
    count += 1;
    const message = mutations.sendMessage({ channelId, text: `message ${count}`, nonce: `${count}` });
    return doOverHttp<Sent>(server.httpUrl, ann, message);
  };
}

describe('limits of a fleet', { timeout: 60_000 }, () => {
  it('count wrong passwords wherever they are tried', async () => {
    const { here, there } = await openTwoServers();
    await signUp(here.httpUrl, 'ann');
    for (const server of [here, there, here, there, here])
      expect(await tryPassword(server, 'not this one')).toBe('WRONG_CREDENTIALS');
    for (const server of [here, there]) expect(await tryPassword(server, password)).toBe('RATE_LIMITED');
  });

  it('let nobody in without a count, and everybody talk, while Redis is gone; and are whole again with it', async () => {
    const { here, there, redis } = await openTwoServers();
    const ann = await signUp(here.httpUrl, 'ann');
    const say = await sayWith(here, ann);
    await redis.kill();
    for (const server of [here, there]) {
      expect(await tryPassword(server, password)).toEqual({ code: 'UNAVAILABLE', retryAfterMs: 2_000 });
      expect(await say(server)).toMatchObject({ deduplicated: false });
    }
    expect((await signUp(here.httpUrl, 'bob')).handle).toBe('bob');
    await redis.startAgain();
    for (const server of [here, there]) {
      await expect.poll(() => tryPassword(server, password)).toBe('SignInPayload');
      expect(await say(server)).toMatchObject({ deduplicated: false });
    }
  });
});
