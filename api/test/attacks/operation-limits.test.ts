import { afterEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../../schema/ports/clock.manual.ts';
import { upTo } from '../../../schema/ports/random.contract.ts';
import type { RateLimits } from '../../../schema/rate-limits.ts';
import type { Person } from '../../../schema/test/world.ts';
import { clientOf } from '../product/talker.ts';
import { openAcknowledged, subscribeFrame } from '../serving/wire-client.ts';
import { openWorld } from '../world.ts';
import { openProductServer } from './product-server.ts';

// Everything that somebody asks is counted by its fields, wherever it comes from and in how many requests, and what they do also by itself.

const start = Date.UTC(2030, 0, 1);
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function openLimited(rateLimits: Partial<RateLimits>) {
  const clock = createManualClock(start);
  const world = await openWorld({ clock, rateLimits });
  closers.push(world.close);
  const [ada, ben] = [await world.signUp('ada'), await world.signUp('ben')];
  /** As a server sees them: from an address. */
  const from = ({ viewer }: Person, address: string) => clientOf(world.viewerAt(address, viewer));
  return {
    ...{ world, clock },
    limited: from(ada, '192.0.2.7'),
    elsewhere: from(ada, '198.51.100.9'),
    other: from(ben, '192.0.2.7'),
  };
}

const until = (ms: number) => new Date(start + ms).toISOString();
const refused = { __typename: 'Denied', code: 'RATE_LIMITED' };
const own = '{ viewer { id user { id handle } } }';

describe('Q3: asking very much, in whatever pieces', () => {
  it('is counted by fields, not by requests, over all addresses of a person, until the minute is over', async () => {
    const { limited, elsewhere, other, clock } = await openLimited({ fieldsPerMinute: 40 });
    const codes = async (asker: typeof limited, document: string) =>
      (await asker.execute(document)).errors?.map(({ extensions }) => extensions);
    expect(
      await codes(
        limited,
        `{ ${upTo(6)
          .map((n) => `a${n}: viewer { id }`)
          .join(' ')} }`,
      ),
    ).toBeUndefined();
    expect(
      await codes(elsewhere, `{ viewer { channels(first: 20) { edges { node { id } } } } }`),
    ).toMatchObject([{ code: 'RATE_LIMITED', retryAfterMs: 60_000 }]);
    await clock.advance(20_000);
    // What was refused took nothing: something small still fits.
    expect(await codes(limited, own)).toBeUndefined();
    expect(await codes(other, own)).toBeUndefined();
    for (const _ of upTo(10)) await limited.execute(own);
    expect(await codes(limited, own)).toMatchObject([{ code: 'RATE_LIMITED', retryAfterMs: 40_000 }]);
    await clock.advance(40_000);
    expect(await codes(limited, own)).toBeUndefined();
  });

  it('is refused to who is nobody by where they come from, and to nobody else', async () => {
    const { world, limited } = await openLimited({ fieldsPerMinutePerAddress: 6 });
    const ask = async (address: string) =>
      (await world.strangerAt(address).execute('{ server { version featureLevel } }')).errors?.[0]?.extensions
        .code;
    expect(await ask('192.0.2.7')).toBeUndefined();
    expect(await ask('192.0.2.7')).toBeUndefined();
    expect(await ask('192.0.2.7')).toBe('RATE_LIMITED');
    expect(await ask('192.0.2.8')).toBeUndefined();
    expect((await limited.execute(own)).errors).toBeUndefined();
  });

  it('opens no stream, either', async () => {
    const { limited } = await openLimited({ fieldsPerMinute: 3 });
    await expect(
      limited.subscribe('subscription { events { eventId cursor at __typename } }'),
    ).rejects.toMatchObject({
      extensions: { code: 'RATE_LIMITED' },
    });
  });
});

describe('Q3, A10: doing very much', () => {
  it('is a refusal that says until when, of messages in all channels together; one sent before answers as it did', async () => {
    const { limited, clock } = await openLimited({ messagesPerMinute: 2 });
    const [one, two] = [await limited.createGroup([]), await limited.createGroup([])];
    const first = await limited.send(one.channel.id, 'a', 'first');
    await clock.advance(10_000);
    await limited.send(two.channel.id, 'b', 'second');
    expect(await limited.send(one.channel.id, 'c', 'third')).toMatchObject({
      ...refused,
      until: until(60_000),
    });
    expect(await limited.send(one.channel.id, 'a', 'first')).toMatchObject({
      message: { id: first.message.id },
      deduplicated: true,
    });
    await clock.advance(50_000);
    expect(await limited.send(one.channel.id, 'c', 'third')).toMatchObject({ deduplicated: false });
  });

  it('refuses every mutation by itself, and each of several in one request', async () => {
    const { limited } = await openLimited({ changesPerMinute: 2 });
    const { channel } = await limited.createGroup([]);
    for (const _ of upTo(2)) expect(await limited.mute(channel.id)).not.toMatchObject(refused);
    expect(await limited.mute(channel.id)).toMatchObject({ ...refused, until: until(60_000) });
    expect(await limited.archive(channel.id)).not.toMatchObject(refused);
    const input = JSON.stringify({ channelId: channel.id }).replaceAll(/"(\w+)":/g, '$1:');
    const { data } = await limited.execute(
      `mutation { ${upTo(3)
        .map((n) => `a${n}: unarchiveChannel(input: ${input}) { __typename }`)
        .join(' ')} }`,
    );
    expect(Object.values(Object(data)).map((result) => Object(result).__typename)).toEqual([
      'UnarchiveChannelPayload',
      'UnarchiveChannelPayload',
      'Denied',
    ]);
  });

  it('takes none of what somebody may do for what is refused because it asks for too much', async () => {
    const { world, limited } = await openLimited({ fieldsPerMinute: 3_000, peoplePerHour: 3 });
    const memberIds = (await Promise.all(upTo(3).map(() => world.signUp()))).map(({ userId }) => userId);
    const members = upTo(10).map(
      (n) => `a${n}: members(first: 100) { edges { node { id user { id handle } } } }`,
    );
    const input = `{ name: "Crowd", nonce: "one", memberIds: ${JSON.stringify(memberIds)} }`;
    const asked = `mutation { createGroup(input: ${input}) {
      __typename ... on CreateGroupPayload { channel { ${members.join(' ')} } } } }`;
    expect(await limited.execute(asked)).toMatchObject({ data: { createGroup: { __typename: 'Denied' } } });
    expect(await limited.createGroup(memberIds, { nonce: 'one' })).toMatchObject({ deduplicated: false });
  });

  it('counts people, not calls, where somebody turns to people; a group that was made answers as it did', async () => {
    const { world, limited, clock } = await openLimited({ peoplePerHour: 5 });
    const crowd = await Promise.all(upTo(5).map(() => world.signUp()));
    const ids = crowd.map(({ userId }) => userId);
    const made = await limited.createGroup(ids.slice(0, 4), { nonce: 'one' });
    expect(await limited.createGroup(ids.slice(0, 2), { nonce: 'two' })).toMatchObject({
      ...refused,
      until: until(3_600_000),
    });
    expect(await limited.createGroup(ids.slice(0, 4), { nonce: 'one' })).toMatchObject({
      channel: { id: made.channel.id },
      deduplicated: true,
    });
    expect(await limited.openDirect(ids[4] ?? '')).toMatchObject({ channel: { kind: 'DIRECT' } });
    expect(await limited.add(made.channel.id, ids[4] ?? '')).toMatchObject(refused);
    await clock.advance(3_600_000);
    expect(await limited.add(made.channel.id, ids[4] ?? '')).toMatchObject({ notAdded: [] });
  });
});

describe('Q3: what is left', () => {
  it('stands beside every answer over HTTP, and beside none on a socket', async () => {
    const serving = await openProductServer(
      {},
      {},
      { rateLimits: { fieldsPerMinute: 1_000, fieldsPerMinutePerAddress: 10 } },
    );
    closers.push(serving.close);
    const ada = await serving.world.signUp('ada');
    const post = async (query: string, token?: string) => {
      const headers = new Headers({ 'content-type': 'application/json' });
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
      const answer = await fetch(serving.server.url, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query }),
      });
      return JSON.parse(await answer.text());
    };
    const { accessToken } = ada.session;
    const first = await post('{ viewer { id } }', accessToken);
    expect(first.extensions.rateLimit).toMatchObject({ bucket: 'fields', cost: 2, remaining: 998 });
    expect(Date.parse(first.extensions.rateLimit.resetAt) - Date.now()).toBeGreaterThan(50_000);
    const changed = await post(
      'mutation { updateProfile(input: { displayName: "Ada" }) { __typename } }',
      accessToken,
    );
    expect(changed.extensions.rateLimit).toMatchObject({ bucket: 'fields', remaining: 996 });
    const stranger = await post('{ server { version } }');
    expect(stranger.extensions.rateLimit).toMatchObject({ bucket: 'fields-of-address', remaining: 8 });
    await post('{ server { version limits { pageSize bytesPerMessage operationsPerSocket } } }');
    expect(
      await post('{ server { version limits { pageSize bytesPerMessage operationsPerSocket } } }'),
    ).toMatchObject({
      errors: [{ extensions: { code: 'RATE_LIMITED' } }],
      extensions: { rateLimit: { bucket: 'fields-of-address' } },
    });
    const socket = await openAcknowledged(serving.server.socketUrl, accessToken);
    socket.send(subscribeFrame('a', '{ viewer { id } }'));
    const { payload } = await socket.next();
    await socket.close();
    expect(payload).not.toHaveProperty('extensions');
  });
});
