import { type GraphQLSchema, isIntrospectionType, isObjectType } from 'graphql';
import { rightOf, roles } from './roles.ts';
import { type Attempt, attemptTitle, namesIn, type Section, titleOf } from './section.ts';

export type Table = { readonly sections: readonly Section[]; readonly attempts: readonly Attempt[] };

/** Where the table and the schema do not speak of the same fields, or a line forgets a role: one sentence each, with what to do. */
export function gapsIn(schema: GraphQLSchema, table: Table): string[] {
  return [...typesWithoutSection(schema, table), ...fieldGaps(schema, table), ...roleGaps(table)];
}

const typesIn = (schema: GraphQLSchema) =>
  Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !isIntrospectionType(type));

const payloadOf = (mutation: string) => `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Payload`;

function typesWithoutSection(schema: GraphQLSchema, { sections, attempts }: Table): string[] {
  const known = new Set([
    'Mutation',
    ...sections.map(({ type }) => type),
    ...attempts.map(({ mutation }) => payloadOf(mutation)),
  ]);
  return typesIn(schema)
    .filter(({ name }) => !known.has(name))
    .map(({ name }) =>
      name.endsWith('Payload')
        ? `${name} has no rights: add an attempt of its mutation to one of the attempts-*.ts.`
        : `${name} has no rights: add a section that says how it is met and who gets each of its fields.`,
    );
}

function fieldGaps(schema: GraphQLSchema, { sections, attempts }: Table): string[] {
  const listed = [
    ...sections.map((one) => ({ type: one.type, at: titleOf(one), lines: Object.keys(one.fields) })),
    ...attempts.map((one) => ({
      type: payloadOf(one.mutation),
      at: `the attempt ${attemptTitle(one)}`,
      lines: [one.payload],
    })),
  ];
  const mutations = [...new Set(attempts.map(({ mutation }) => mutation))];
  listed.push({ type: 'Mutation', at: 'attempts-*.ts', lines: mutations });
  return listed.flatMap(({ type, at, lines }) => {
    const object = schema.getType(type);
    if (!isObjectType(object)) return [`${at}: the schema has no object type ${type}. Take it out.`];
    const names = lines.flatMap(namesIn);
    const fields = Object.keys(object.getFields());
    return [
      ...fields
        .filter((name) => !names.includes(name))
        .map((name) => `${type}.${name} has no rights: say in ${at} who gets it.`),
      ...names
        .filter((name) => !fields.includes(name))
        .map((name) => `${type}.${name} is not in the schema: take it out of ${at}.`),
      ...names
        .filter((name, index) => names.indexOf(name) !== index)
        .map((name) => `${type}.${name} stands in ${at} twice: which line counts?`),
    ];
  });
}

function roleGaps({ sections, attempts }: Table): string[] {
  const lines = [
    ...sections.flatMap((one) =>
      Object.entries(one.fields).map(([names, rights]) => ({ at: `${titleOf(one)}: ${names}`, rights })),
    ),
    ...attempts.map((one) => ({ at: attemptTitle(one), rights: one.rights })),
  ];
  return lines.flatMap(({ at, rights }) =>
    roles
      .filter((role) => rightOf(rights, role) === undefined)
      .map((role) => `${at} says nothing of the role ${role}.`),
  );
}
