import { describe, expect, it } from 'vitest';
import { ask } from '../client/ask.ts';
import { password, signUp } from '../client/people.ts';
import { serverOfAll } from '../e2e/running.ts';
import { openAcknowledged, subscribeFrame } from '../serving/wire-client.ts';

// A14: the limits hold on a real server, whichever way somebody comes, and are what its settings say.

const server = serverOfAll({
  SIGN_IN_TRIES: '2',
  SIGN_IN_TRIES_PER_ADDRESS: '4',
  SIGN_UPS_PER_ADDRESS: '3',
  SEARCHES_PER_MINUTE: '2',
});
const device = { label: 'A browser', platform: 'WEB' };
type Result = { readonly result: { readonly code?: string; readonly __typename: string } };
const code = ({ result }: Result) => result.code ?? result.__typename;

async function overHttp(query: string, input: object): Promise<string> {
  const { data } = await ask<Result>(server().httpUrl, { query, variables: { input } });
  return data ? code(data) : 'nothing';
}
async function overSocket(query: string, input: object): Promise<string> {
  const client = await openAcknowledged(server().socketUrl);
  client.send(subscribeFrame('a', query, { input }));
  const { payload } = await client.until(({ id }) => id === 'a');
  await client.close();
  return JSON.stringify(payload).match(/"code":"(\w+)"/)?.[1] ?? 'no code';
}
const signIn = `mutation ($input: SignInInput!) { result: signIn(input: $input) { __typename ... on UserError { code } } }`;
const signUpDocument = `mutation ($input: SignUpInput!) { result: signUp(input: $input) { __typename ... on UserError { code } } }`;
const wrong = (handle: string) => ({ handle, password: 'not this one', device });

describe('A14: one who guesses, whichever way they come', () => {
  it('counts guesses by address, over HTTP and over sockets together', async () => {
    const ada = await signUp(server().httpUrl, 'ada');
    expect(await overHttp(signIn, wrong('ada'))).toBe('WRONG_CREDENTIALS');
    expect(await overSocket(signIn, wrong('ada'))).toBe('WRONG_CREDENTIALS');
    expect(await overHttp(signIn, wrong('ada'))).toBe('RATE_LIMITED');
    expect(await overSocket(signIn, wrong('ada'))).toBe('RATE_LIMITED');
    expect(await overSocket(signIn, wrong('nobody'))).toBe('WRONG_CREDENTIALS');
    expect(await overHttp(signIn, wrong('nobody'))).toBe('WRONG_CREDENTIALS');
    expect(await overSocket(signIn, wrong('another'))).toBe('RATE_LIMITED');
    expect(await overHttp(signIn, wrong('another'))).toBe('RATE_LIMITED');

    const token = ada.session.accessToken;
    const search = { query: '{ searchUsers(text: "a") { edges { cursor } } }', token };
    const answers = [];
    for (let nth = 0; nth < 3; nth += 1) answers.push(await ask(server().httpUrl, search));
    expect(answers.map(({ errors }) => errors?.[0]?.extensions?.code)).toEqual([
      undefined,
      undefined,
      'RATE_LIMITED',
    ]);
    expect(answers[2]?.errors?.[0]?.extensions?.retryAfterMs).toBeGreaterThan(0);

    const person = (handle: string) => ({ handle, displayName: handle, password, device });
    expect(await overHttp(signUpDocument, person('bob'))).toBe('SignUpPayload');
    expect(await overSocket(signUpDocument, person('bob'))).toBe('HANDLE_TAKEN');
    expect(await overSocket(signUpDocument, person('cyd'))).toBe('RATE_LIMITED');
    expect(await overHttp(signUpDocument, person('cyd'))).toBe('RATE_LIMITED');
  });
});
