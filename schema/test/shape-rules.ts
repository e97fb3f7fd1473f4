import {
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { type Field, fieldsOf, outputsOf, ownTypes, type SchemaRule } from './schema-rule.ts';

const upperFirst = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
const hasId = (type: GraphQLNamedType) =>
  fieldsOf(type).some(({ name, type: id }) => name === 'id' && String(id) === 'ID!');

/** Where a slot of one name was seen first, with its type. */
type Seen = Map<string, { readonly at: string; readonly type: string }>;
function clash(seen: Seen, key: string, found: { readonly at: string; readonly type: string }): string[] {
  const first = seen.get(key);
  if (first === undefined) seen.set(key, found);
  return first === undefined || first.type === found.type
    ? []
    : [`${found.at} is ${found.type}, but ${first.at} is ${first.type}`];
}

/**
 * What has to be the same: nullability, lists, and the type of a leaf. Two objects at one place may be of different types, as
 * long as what can be selected below them fits in turn.
 */
const shapeOf = (type: GraphQLOutputType) =>
  isCompositeType(getNamedType(type)) ? String(type).replace(/\w+/, 'an object') : String(type);

const objectsBehind = (schema: GraphQLSchema, type: GraphQLNamedType): readonly GraphQLNamedType[] =>
  isAbstractType(type) ? schema.getPossibleTypes(type) : isObjectType(type) ? [type] : [];

/** Types that can stand at one place of a document. `done` holds the groups that were looked at. */
function* clashesIn(
  schema: GraphQLSchema,
  types: readonly GraphQLNamedType[],
  done: Set<string>,
): Iterable<string> {
  const group = types.map(({ name }) => name).join();
  if (done.has(group)) return;
  done.add(group);
  const seen: Seen = new Map();
  const below = new Map<string, Set<GraphQLNamedType>>();
  for (const type of types)
    for (const field of fieldsOf(type)) {
      const at = `${type.name}.${field.name}`;
      yield* clash(seen, field.name, { at, type: shapeOf(field.type) });
      for (const arg of field.args)
        yield* clash(seen, `${field.name}(${arg.name}:)`, {
          at: `${at}(${arg.name}:)`,
          type: String(arg.type),
        });
      const objects = below.get(field.name) ?? new Set();
      for (const object of objectsBehind(schema, getNamedType(field.type))) objects.add(object);
      below.set(field.name, objects);
    }
  for (const objects of below.values()) if (objects.size > 1) yield* clashesIn(schema, [...objects], done);
}

const sameShapes: SchemaRule = {
  name: 'fields of one name on possible types of one interface or union have one type',
  why: 'GraphQL refuses a document that selects both, so the natural way to ask would be an error',
  *offences(schema) {
    const done = new Set<string>();
    for (const abstract of ownTypes(schema).filter(isAbstractType))
      yield* clashesIn(schema, schema.getPossibleTypes(abstract), done);
  },
};

function* mutationOffences(field: Field): Iterable<string> {
  const at = `Mutation.${field.name}`;
  const name = upperFirst(field.name);
  const args = field.args.map((arg) => `${arg.name}: ${arg.type}`).join(', ');
  if (args !== `input: ${name}Input!`) yield `${at} takes (${args}) instead of (input: ${name}Input!)`;
  if (String(field.type) !== `${name}Result!`) yield `${at} gives ${field.type} instead of ${name}Result!`;
  const result = getNamedType(field.type);
  const members = isUnionType(result) ? result.getTypes().map((type) => type.name) : [];
  const wanted = [`${name}Payload`, 'Denied', 'InvalidInput'];
  if ([...members].sort().join() !== wanted.sort().join())
    yield `${at} answers ${members.join(' | ') || 'no union'} instead of ${name}Payload | Denied | InvalidInput`;
  if (!/^[a-z]+[A-Z]/.test(field.name)) yield `${at} is not a verb with a noun`;
}

const mutations: SchemaRule = {
  name: 'a mutation takes one input and gives XPayload | Denied | InvalidInput',
  why: 'who knows one mutation knows all; refusals are data, and a union that never grows can be handled completely',
  *offences(schema) {
    for (const field of fieldsOf(schema.getMutationType())) yield* mutationOffences(field);
  },
};

/** Every type that can be selected below a type, itself included. */
function reachableFrom(schema: GraphQLSchema, start: GraphQLNamedType): ReadonlySet<GraphQLNamedType> {
  const found = new Set([start]);
  for (const type of found) {
    if (isAbstractType(type)) for (const possible of schema.getPossibleTypes(type)) found.add(possible);
    for (const field of fieldsOf(type)) found.add(getNamedType(field.type));
  }
  return found;
}

const noCursorInMutations: SchemaRule = {
  name: 'no mutation gives a Cursor',
  why: 'a cursor taken there would jump over events that are still on their way',
  *offences(schema) {
    for (const field of fieldsOf(schema.getMutationType()))
      for (const type of reachableFrom(schema, getNamedType(field.type)))
        for (const inner of fieldsOf(type))
          if (getNamedType(inner.type).name === 'Cursor')
            yield `${type.name}.${inner.name} can be selected below Mutation.${field.name}`;
  },
};

const connectionArguments = ['first: Int', 'after: String', 'last: Int', 'before: String'];
const connections: SchemaRule = {
  name: 'connections are those of Relay',
  why: 'clients have code for exactly that shape',
  *offences(schema) {
    for (const type of ownTypes(schema).filter((found) => found.name.endsWith('Connection'))) {
      const edge = type.name.replace(/Connection$/, 'Edge');
      const shape = fieldsOf(type).map((field) => `${field.name}: ${field.type}`);
      for (const wanted of [`edges: [${edge}!]!`, 'pageInfo: PageInfo!'])
        if (!shape.includes(wanted)) yield `${type.name} has no \`${wanted}\``;
      const inEdge = fieldsOf(schema.getType(edge)).map((field) => `${field.name}: ${field.type}`);
      if (!inEdge.includes('cursor: String!')) yield `${edge} has no \`cursor: String!\``;
      if (!inEdge.some((field) => /^node: \w+!$/.test(field)))
        yield `${edge} has no \`node\` that is always there`;
    }
    for (const { at, field } of outputsOf(schema)) {
      const type = getNamedType(field.type);
      if (!type.name.endsWith('Connection')) continue;
      const args = field.args.map((arg) => `${arg.name}: ${arg.type}`);
      const isAround = args.includes('countBefore: Int') && args.includes('countAfter: Int');
      const isForward = connectionArguments.slice(0, 2).every((arg) => args.includes(arg));
      if (!isAround && !isForward) yield `${at} takes neither first/after nor countBefore/countAfter`;
    }
  },
};

const isWholeList = (type: GraphQLOutputType) =>
  isNonNullType(type) && isListType(type.ofType) && isNonNullType(type.ofType.ofType);
const wholeLists: SchemaRule = {
  name: 'a list is there, and so is each item',
  why: 'an empty list says "nothing"; only `nodes` says null for what may not be seen',
  *offences(schema) {
    for (const { at, field } of outputsOf(schema))
      if (isListType(getNullableType(field.type)) && !isWholeList(field.type) && at !== 'Query.nodes')
        yield `${at} is ${field.type}`;
  },
};

/** Values without a life of their own: they are read and cached with what they hang on. */
const values = /Connection$|^PageInfo$|^Verdict$|^NotificationStep$|^PushAnswer$|^QuietHours$/;
/** What can stand in a field: the object itself, or each one that an interface or a union can turn out to be. */
const objectsIn = (schema: GraphQLSchema, type: GraphQLOutputType) => {
  const target = getNamedType(type);
  if (isAbstractType(target)) return schema.getPossibleTypes(target);
  return isObjectType(target) ? [target] : [];
};
const ids: SchemaRule = {
  name: 'what hangs on an entity has an id',
  why: 'without one, two queries with other selections wipe each other in a normalised cache',
  *offences(schema) {
    for (const { at, type, field } of outputsOf(schema)) {
      if (!hasId(type)) continue;
      for (const target of objectsIn(schema, field.type))
        if (!values.test(target.name) && !hasId(target))
          yield `${at} is a ${target.name}, which has no \`id: ID!\``;
    }
    for (const { at, type, field } of outputsOf(schema))
      for (const target of values.test(type.name) ? objectsIn(schema, field.type) : [])
        if (!/Edge$|^PageInfo$/.test(target.name)) yield `${at} is a ${target.name} inside a value`;
  },
};

const noTextMessages: SchemaRule = {
  name: 'no field `message` is a text',
  why: 'a message is what a person wrote; an explanation of that name clashes with it in one selection',
  *offences(schema) {
    for (const { at, field } of outputsOf(schema))
      if (field.name === 'message' && !isCompositeType(getNamedType(field.type)))
        yield `${at} is ${field.type}`;
  },
};

const toughEvents: SchemaRule = {
  name: 'an object inside an event may be null',
  why: 'one that cannot be read must never cost the event its cursor',
  *offences(schema) {
    const event = schema.getType('ChatEvent');
    if (!isInterfaceType(event)) return;
    for (const type of schema.getPossibleTypes(event))
      for (const field of fieldsOf(type))
        if (isNonNullType(field.type) && isCompositeType(field.type.ofType))
          yield `${type.name}.${field.name} is ${field.type}`;
  },
};

/** What the schema is built of. */
export const shapeRules: readonly SchemaRule[] = [
  sameShapes,
  mutations,
  noCursorInMutations,
  connections,
  wholeLists,
  ids,
  noTextMessages,
  toughEvents,
];
