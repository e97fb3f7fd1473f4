import { buildSchema, type GraphQLObjectType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../../schema/index.ts';
import { untilAtRest } from '../presence/patience.ts';
import { openWorld, type World } from '../world.ts';
import { argumentsFor } from './matrix/arguments-for.ts';
import { type Cast, createCast, type Scene, type SceneKind } from './matrix/cast.ts';
import { cellsFor, readAttempt, readCells } from './matrix/cells.ts';
import { gapsIn } from './matrix/gaps.ts';
import { rightOf, roles } from './matrix/roles.ts';
import { type Attempt, attemptTitle, namesIn, type Place, type Section, titleOf } from './matrix/section.ts';
import { attempts, sections } from './matrix/table.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

function objectType(name: string): GraphQLObjectType {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`There is no object type ${name}.`);
  return type;
}

/** Rows `role | field | what it gets`: those of a section as they are, and as the table says. */
type Cells = Record<string, string | undefined>;

describe('A1: the table of rights', () => {
  it('speaks of every field of the schema, and of every role', () => {
    expect(gapsIn(schema, { sections, attempts })).toEqual([]);
  });

  it('is missed by a field that nobody has thought about, and by a line without a field', () => {
    const table = {
      sections: [{ type: 'Query', document: String, fields: { 'a b a': { everybody: 'given' } } }],
      attempts: [],
    } as const;
    const made = buildSchema('type Query { a: Int c: Thing } type Thing { id: ID }');
    expect(gapsIn(made, table)).toEqual([
      'Thing has no rights: add a section that says how it is met and who gets each of its fields.',
      'Query.c has no rights: say in Query who gets it.',
      'Query.b is not in the schema: take it out of Query.',
      'Query.a stands in Query twice: which line counts?',
      'attempts-*.ts: the schema has no object type Mutation. Take it out.',
    ]);
  });
});

describe('A1: what everybody gets to see', () => {
  /** Each with people of its own: a cursor is one for all the groups of a person. */
  const stages = new Map<SceneKind, { readonly cast: Cast; readonly scene: Scene }>();
  beforeAll(async () => {
    for (const kind of ['eventful', 'busy'] as const) {
      const cast = await createCast(world);
      stages.set(kind, { cast, scene: await cast.openScene(kind) });
    }
  });

  async function cellsOf(section: Section, place: Place): Promise<Cells> {
    const names = Object.keys(section.fields).flatMap(namesIn);
    const isRoot = section.type === 'Query' || section.type === 'Subscription';
    const parts = isRoot ? names.map((name) => [name]) : [names];
    const cells: Cells = {};
    for (const part of parts) {
      const selections = cellsFor(objectType(section.type), part, argumentsFor(place));
      const { happening } = section;
      const asked = {
        document: section.document(selections, place),
        happening: happening && (() => happening(place).then(() => untilAtRest(world.database))),
      };
      const outcomes = await readCells(place.cast.asker(place.role), asked, part);
      for (const [index, name] of part.entries()) cells[`${place.role}: ${name}`] = outcomes[index];
    }
    return cells;
  }

  it.for(sections.map((section) => [titleOf(section), section] as const))('of %s', async ([, section]) => {
    const expected: Cells = {};
    const found: Cells = {};
    const stage = stages.get(section.scene ?? 'eventful');
    if (stage === undefined) throw new Error('Nobody has set this scene.');
    for (const role of roles) {
      for (const [line, rights] of Object.entries(section.fields))
        for (const name of namesIn(line)) expected[`${role}: ${name}`] = rightOf(rights, role);
      Object.assign(found, await cellsOf(section, { ...stage, role }));
    }
    expect(found).toEqual(expected);
  });
});

describe('A1: what everybody may do', () => {
  let cast: Cast;
  beforeAll(async () => {
    cast = await createCast(world);
  });

  async function tried({ mutation, input, payload }: Attempt, place: Place) {
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}`;
    const names = namesIn(payload);
    const cells = cellsFor(objectType(`${type}Payload`), names, argumentsFor(place));
    const document = `mutation ($input: ${type}Input!) { result: ${mutation}(input: $input) {
      __typename ... on UserError { code } ... on ${type}Payload { ${cells} } } }`;
    return readAttempt(place.cast.asker(place.role), { document, variables: { input: input(place) } }, names);
  }

  it.for(attempts.map((attempt) => [attemptTitle(attempt), attempt] as const))('%s', async ([, attempt]) => {
    const expected: Cells = {};
    const found: Cells = {};
    let scene: Scene | undefined;
    for (const role of roles) {
      scene ??= await cast.openScene('fresh');
      const right = rightOf(attempt.rights, role);
      const { outcome, payload } = await tried(attempt, { cast, scene, role });
      expected[role] = right;
      found[role] = outcome;
      // Where something was done, nobody else tries.
      if (outcome === 'done') scene = undefined;
      for (const [index, name] of namesIn(attempt.payload).entries()) {
        expected[`${role}: ${name}`] = right === 'done' ? (attempt.except?.[name] ?? 'given') : 'absent';
        found[`${role}: ${name}`] = payload[index];
      }
    }
    expect(found).toEqual(expected);
  });
});
