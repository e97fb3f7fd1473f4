import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { schema } from '../../../schema/index.ts';
import { argumentsFor } from './matrix/arguments-for.ts';
import { below } from './matrix/cells.ts';
import type { Place } from './matrix/section.ts';
import { attempts } from './matrix/table.ts';

/** One place where a client gives a value: an argument, or a field of an input, or an entry of a list in it. */
export type Slot = {
  /** Such as `Mutation.addMembers(input.userIds.0)`. */
  readonly at: string;
  /** The type there, `!` taken off. */
  readonly type: GraphQLInputType;
  readonly document: string;
  /** The variables of a request that is all right, or of `others`, but for this value. */
  readonly variables: (value: unknown, others?: Variables) => Variables;
};
export type Variables = Readonly<Record<string, unknown>>;
type Path = readonly string[];
type Field = GraphQLField<unknown, unknown>;

/** How a field that is none of the roots is come to. */
const ways: Readonly<Record<string, (cell: string, place: Place) => string>> = {
  Viewer: (cell) => `viewer { ${cell} }`,
  Channel: (cell, { scene }) => `channel(id: "${scene.channelId}") { ${cell} }`,
};

/** Every place of the schema where a client gives a value, with an otherwise good request around it. */
export function slotsFor(place: Place): Slot[] {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type) || type.name.startsWith('__')) return [];
    return Object.values(type.getFields())
      .filter(({ args }) => args.length > 0)
      .flatMap((field) => slotsOf(type, field, place));
  });
}

function slotsOf(type: GraphQLObjectType, field: Field, place: Place): Slot[] {
  const good = goodArguments(type, field, place);
  const document = documentOf(type, field, place);
  return field.args.flatMap((argument) =>
    pathsIn(argument, good[argument.name], [argument.name]).map(({ path, type: slotType }) => ({
      at: `${type.name}.${field.name}(${path.join('.')})`,
      type: slotType,
      document,
      variables: (value, others = good) => replaced(others, path, value) as Variables,
    })),
  );
}

function goodArguments({ name: typeName }: GraphQLObjectType, { name }: Field, place: Place) {
  if (typeName !== 'Mutation') return argumentsFor(place)(`${typeName}.${name}`);
  const attempt = attempts.find(({ mutation }) => mutation === name);
  if (attempt === undefined) throw new Error(`${name} has no attempt in matrix/attempts-*.ts.`);
  return { input: attempt.input(place) };
}

function documentOf(type: GraphQLObjectType, field: Field, place: Place): string {
  const operation = type === schema.getMutationType() ? 'mutation' : 'query';
  const isSubscription = type === schema.getSubscriptionType();
  const declared = field.args.map(
    ({ name, type: argType, defaultValue }) =>
      // A variable without a value is no value: a default of the argument counts then, as it would for a client.
      `$${name}: ${defaultValue === undefined ? argType : String(argType).replace(/!$/, '')}`,
  );
  const given = field.args.map(({ name }) => `${name}: $${name}`);
  const cell = `cell: ${field.name}(${given.join(', ')})${selectionOf(field)}`;
  const isRoot = isSubscription || type === schema.getQueryType() || operation === 'mutation';
  const way = isRoot ? (inner: string) => inner : ways[type.name];
  if (way === undefined) throw new Error(`Say in slots.ts how to come to ${type.name}.${field.name}.`);
  return `${isSubscription ? 'subscription' : operation} (${declared.join(', ')}) { ${way(cell, place)} }`;
}

/** Of a mutation also why not, and of what it gave as much as shows whose it is. */
function selectionOf(field: Field): string {
  const named = getNamedType(field.type);
  return 'getTypes' in named
    ? ' { __typename ... on UserError { code explanation } ... on InvalidInput { field } }'
    : below(field);
}

/** An argument or a field of an input, all that is below it, and its first entry where it is a list. */
function pathsIn(
  { type }: GraphQLArgument | GraphQLInputField,
  value: unknown,
  path: Path,
): { readonly path: Path; readonly type: GraphQLInputType }[] {
  const bare = isNonNullType(type) ? type.ofType : type;
  const here = { path, type: bare };
  if (isListType(bare)) {
    const entry = isNonNullType(bare.ofType) ? bare.ofType.ofType : bare.ofType;
    return [here, { path: [...path, '0'], type: entry }];
  }
  if (!isInputObjectType(bare)) return [here];
  const inside = typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : new Map();
  return [
    here,
    ...Object.values(bare.getFields()).flatMap((field) =>
      pathsIn(field, inside.get(field.name), [...path, field.name]),
    ),
  ];
}

/** A copy with one value exchanged. */
function replaced(tree: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(tree) || key === '0') {
    const list: readonly unknown[] = Array.isArray(tree) ? tree : [];
    return [replaced(list[0], rest, value), ...list.slice(1)];
  }
  const object: object = typeof tree === 'object' && tree !== null ? tree : {};
  const inner: unknown = new Map<string, unknown>(Object.entries(object)).get(key);
  return { ...object, [key]: replaced(inner, rest, value) };
}
