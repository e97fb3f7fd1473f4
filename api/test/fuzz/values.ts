import {
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';
import { schema } from '../../../schema/index.ts';
import type { Random } from '../smoke/random.ts';

/** What is there to be named: the ids of those who fuzz, and what came with them. */
export type Known = {
  readonly ids: Readonly<Record<'channel' | 'user' | 'message' | 'device', readonly string[]>>;
  readonly cursors: readonly string[];
  readonly handle: string;
  readonly password: string;
};

type Maker = { readonly known: Known; readonly random: Random };

/** Of nonces and names there are few, so that a million frames do not make a million groups. */
const few = 40;

/** Values that a client could send for the variables of an operation: of the right types, and mostly of things that are there. */
export function variablesFor(
  { variableDefinitions = [] }: OperationDefinitionNode,
  maker: Maker,
): Record<string, unknown> {
  const entries = variableDefinitions.flatMap(({ variable, type: node }) => {
    const type = typeFromAST(schema, node);
    const name = variable.name.value;
    if (type === undefined || !isInputType(type) || isLeftOut(type, maker)) return [];
    return [[name, valueFor(type, name, maker)] as const];
  });
  return Object.fromEntries(entries);
}

const isLeftOut = (type: GraphQLInputType, { random }: Maker) => !isNonNullType(type) && random.next() < 0.3;

function valueFor(type: GraphQLInputType, name: string, maker: Maker): unknown {
  if (isNonNullType(type)) return valueFor(type.ofType, name, maker);
  if (isListType(type)) return [valueFor(type.ofType, name, maker)];
  if (isEnumType(type)) return maker.random.pick(type.getValues()).name;
  if (!isInputObjectType(type)) return (scalars[type.name] ?? (() => 'x'))(name, maker);
  const fields = Object.values(type.getFields());
  const wanted = type.isOneOf
    ? [maker.random.pick(fields)]
    : fields.filter((field) => !isLeftOut(field.type, maker));
  return Object.fromEntries(wanted.map((field) => [field.name, valueFor(field.type, field.name, maker)]));
}

const scalars: Readonly<Record<string, (name: string, maker: Maker) => unknown>> = {
  ID: idFor,
  String: textFor,
  Cursor: (_, { known, random }) => random.pick(known.cursors),
  Int: (_, { random }) => random.below(30),
  Position: (_, { random }) => random.below(50),
  Boolean: (_, { random }) => random.next() < 0.5,
  DateTime: (_, { random }) => new Date(1.7e12 + random.below(1e12)).toISOString(),
};

function idFor(name: string, { known: { ids }, random }: Maker): string {
  const all = Object.values(ids).flat();
  const kinds = {
    channel: ids.channel,
    user: ids.user,
    member: ids.user,
    message: ids.message,
    reply: ids.message,
    device: ids.device,
  };
  const kind = Object.entries(kinds).find(([word]) => name.toLowerCase().includes(word))?.[1];
  return random.pick(kind === undefined || kind.length === 0 || random.next() < 0.1 ? all : kind);
}

function textFor(name: string, { known, random }: Maker): string {
  if (/password/i.test(name)) return random.next() < 0.5 ? known.password : 'a wrong password';
  if (name === 'handle') return random.next() < 0.5 ? known.handle : `somebody${random.below(few)}`;
  if (name === 'colour') return '#3b6ea5';
  if (name === 'nonce') return `nonce-${random.below(few)}`;
  return `${name} ${random.below(few)}`;
}
