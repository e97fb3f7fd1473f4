import {
  type GraphQLNamedType,
  isAbstractType,
  isObjectType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { expect, it } from 'vitest';
import { schema } from '../../../schema/index.ts';
import { eventsDocument, everything } from './syncing-client.ts';

/** What the clients of `converging.test.ts` do not hold, and why nothing could be shown by it. */
const leftOut: Readonly<Record<string, readonly string[]>> = {
  'a place in a list, which changes with the list': [
    ...['Channel', 'Contact', 'ContactRequest', 'BlockedUser', 'Member', 'Message'].flatMap((list) => [
      `${list}Connection.pageInfo`,
      `${list}Edge.cursor`,
    ]),
  ],
  'said once, when the thing is made': [
    ...['Channel.createdAt', 'Message.createdAt', 'Message.nonce', 'Message.channel', 'Viewer.id'],
    ...['ContactEdge.since', 'ContactRequestEdge.requestedAt', 'BlockedUserEdge.blockedAt'],
  ],
  'of the event, not of what it changes': [
    ...['CaughtUp', 'ChannelUpdated', 'Checkpoint', 'ContactChanged', 'MemberAdded', 'MemberRemoved'],
    ...['MemberRoleChanged', 'MessageDeleted', 'MessageEdited', 'MessageSent', 'PositionsChanged'],
    ...['SyncReset', 'ViewerChanged', 'ViewerChannelChanged', 'ViewerReset'],
  ]
    .map((type) => `${type}.at`)
    .concat(
      ['ChannelUpdated', 'MemberAdded', 'MemberRemoved', 'MemberRoleChanged', 'MessageDeleted'].map(
        (type) => `${type}.by`,
      ),
      ['MessageSent', 'MessageEdited', 'MessageDeleted'].map((type) => `${type}.messageId`),
      ['SyncReset.reason', 'ViewerReset.reason'],
    ),
  'another way to the same': [
    ...['changes', 'channel', 'message', 'node', 'nodes', 'user'].map((field) => `Query.${field}`),
    ...['Channel.messagesAround', 'Subscription.messageAdded'],
  ],
  'asked for when it is wanted; nobody is told of it': [
    'Query.searchUsers',
    'Query.server',
    'Message.notificationDecision',
    'Query.simulateNotification',
    'Device.lastActiveAt',
  ],
  'a state with an expiry, told by a subscription of its own (test/presence)': [
    ...['User.presence', 'Subscription.presence', 'Subscription.typing'],
  ],
  'changes with a block, of which the other side is told nothing': ['User.viewerCan'],
  'words for the code beside it': ['Verdict.explanation', 'Verdict.until'],
};

/** Every field that these documents select, of every type that it may be a field of. */
function selectedIn(documents: readonly string[]): Set<string> {
  const selected = new Set<string>();
  for (const document of documents) {
    const info = new TypeInfo(schema);
    const enter = () => {
      const [type, field] = [info.getParentType(), info.getFieldDef()];
      if (!type || !field) return;
      const types: readonly GraphQLNamedType[] = isAbstractType(type)
        ? schema.getPossibleTypes(type)
        : [type];
      for (const { name } of types) selected.add(`${name}.${field.name}`);
    };
    visit(parse(document), visitWithTypeInfo(info, { Field: enter }));
  }
  return selected;
}

it('clients that converge hold every field that they come by, but for those that are left out with a reason', () => {
  const selected = selectedIn([`{ syncCursor ${everything} }`, eventsDocument]);
  const types = new Set([...selected].map((coordinate) => coordinate.split('.')[0] ?? ''));
  const missing = [...types].flatMap((name) => {
    const type = schema.getType(name);
    const fields = isObjectType(type) ? Object.keys(type.getFields()) : [];
    return fields.map((field) => `${name}.${field}`).filter((coordinate) => !selected.has(coordinate));
  });
  expect(missing.sort()).toEqual(Object.values(leftOut).flat().sort());
});
