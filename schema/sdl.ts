import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';

/** The schema as text: sorted, so that moving code changes nothing in it; with descriptions, `@specifiedBy`, `@oneOf` and deprecations. */
export const sdlOf = (schema: GraphQLSchema) => `${printSchema(lexicographicSortSchema(schema))}\n`;
