import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';

/** A convention of the public schema. `offences` gives one line per place, which begins with its schema coordinate. */
export type SchemaRule = {
  readonly name: string;
  readonly why: string;
  readonly offences: (schema: GraphQLSchema) => Iterable<string>;
};

export const violationsOf = ({ why, offences }: SchemaRule, schema: GraphQLSchema): string[] =>
  [...offences(schema)].map((offence) => `${offence}. Why not: ${why}.`);

export type Field = GraphQLField<unknown, unknown>;
/** Something with a name and a type at a place: a field, an argument or a field of an input. */
export type Slot = { readonly at: string; readonly slot: Field | GraphQLArgument | GraphQLInputField };

/** The types that are the schema's own, by name. */
export const ownTypes = (schema: GraphQLSchema): readonly GraphQLNamedType[] =>
  Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

export const fieldsOf = (type: GraphQLNamedType | null | undefined): readonly Field[] =>
  isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];

/** Fields that give something, each with its coordinate. */
export const outputsOf = (schema: GraphQLSchema) =>
  ownTypes(schema).flatMap((type) =>
    fieldsOf(type).map((field) => ({ at: `${type.name}.${field.name}`, type, field })),
  );

/** Everything with a type below the types themselves. */
export const slotsOf = (schema: GraphQLSchema): readonly Slot[] => [
  ...outputsOf(schema).flatMap(({ at, field }) => [
    { at, slot: field },
    ...field.args.map((slot) => ({ at: `${at}(${slot.name}:)`, slot })),
  ]),
  ...ownTypes(schema)
    .filter(isInputObjectType)
    .flatMap((type) =>
      Object.values(type.getFields()).map((slot) => ({ at: `${type.name}.${slot.name}`, slot })),
    ),
];
