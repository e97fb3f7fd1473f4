import { describe, expect, it } from 'vitest';
import { type Answer, ask } from '../client/ask.ts';
import { createGroup, signUp, syncCursor } from '../client/people.ts';
import { closeAtEnd } from '../e2e/running.ts';
import { doOverHttp, mutations, type Sent } from '../e2e/talk.ts';
import { missingRedis } from '../engines/redis.ts';
import { requires } from '../requirements.ts';
import { openSse } from '../serving/sse-client.ts';
import { countOf, openTwoServers } from './servers.ts';

requires('redis', missingRedis);

const codesOf = ({ errors = [] }: Answer<unknown>) => errors.map(({ extensions }) => extensions?.code);
const events = `subscription ($after: [Cursor!]) { events(after: $after) { __typename
  ... on MessageSent { message { text author { handle presence { state } } } } } }`;

/** Ann, in a group, at a server whose Redis has just gone. */
async function world() {
  const { here, redis } = await openTwoServers();
  const ann = await signUp(here.httpUrl, 'ann');
  const channelId = await createGroup(here.httpUrl, ann, { name: 'Alone', members: [] });
  const token = ann.session.accessToken;
  const after = [await syncCursor(here.httpUrl, token)];
  const stream = await openSse(here.httpUrl, { token, query: events, variables: { after } });
  closeAtEnd({ close: async () => stream.leave() });
  expect(JSON.stringify(await stream.next())).toContain('CaughtUp');
  await redis.kill();
  return { here, ann, channelId, token, stream };
}

describe('who is there, while Redis is gone', { timeout: 60_000 }, () => {
  it('is all that a first screen lacks, and no mistake of the server', async () => {
    const { here, token } = await world();
    const query = `{ viewer { channels(first: 5) { edges { node { name
      members(first: 5) { edges { node { user { handle presence { state } } } } } } } } } }`;
    const answer = await ask(here.httpUrl, { query, token });
    expect(codesOf(answer)).toEqual(['UNAVAILABLE']);
    const user = { handle: 'ann', presence: null };
    const node = { name: 'Alone', members: { edges: [{ node: { user } }] } };
    expect(answer.data).toEqual({ viewer: { channels: { edges: [{ node }] } } });
    expect(
      await countOf(here, 'parley_operations_total{type="query",name="other",outcome="UNAVAILABLE"}'),
    ).toBe(1);
  });

  it('keeps no message back that somebody asks it along with', async () => {
    const { here, ann, channelId, stream } = await world();
    const message = mutations.sendMessage({ channelId, text: 'goes on', nonce: '1' });
    await doOverHttp<Sent>(here.httpUrl, ann, message);
    const { data } = await stream.next();
    expect(data).toMatchObject({
      data: { events: { message: { text: 'goes on', author: { handle: 'ann', presence: null } } } },
      errors: [{ extensions: { code: 'UNAVAILABLE' } }],
    });
  });
});
