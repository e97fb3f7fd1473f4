import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getOperationAST, type OperationDefinitionNode, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../../../prisma/package-root.ts';
import { password } from '../../../schema/test/world.ts';
import { openProductServer, type ProductServer } from '../attacks/product-server.ts';
import { openSse } from '../serving/sse-client.ts';
import { openAcknowledged } from '../serving/wire-client.ts';
import { type Known, madeUpVariables } from './made-up-variables.ts';

// The web demo asks by id: each of its documents must run on a server that has only those, over both ways in.

const path = join(packageRoot, 'web-demo', 'src', 'gql', 'persisted-documents.json');
const manifest = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(path, 'utf8')));
type Document = {
  readonly documentId: string;
  readonly name: string;
  readonly node: OperationDefinitionNode;
};
const documents = Object.entries(manifest).map(([documentId, text]): Document => {
  const node = getOperationAST(parse(text));
  if (!node?.name) throw new Error(`Not one operation with a name: ${text}`);
  return { documentId, name: node.name.value, node };
});

let opened: ProductServer;
beforeAll(async () => {
  opened = await openProductServer({}, { PERSISTED_DOCUMENTS: path, PERSISTED_ONLY: 'on' });
});
afterAll(() => opened.close());

const scene = `mutation ($id: ID!) {
  createGroup(input: { name: "Group", memberIds: [$id], nonce: "1" }) {
    ... on CreateGroupPayload { channel { id members { edges { node { id user { id } } } } } } } }`;
const sending = `mutation ($channelId: ID!) { sendMessage(input: { channelId: $channelId, text: "Hi", nonce: "2" }) {
  ... on SendMessagePayload { message { id channel { messages(last: 1) { pageInfo { endCursor } } } } } } }`;
type Group = {
  channel: { id: string; members: { edges: { node: { id: string; user: { id: string } } }[] } };
};
type Sent = { message: { id: string; channel: { messages: { pageInfo: { endCursor: string } } } } };

/** Somebody new in a group with somebody else and a message, with all that a document could want to name. */
async function somebody() {
  const { signUp, signIn } = opened.world;
  const [viewer, peer] = [await signUp(), await signUp()];
  const { device } = (await signIn(viewer.handle)).session;
  const { data } = await viewer.execute<{ createGroup: Group }>(scene, { id: peer.userId });
  const { channel } = data.createGroup;
  const said = await viewer.execute<{ sendMessage: Sent }>(sending, { channelId: channel.id });
  const { message } = said.data.sendMessage;
  const { syncCursor } = (await viewer.execute<{ syncCursor: string }>('{ syncCursor }')).data;
  const member = channel.members.edges.find(({ node }) => node.user.id === peer.userId);
  const { endCursor } = message.channel.messages.pageInfo;
  const { accessToken: token, refreshToken } = viewer.session;
  const known = {
    channelId: channel.id,
    messageId: message.id,
    memberId: member?.node.id,
    userId: peer.userId,
    deviceId: device.id,
    pushEndpointId: device.id,
    cursors: [syncCursor],
    after: endCursor,
    before: endCursor,
    handle: peer.handle,
    password,
    refreshToken,
  };
  return { token, known };
}

/** What `id` names depends on the field that it is given to. */
function knownFor({ node }: Document, known: Known & { readonly channelId: string }): Known {
  const [field] = node.selectionSet.selections.filter((one) => one.kind === 'Field').slice(-1);
  const ids: Known = { message: known.messageId, node: known.memberId, user: known.userId };
  return { ...known, id: ids[field?.name.value ?? ''] ?? known.channelId };
}

const isSubscription = ({ node }: Document) => node.operation === 'subscription';

describe('a document of the web demo', () => {
  it('is one of many', () => {
    expect(documents.length).toBeGreaterThan(30);
    expect(documents.filter(isSubscription).map(({ name }) => name)).toContain('Events');
  });

  it.for(documents.filter((document) => !isSubscription(document)).map((one) => [one.name, one] as const))(
    '%s runs over HTTP by its id, with nothing against it',
    async ([, document]) => {
      const { token, known } = await somebody();
      const variables = madeUpVariables(document.node, knownFor(document, known));
      const answer = await fetch(opened.server.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json',
          authorization: `Bearer ${token}`,
        },
        body: JSON.stringify({ documentId: document.documentId, variables }),
      });
      const { data, errors } = await answer.json();
      expect(errors).toBeUndefined();
      expect([answer.status, typeof data]).toEqual([200, 'object']);
    },
  );

  it.for(documents.filter(isSubscription).map((one) => [one.name, one] as const))(
    '%s streams over server-sent events by its id',
    async ([, document]) => {
      const { token, known } = await somebody();
      const variables = madeUpVariables(document.node, knownFor(document, known));
      const stream = await openSse(opened.server.url, { token, documentId: document.documentId, variables });
      expect(stream.response.status).toBe(200);
      await expect.poll(() => opened.server.counts.streams).toBe(1);
      expect(stream.text()).not.toContain('"errors"');
      stream.leave();
      await expect.poll(() => opened.server.counts.streams).toBe(0);
    },
  );

  it.for(documents.map((one) => [one.name, one] as const))(
    '%s runs over a socket by its id, without a text',
    async ([, document]) => {
      const { token, known } = await somebody();
      const { documentId } = document;
      const variables = madeUpVariables(document.node, knownFor(document, known));
      const client = await openAcknowledged(opened.server.socketUrl, token);
      // As the stock client sends it.
      client.send({
        id: 'a',
        type: 'subscribe',
        payload: { query: '', extensions: { documentId }, variables },
      });
      const answered = () => client.frames.length > 0 || opened.server.counts.operations === 1;
      await expect.poll(answered).toBe(true);
      if (isSubscription(document)) {
        // Whatever there is against it would have come before the answer to what is sent after it.
        client.send({ type: 'ping' });
        const frame = await client.next();
        expect(frame.type).toMatch(/^(next|pong)$/);
        expect(frame.payload ?? {}).not.toHaveProperty('errors');
      } else {
        const frame = await client.next();
        expect(frame).toMatchObject({ type: 'next', payload: { data: expect.anything() } });
        expect(frame.payload).not.toHaveProperty('errors');
      }
      await client.close();
      await expect.poll(() => opened.server.counts.operations).toBe(0);
    },
  );
});
