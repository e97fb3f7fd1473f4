import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readKeyspace } from '../../../prisma/cassandra-claim.ts';
import { connectCassandra, openCassandra } from '../../../prisma/open-cassandra.ts';
import { read } from '../client/ask.ts';
import { createGroup, type SignedIn, signUp } from '../client/people.ts';
import { type CassandraServer, missingCassandra, startCassandra } from '../engines/cassandra.ts';
import { restoreSnapshot } from '../engines/cassandra-snapshot.ts';
import { requires } from '../requirements.ts';
import { done, openFolder } from './operator.ts';
import { doOverHttp, mutations, type Sent } from './talk.ts';

// What an operator does whose messages are in Cassandra: the file has the rest, and belongs to one state of them.

const isThere = requires('cassandra', missingCassandra);
let server: CassandraServer;
beforeAll(async () => {
  if (isThere) server = await startCassandra({ withNodetool: true });
}, 150_000);
afterAll(() => server?.close());

type Channel = { readonly messages: { readonly edges: readonly { readonly node: { text: string } }[] } };
const history = `query History($id: ID!) { channel(id: $id) { messages(last: 50) { edges { node { text } } } } }`;

async function textsIn(httpUrl: string, who: SignedIn, id: string): Promise<string[]> {
  const variables = { id };
  const token = who.session.accessToken;
  const { channel } = await read<{ readonly channel: Channel }>(httpUrl, {
    query: history,
    variables,
    token,
  });
  return channel.messages.edges.map(({ node }) => node.text);
}

type In = { readonly httpUrl: string; readonly channelId: string };
const send = ({ httpUrl, channelId }: In, who: SignedIn, text: string) =>
  doOverHttp<Sent>(httpUrl, who, mutations.sendMessage({ channelId, text, nonce: text }));

const placeOf = (keyspace: string) => ({
  ...{ contactPoints: [server.contactPoint], datacenter: 'datacenter1', keyspace },
});

async function installationIn(keyspace: string): Promise<string> {
  const client = await connectCassandra(placeOf(keyspace));
  const { installation = '' } = (await readKeyspace(client)) ?? {};
  await client.shutdown();
  return installation;
}

const keyspace = 'kept';

/** Ann has said something, and a server runs. */
async function world() {
  const folder = await openFolder();
  const settings = { CASSANDRA_CONTACT_POINTS: server.contactPoint, CASSANDRA_KEYSPACE: keyspace };
  const first = await folder.start(settings);
  const ann = await signUp(first.httpUrl, 'ann');
  const channelId = await createGroup(first.httpUrl, ann, { name: 'One', members: [] });
  const here = { httpUrl: first.httpUrl, channelId };
  await send(here, ann, 'one');
  const file = join(folder.path, 'kept.backup.gz');
  /** Exit code and words of a command. */
  const tried = async (script: 'backup' | 'restore', given = {}) => {
    const { code, stderr } = await folder.run(script, [file], { settings: given });
    return [code, stderr];
  };
  return { folder, settings, first, ann, here, file, tried };
}
type World = Awaited<ReturnType<typeof world>>;

const refusal = (words: string) => [1, expect.stringContaining(words)];

/** As docs/operations.md says it. Returns the name of the snapshot. */
async function backUp({ folder, settings, first, file, tried }: World): Promise<string> {
  expect(await tried('backup', settings)).toEqual(refusal('stop all of them until'));
  await first.stop();
  expect(await tried('backup')).toEqual(refusal('are in Cassandra: set'));
  const said = await done(folder.run('backup', [file], { settings }));
  const [, mark = ''] =
    /No messages are in it: .*`nodetool snapshot -t ([0-9a-f-]{36}) kept`/.exec(said) ?? [];
  await server.nodetool('snapshot', '-t', mark, keyspace);
  return mark;
}

describe('a backup of a server whose messages are in Cassandra', { timeout: 300_000 }, () => {
  it('is of the moment of a snapshot, and comes back with that and with nothing else', async () => {
    const all = await world();
    const { folder, settings, ann, here, file, tried } = all;
    const mark = await backUp(all);

    // From then on there are messages of which the file knows nothing.
    const second = await folder.start(settings);
    await send(here, ann, 'two');
    await second.stop();
    expect(await tried('restore', settings)).toEqual(refusal('does not have the messages'));
    expect(await tried('restore')).toEqual(refusal('are in Cassandra: restore'));

    const client = await connectCassandra(placeOf(keyspace));
    await restoreSnapshot(server, client, { name: mark, from: keyspace, to: 'again' });
    await client.shutdown();
    const restored = { ...settings, CASSANDRA_KEYSPACE: 'again' };
    await done(folder.run('restore', [file, '--keep-sessions'], { settings: restored }));
    const third = await folder.start(restored);
    expect(await textsIn(here.httpUrl, ann, here.channelId)).toEqual(['one']);
    await send(here, ann, 'another two');
    expect(await textsIn(here.httpUrl, ann, here.channelId)).toEqual(['one', 'another two']);
    await third.stop();
    // Neither with the messages of before, nor the other way round.
    await expect(folder.start(settings)).rejects.toThrow(
      /The database is of epoch \d{2,}, and .* of epoch 1:/,
    );
    const old = { ...placeOf('again'), installation: await installationIn('again'), epoch: 1 };
    await expect(openCassandra(old)).rejects.toThrow(/The database is of epoch 1, and .* of epoch \d{2,}:/);
  });
});
