import type { GraphQLObjectType } from 'graphql';
import {
  GraphQLError,
  type GraphQLField,
  getNamedType,
  isCompositeType,
  isEnumType,
  isObjectType,
} from 'graphql';
import type { ErrorCode } from '../../../../schema/errors.ts';
import type { Answer, Asker } from '../../../../schema/test/world.ts';
import type { RefusalCode } from '../../../../schema/verdict.ts';
import type { Outcome } from './roles.ts';

/** What a field that has arguments is asked with. */
export type Arguments = (coordinate: string) => Readonly<Record<string, unknown>>;

type Field = GraphQLField<unknown, unknown>;
type Tree = { readonly [key: string]: unknown };

const cellAlias = (name: string) => `cell_${name}`;

/** The fields of a type, each under a name of its own, with as little below as shows whether there is anything. */
export const cellsFor = (type: GraphQLObjectType, names: readonly string[], argumentsOf: Arguments): string =>
  names
    .map((name) => {
      const field = type.getFields()[name];
      if (field === undefined) throw new Error(`There is no ${type.name}.${name}.`);
      const given = literalArgumentsOf(field, argumentsOf(`${type.name}.${name}`));
      return `${cellAlias(name)}: ${name}${given && `(${given})`}${below(field)}`;
    })
    .join(' ');

/** The arguments of a field, as they stand in a document: the values of enums without quotes. */
export const literalArgumentsOf = ({ args }: Field, values: ReturnType<Arguments>): string =>
  Object.entries(values)
    .map(([name, value]) => {
      const type = args.find((arg) => arg.name === name)?.type;
      return `${name}: ${type && isEnumType(getNamedType(type)) ? String(value) : literalOf(value)}`;
    })
    .join(', ');

/** The fields of an object. */
const literalFieldsOf = (value: object): string =>
  Object.entries(value)
    .map(([name, one]) => `${name}: ${literalOf(one)}`)
    .join(', ');

/** A value as it stands in a document: like JSON, but for the names of fields. */
function literalOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return Array.isArray(value) ? `[${value.map(literalOf).join(', ')}]` : `{ ${literalFieldsOf(value)} }`;
}

/** Enough of what a field gives to see whether there is anything. */
export function below({ type }: Field): string {
  const named = getNamedType(type);
  if (!isCompositeType(named)) return '';
  if (named.name === 'Verdict') return ' { isAllowed code }';
  const isConnection = isObjectType(named) && 'edges' in named.getFields();
  return isConnection ? ' { edges { __typename } }' : ' { __typename }';
}

/** `happening`: what is done while they listen; when it resolves, all that comes of it has come. */
type Asked = { readonly document: string; readonly happening?: (() => Promise<unknown>) | undefined };

/** Asks once; what came for each of these fields. */
export async function readCells(asker: Asker, asked: Asked, names: readonly string[]): Promise<Outcome[]> {
  const answers = asked.document.startsWith('subscription')
    ? await answersOf(asker, asked)
    : [await asker.execute(asked.document)];
  const problem = answers.flatMap(({ errors }) => errors ?? [])[0];
  return names.map((name) => (problem ? codeOf(problem) : outcomeOf(answers, cellAlias(name))));
}

/** What a mutation answered, and its payload. */
export async function readAttempt(
  asker: Asker,
  {
    document,
    variables,
  }: { readonly document: string; readonly variables: Readonly<Record<string, unknown>> },
  names: readonly string[],
): Promise<{ readonly outcome: Outcome; readonly payload: readonly Outcome[] }> {
  const answer = await asker.execute<{ result: Tree } | null>(document, variables);
  const problem = answer.errors?.[0];
  const { result } = answer.data ?? {};
  const outcome = problem ? codeOf(problem) : attemptOutcome(result ?? {});
  return { outcome, payload: names.map((name) => outcomeOf([answer], cellAlias(name))) };
}

function attemptOutcome({ __typename, code }: Tree): Outcome {
  if (__typename !== 'Denied' && __typename !== 'InvalidInput') return 'done';
  return `${__typename} ${code as RefusalCode}`;
}

/** What arrives until all that was missed has arrived, where the document asks for the `kind` of each; else the first thing. */
async function answersOf(asker: Asker, { document, happening }: Asked): Promise<readonly Answer<unknown>[]> {
  const answers: Answer<unknown>[] = [];
  try {
    const stream = await asker.subscribe(document);
    for (;;) {
      const next = stream.next();
      if (happening) {
        await happening();
        await stream.return?.();
      }
      const { done, value } = await next;
      if (done) break;
      answers.push(value);
      const text = JSON.stringify(value);
      if (!text.includes('"kind":') || text.includes('"kind":"CaughtUp"')) break;
    }
    await stream.return?.();
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return [{ data: null, errors: [error.toJSON() as NonNullable<Answer<unknown>['errors']>[number]] }];
  }
  return answers;
}

/** No code means that nobody foresaw this. */
function codeOf({ message, extensions }: NonNullable<Answer<unknown>['errors']>[number]): Outcome {
  if (extensions?.code === undefined) throw new Error(`Nobody foresaw this: ${message}`);
  return extensions.code as ErrorCode;
}

/** Of several objects with this field, the one that shows most counts. */
function outcomeOf(answers: readonly Answer<unknown>[], alias: string): Outcome {
  const values = answers.flatMap(({ data }) => valuesUnder(data, alias)).map(show);
  const order: Outcome[] = ['given', 'may', 'empty', 'null'];
  return order.find((outcome) => values.includes(outcome)) ?? values[0] ?? 'absent';
}

function valuesUnder(tree: unknown, alias: string): unknown[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) =>
    key === alias ? [value] : key.startsWith('cell_') ? [] : valuesUnder(value, alias),
  );
}

function show(value: unknown): Outcome {
  if (value === null) return 'null';
  if (value === 0 || value === '' || (Array.isArray(value) && value.length === 0)) return 'empty';
  if (typeof value !== 'object') return 'given';
  if ('isAllowed' in value && 'code' in value)
    return value.isAllowed ? 'may' : `may not: ${value.code as RefusalCode}`;
  if ('edges' in value && Array.isArray(value.edges) && value.edges.length === 0) return 'empty';
  return 'given';
}
