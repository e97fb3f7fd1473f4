import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { documentIdOf } from '../../manifest.ts';
import { openProductServer, type ProductServer } from '../attacks/product-server.ts';
import { askOverSocket, closeClient, openStockClient } from '../client/stock-client.ts';
import { type ManifestFile, writeManifest } from '../serving/manifest-file.ts';
import { askById, subscribeById } from './by-id.ts';
import { documents, type EventsData, type SignInData } from './documents.ts';

let file: ManifestFile;
let opened: ProductServer;
beforeAll(async () => {
  file = await writeManifest(Object.values(documents));
  opened = await openProductServer({}, { PERSISTED_DOCUMENTS: file.path, PERSISTED_ONLY: 'on' });
});
afterAll(async () => {
  await opened.close();
  await file.remove();
});

const device = { label: 'Firefox', platform: 'WEB' };
const signInAs = async (handle: string) => {
  await opened.world.signUp(handle);
  const input = { handle, password: 'correct horse battery staple', device };
  const { data } = await askById<SignInData>(opened.server.url, {
    documentId: documentIdOf(documents.signIn),
    variables: { input },
  });
  if (data?.signIn.__typename !== 'SignInPayload') throw new Error('Not signed in.');
  return data.signIn.session.accessToken;
};

describe('a client that knows its documents by their ids only', () => {
  it('is answered over HTTP', async () => {
    const token = await signInAs('ann');
    const answer = await askById(opened.server.url, { documentId: documentIdOf(documents.channels), token });
    expect(answer).toMatchObject({ data: { viewer: { channels: { edges: [] } } } });
    expect(await askById(opened.server.url, { documentId: documentIdOf('{ a }'), token })).toMatchObject({
      errors: [{ extensions: { code: 'PERSISTED_DOCUMENT_NOT_FOUND' } }],
    });
  });

  it('is answered over the socket of the stock client, which sends a member that it does not know as well', async () => {
    const token = await signInAs('bob');
    const client = openStockClient({ socketUrl: opened.server.socketUrl, token: () => token });
    onTestFinished(() => closeClient(client));
    const caughtUp = new Promise<EventsData | null | undefined>((resolve, reject) => {
      const sink = { next: ({ data }: { data?: EventsData | null }) => resolve(data), error: reject };
      const documentId = documentIdOf(documents.events);
      subscribeById<EventsData>(
        client,
        { documentId, variables: { after: [] } },
        { ...sink, complete: reject },
      );
    });
    expect(await caughtUp).toMatchObject({ events: { __typename: 'CaughtUp' } });
    const payload = { query: '', documentId: documentIdOf(documents.channels) };
    expect(await askOverSocket(client, payload)).toMatchObject({
      data: { viewer: { channels: { edges: [] } } },
    });
    expect(await askOverSocket(client, { query: '{ server { version } }' })).toMatchObject({
      errors: [{ extensions: { code: 'PERSISTED_DOCUMENT_NOT_FOUND' } }],
    });
    expect(await askOverSocket(client, payload)).toHaveProperty('data');
  });
});
