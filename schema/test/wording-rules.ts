import { type GraphQLNamedType, getNamedType, isEnumType, isSpecifiedDirective } from 'graphql';
import { ownTypes, type SchemaRule, slotsOf } from './schema-rule.ts';

const valuesOf = (type: GraphQLNamedType) =>
  isEnumType(type) ? type.getValues().map((value) => ({ at: `${type.name}.${value.name}`, value })) : [];

const described: SchemaRule = {
  name: 'everything has a description',
  why: 'people learn the schema in GraphiQL: what is not described there does not exist for them',
  *offences(schema) {
    const types = ownTypes(schema);
    const elements = [
      ...types.map((type) => ({ at: type.name, element: type })),
      ...slotsOf(schema).map(({ at, slot }) => ({ at, element: slot })),
      ...types.flatMap(valuesOf).map(({ at, value }) => ({ at, element: value })),
      ...schema
        .getDirectives()
        .filter((directive) => !isSpecifiedDirective(directive))
        .map((directive) => ({ at: `@${directive.name}`, element: directive })),
    ];
    for (const { at, element } of elements)
      if (!element.description?.trim()) yield `${at} has no description`;
  },
};

const namedAlike: SchemaRule = {
  name: 'names are written one way',
  why: 'who has seen one name can guess the next',
  *offences(schema) {
    for (const type of ownTypes(schema)) {
      if (!/^[A-Z][A-Za-z0-9]*$/.test(type.name)) yield `${type.name} is not in PascalCase`;
      for (const { at, value } of valuesOf(type))
        if (!/^[A-Z][A-Z0-9_]*$/.test(value.name)) yield `${at} is not in SCREAMING_SNAKE_CASE`;
    }
    for (const { at, slot } of slotsOf(schema))
      if (!/^[a-z][A-Za-z0-9]*$/.test(slot.name)) yield `${at} is not in camelCase`;
  },
};

const instants: SchemaRule = {
  name: 'instants are DateTime',
  why: 'a number of seconds or a bare string leaves the unit and the zone to be guessed',
  *offences(schema) {
    for (const { at, slot } of slotsOf(schema)) {
      const isInstant = /(^at|At|^until|Until)$/.test(slot.name);
      if (isInstant && getNamedType(slot.type).name !== 'DateTime') yield `${at} is not a DateTime`;
    }
  },
};

const positions: SchemaRule = {
  name: 'positions are Position',
  why: 'a counter that only grows does not fit the 32 bits of an Int',
  *offences(schema) {
    for (const { at, slot } of slotsOf(schema)) {
      const isPosition = /(^number|Number|^revision|Revision|^seq|Seq)$/.test(slot.name);
      if (isPosition && getNamedType(slot.type).name !== 'Position') yield `${at} is not a Position`;
    }
  },
};

const datedDeprecations: SchemaRule = {
  name: 'a deprecation says since when',
  why: 'only then can somebody plan when to move',
  *offences(schema) {
    const values = ownTypes(schema).flatMap(valuesOf);
    const elements = [...slotsOf(schema), ...values.map(({ at, value }) => ({ at, slot: value }))];
    for (const { at, slot } of elements)
      if (slot.deprecationReason && !/\b\d{4}-\d{2}-\d{2}\b/.test(slot.deprecationReason))
        yield `${at} is deprecated without a date`;
  },
};

/** How the schema names and describes what it has. */
export const wordingRules: readonly SchemaRule[] = [
  described,
  namedAlike,
  instants,
  positions,
  datedDeprecations,
];
