import { type GraphQLSchema, isAbstractType, lexicographicSortSchema, printSchema } from 'graphql';

/** The schema as text: sorted, so that moving code changes nothing in it; with descriptions, `@specifiedBy`, `@oneOf` and deprecations. */
export const sdlOf = (schema: GraphQLSchema) => `${printSchema(lexicographicSortSchema(schema))}\n`;

const sorted = (names: readonly string[]) => [...names].sort();

/** Which types an interface or a union can turn out to be, as JSON: what a normalised cache wants to know beforehand. Sorted. */
export function possibleTypesOf(schema: GraphQLSchema): string {
  const abstract = Object.values(schema.getTypeMap())
    .filter(isAbstractType)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const types = abstract.map((type) => [
    type.name,
    sorted(schema.getPossibleTypes(type).map(({ name }) => name)),
  ]);
  return `${JSON.stringify(Object.fromEntries(types), null, 2)}\n`;
}
