import {
  GraphQLBoolean,
  GraphQLError,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql';
import { chatError } from '../../../schema/errors.ts';
import { type UserId, userIdOf } from '../../../schema/ids.ts';
import type { Scope } from '../../../schema/scope.ts';
import type { Delivery, LogDelivery } from '../../../schema/stream/delivery.ts';
import type { StoredMessage } from '../../../schema/stream/event.ts';
import { viewerIs } from '../../../schema/viewer-is.ts';
import type { Feed } from './feed.ts';

/** What a test sees of the resolvers. */
export type SchemaWatch = {
  /** Times a message was resolved: an execution of an event. */
  executions: number;
  /** Scopes that resolvers got, in order. */
  readonly scopes: Scope[];
  /** Resolves the field `gate` of whoever waits there. */
  readonly gates: Set<() => void>;
  /** Aborted signals of operations that were given up. */
  given: number;
  /** What the mutation `say` was given. */
  readonly said: string[];
};

const text = new GraphQLNonNull(GraphQLString);
const sameForAll = { sameForAll: true };
const broken = new Error('connect ECONNREFUSED while SELECT password_hash FROM account');

const UserType = new GraphQLObjectType<UserId, Scope>({
  name: 'User',
  fields: { id: { type: new GraphQLNonNull(GraphQLID), extensions: sameForAll, resolve: (id) => id } },
});

const messageFields = (watch: SchemaWatch): GraphQLFieldConfigMap<StoredMessage, Scope> => ({
  number: {
    type: new GraphQLNonNull(GraphQLInt),
    extensions: sameForAll,
    resolve({ number }, _, scope) {
      watch.executions += 1;
      watch.scopes.push(scope);
      return number;
    },
  },
  text: {
    type: GraphQLString,
    extensions: sameForAll,
    args: { upTo: { type: GraphQLInt } },
    resolve: (message, { upTo }) => message.text?.slice(0, upTo ?? undefined),
  },
  author: { type: UserType, extensions: sameForAll, resolve: ({ authorId }) => authorId },
  nonce: {
    type: GraphQLString,
    extensions: { variesBy: 'author' },
    resolve: ({ nonce, authorId }, _, scope) => (viewerIs(scope, authorId) ? nonce : null),
  },
  /** Not marked: different for everybody. */
  isMine: {
    type: GraphQLBoolean,
    resolve: ({ authorId }, _, scope) => scope.viewer?.id === authorId,
  },
  /** Marked by mistake: it looks at the viewer. */
  leak: { type: GraphQLString, extensions: sameForAll, resolve: (_, __, scope) => scope.viewer?.id },
  /** Marked by mistake: it asks about somebody who is not the author. */
  slyLeak: {
    type: GraphQLBoolean,
    extensions: { variesBy: 'author' },
    resolve: (_, __, scope) => viewerIs(scope, `usr9` as UserId),
  },
  broken: {
    type: GraphQLString,
    extensions: sameForAll,
    resolve() {
      throw broken;
    },
  },
});

/** Every message answers one of somebody whom nobody asked about, as long as its text. */
const answered: Omit<GraphQLFieldConfig<StoredMessage, Scope>, 'type'> = {
  extensions: { sameForAll: 'once' },
  resolve: (message) => ({ ...message, authorId: userIdOf(9n), number: message.number + 100 }),
};

function eventTypes(watch: SchemaWatch) {
  const fields = {
    eventId: { type: new GraphQLNonNull(GraphQLID), extensions: sameForAll },
    cursor: { type: text, extensions: sameForAll },
  };
  const MessageType: GraphQLObjectType<StoredMessage, Scope> = new GraphQLObjectType({
    name: 'Message',
    fields: () => ({ ...messageFields(watch), answered: { ...answered, type: MessageType } }),
  });
  const ChatEvent = new GraphQLInterfaceType({
    name: 'ChatEvent',
    fields,
    resolveType: (delivery: Delivery) => (delivery.type === 'log' ? 'MessageSent' : 'Checkpoint'),
  });
  const message = {
    type: MessageType,
    extensions: sameForAll,
    resolve: ({ event }: LogDelivery) => event.message,
  };
  const MessageSent = new GraphQLObjectType({
    name: 'MessageSent',
    interfaces: [ChatEvent],
    fields: { ...fields, message },
  });
  const Checkpoint = new GraphQLObjectType({ name: 'Checkpoint', interfaces: [ChatEvent], fields });
  return { ChatEvent, types: [MessageSent, Checkpoint] };
}

function subscriptionType(feed: Feed, watch: SchemaWatch, ChatEvent: GraphQLInterfaceType) {
  const resolve = (delivery: Delivery) => delivery;
  return new GraphQLObjectType<Delivery, Scope>({
    name: 'Subscription',
    fields: {
      events: {
        type: new GraphQLNonNull(ChatEvent),
        args: { after: { type: new GraphQLList(text) } },
        subscribe(_, __, scope) {
          watch.scopes.push(scope);
          return feed.open();
        },
        resolve,
      },
      refused: {
        type: ChatEvent,
        subscribe: () => Promise.reject(chatError('FORBIDDEN')),
        resolve,
      },
      /** Stuck before it has begun, until its asker is gone. */
      stuck: {
        type: ChatEvent,
        subscribe: (_, __, { signal }) =>
          new Promise((resolveStuck) => {
            signal?.addEventListener('abort', () => {
              watch.given += 1;
              resolveStuck(feed.open());
            });
          }),
        resolve,
      },
    },
  });
}

/** As deep as anybody wants. */
const DeepType: GraphQLObjectType = new GraphQLObjectType({
  name: 'Deep',
  fields: () => ({
    deep: { type: DeepType, resolve: () => ({}) },
    hello: { type: text, resolve: () => 'world' },
  }),
});

const queryFields = (watch: SchemaWatch): GraphQLFieldConfigMap<undefined, Scope> => ({
  hello: { type: text, resolve: () => 'world' },
  echo: { type: GraphQLString, args: { text: { type: text } }, resolve: (_, args) => args.text },
  viewerId: { type: GraphQLID, resolve: (_, __, { viewer }) => viewer?.id },
  large: {
    type: text,
    args: { size: { type: new GraphQLNonNull(GraphQLInt) } },
    resolve: (_, { size }) => 'x'.repeat(size),
  },
  deep: { type: DeepType, resolve: () => ({}) },
  gate: {
    type: text,
    resolve: () => new Promise((resolve) => watch.gates.add(() => resolve('open'))),
  },
  ours: {
    type: GraphQLString,
    resolve() {
      throw chatError('NOT_FOUND');
    },
  },
  broken: {
    type: GraphQLString,
    resolve() {
      throw broken;
    },
  },
  /** A code that is not in the catalogue, and one that is, on something that is not ours. */
  foreignCode: {
    type: GraphQLString,
    resolve() {
      throw new GraphQLError('relation "account" does not exist', { extensions: { code: '42P01' } });
    },
  },
  borrowedCode: {
    type: GraphQLString,
    resolve() {
      throw Object.assign(new Error('a secret'), { extensions: { code: 'FORBIDDEN' } });
    },
  },
  unserialisable: { type: new GraphQLScalarType({ name: 'Big' }), resolve: () => 1n },
});

const SecretInput = new GraphQLInputObjectType({ name: 'SignInInput', fields: { password: { type: text } } });

/** A schema with one field for each thing that may happen to an operation, over a feed that the test fills. */
export function createSmallSchema(feed: Feed): {
  readonly schema: GraphQLSchema;
  readonly watch: SchemaWatch;
} {
  const watch: SchemaWatch = { executions: 0, scopes: [], gates: new Set(), given: 0, said: [] };
  const { ChatEvent, types } = eventTypes(watch);
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: queryFields(watch) }),
    mutation: new GraphQLObjectType({
      name: 'Mutation',
      fields: {
        say: {
          type: text,
          args: { text: { type: text } },
          resolve(_, args) {
            watch.said.push(args.text);
            return args.text;
          },
        },
        signIn: {
          type: text,
          args: { input: { type: new GraphQLNonNull(SecretInput) } },
          resolve: (_, __, { viewer }: Scope) => viewer?.id ?? 'nobody',
        },
      },
    }),
    subscription: subscriptionType(feed, watch, ChatEvent),
    types,
  });
  return { schema, watch };
}
