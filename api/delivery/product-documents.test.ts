import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { schema } from '../../schema/index.ts';
import { createDocumentCache } from '../document-cache.ts';
import { documents as ofClients } from '../test/clients/documents.ts';
import { sharePlanOf } from './share-plan.ts';

const documents = createDocumentCache({ schema, isIntrospectionOpen: true });

function planOf(text: string) {
  const found = documents.find(text);
  if (!('node' in found)) throw new Error(`Not a document of this schema: ${text}`);
  return sharePlanOf(schema, found);
}

const readme = readFileSync(`${import.meta.dirname}/../../README.md`, 'utf8');
const ofReadme = [...readme.matchAll(/```graphql\n(subscription[\s\S]*?)```/g)].map(([, text]) => text ?? '');

/** What a client of this product asks of events: everything but what concerns only one viewer. */
const wide = `subscription ($after: [Cursor!]) { events(after: $after) {
  __typename eventId cursor at
  ... on ChannelEvent { channelId channel { id kind name topic memberCount lastNumber createdAt historyVisibility } }
  ... on MessageSent { messageId message { id number revision text nonce createdAt editedAt deletedAt
    channel { id name } author { id handle displayName colour } } }
  ... on MessageEdited { messageId message { id revision text } }
  ... on MessageDeleted { messageId message { id revision deletedAt } by { id } revision }
  ... on PositionsChanged { members { id readNumber deliveredNumber role user { id handle } } }
  ... on MemberAdded { memberId member { id role joinedAt readNumber user { id handle } } by { id } }
  ... on MemberRemoved { memberId user { id } by { id } }
  ... on SyncReset { reason } ... on ViewerReset { reason }
} }`;

describe('a document of an everyday client', () => {
  it('is executed once for all, as the README has it', () => {
    expect(ofReadme).toHaveLength(1);
    for (const text of ofReadme) expect(planOf(text)).toEqual({ variesByAuthor: false, variableNames: [] });
  });

  it('is executed once for all with everything that is the same for all, and the nonce for its author', () => {
    expect(planOf(wide)).toEqual({ variesByAuthor: true, variableNames: [] });
  });

  it('is executed once for all also when it asks much of what only one viewer gets', () => {
    const own = `viewerState { isMuted member { role } } viewerCan { send { isAllowed } } directPeer { id }`;
    const text = `subscription { events { __typename cursor ... on MessageSent { message { text } }
      ... on ViewerChannelChanged { channel { id ${own} lastMessage { text } } }
      ... on ContactChanged { userId user { id viewerContact viewerCan { id requestContact { isAllowed } } } }
      ... on ViewerChanged { viewer { user { displayName } settings { isInvisible } devices { id } } } } }`;
    expect(planOf(text)).toEqual({ variesByAuthor: false, variableNames: [] });
    expect(planOf(text.replace('message { text }', `channel { ${own} }`))).toBeUndefined();
  });

  it.for(['events', 'counts'] as const)(
    'is executed once for all, as the page for clients has it: %s',
    (name) => {
      expect(planOf(ofClients[name])).toEqual({ variesByAuthor: false, variableNames: [] });
    },
  );

  it('is executed once for all with counts of the viewer in what only the viewer gets, and for each in anything else', () => {
    const counts = `channel { id viewerState { id unreadCount countedToNumber countedToRevision isMarkedUnread
      readByAllNumber deliveredToAllNumber member { readNumber } } }`;
    const plan = (type: string) =>
      planOf(`subscription { events { __typename ... on ${type} { ${counts} } } }`);
    for (const type of ['ViewerChannelChanged', 'SyncReset'])
      expect(plan(type), type).toEqual({ variesByAuthor: false, variableNames: [] });
    for (const type of ['MessageSent', 'MessageDeleted', 'PositionsChanged', 'MemberAdded', 'ChannelEvent'])
      expect(plan(type), type).toBeUndefined();
  });

  it('is executed once for all who are told that somebody writes, and for each who is told that somebody is there', () => {
    const typing = `subscription ($ids: [ID!]!) { typing(channelIds: $ids) {
      channelId channel { id name } user { id displayName } isTyping validUntil } }`;
    expect(planOf(typing)).toEqual({ variesByAuthor: false, variableNames: [] });
    const presence = 'presence { id state lastSeenAt validUntil at }';
    expect(planOf(typing.replace('displayName', presence))).toBeUndefined();
    const watching = `subscription ($ids: [ID!]!) { presence(userIds: $ids) { user { id ${presence} } } }`;
    expect(planOf(watching)).toBeUndefined();
  });

  it('serves messageAdded as well', () => {
    const text =
      'subscription ($id: ID!) { messageAdded(channelId: $id) { number text author { displayName } } }';
    expect(planOf(text)).toEqual({ variesByAuthor: false, variableNames: [] });
  });

  it.for([
    'replyToNumber replyTo { id replyToNumber text author { displayName } channel { name } }',
    'nonce replyTo { ...M }',
  ])('is executed once for all with `message { %s }`', (fields) => {
    const text = `subscription { events { ... on MessageSent { message { ${fields} } } } }`;
    const isSplit = fields.includes('...M');
    expect(planOf(isSplit ? `${text} fragment M on Message { text }` : text)).toEqual({
      variesByAuthor: isSplit,
      variableNames: [],
    });
  });

  it.for([
    ['what an answered message answers', 'replyTo { replyTo { id } }', ''],
    ['what the author of the answered one alone sees', 'replyTo { nonce }', ''],
    [
      'the same by a fragment that is used on both sides',
      '...M replyTo { ...M }',
      'fragment M on Message { nonce }',
    ],
    ['the same of two replies', '...M replyTo { ...M }', 'fragment M on Message { replyTo { id } }'],
    ['what the viewer may do with it', 'viewerCan { id }', ''],
  ] as const)('is executed for each viewer when it asks for %s', ([, fields, fragment]) => {
    const text = `subscription { events { ... on MessageSent { message { ${fields} } } } } ${fragment}`;
    expect(planOf(text)).toBeUndefined();
  });

  it.for(['viewerContact', 'viewerCan { id }', 'presence { state }'])(
    'is executed for each viewer when it asks a person for %s',
    (field) => {
      const ways = [
        `... on MessageSent { message { author { ${field} } } }`,
        `... on MessageSent { message { replyTo { author { ${field} } } } }`,
        `... on MemberAdded { member { user { ${field} } } }`,
        `... on ChannelUpdated { by { ${field} } }`,
      ];
      for (const way of ways)
        expect(planOf(`subscription { events { __typename ${way} } }`), way).toBeUndefined();
    },
  );

  it.for([
    'viewerState { id }',
    'lastMessage { id }',
    'messages(last: 1) { edges { node { id } } }',
    'members { edges { node { id } } }',
  ])('is executed for each viewer when it asks for `channel { %s }`', (field) => {
    expect(
      planOf(`subscription { events { ... on ChannelEvent { channel { ${field} } } } }`),
    ).toBeUndefined();
  });
});
