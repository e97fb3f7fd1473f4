import {
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
} from 'graphql';

/** What one screen of an app shows of an object, and what another shows of the same; they share nothing but the way there. */
export type TwoScreens = { readonly first: string; readonly second: string };

/** How to ask for an object of a type, with `fields` inside it. */
export type WayTo = (fields: string) => string;

/** The places where a field of one of these names stands in the schema, on types that one can have several objects of. */
export function placesOf(schema: GraphQLSchema, names: readonly string[]) {
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type) || !type.getInterfaces().some(({ name }) => name === 'Node')) return [];
    return names
      .filter((name) => type.getFields()[name] !== undefined)
      .map((field) => ({ type: type.name, field, at: `${type.name}.${field}` }));
  });
}

const leavesOf = (type: GraphQLObjectType) =>
  Object.values(type.getFields())
    .filter(
      (field) => field.name !== 'id' && field.args.length === 0 && !isCompositeType(getNamedType(field.type)),
    )
    .map(({ name }) => name);

const half = (names: readonly string[], which: 0 | 1) => names.filter((_, nth) => nth % 2 === which);
/** Whatever has an `id` is asked for it: by that a cache knows it again. */
const withId = (type: GraphQLObjectType, fields: readonly string[]) =>
  `{ ${[...('id' in type.getFields() ? ['id'] : []), ...fields].join(' ')} }`;

/** One half of all that can be selected of a type, two levels deep. Each half has its own half of every object inside. */
function selection(type: GraphQLObjectType, which: 0 | 1): string {
  const inside = Object.values(type.getFields()).flatMap((field) => {
    const target = getNamedType(field.type);
    // A list of values is read and kept as a whole.
    if (!isObjectType(target) || field.args.length > 0 || isListType(getNullableType(field.type))) return [];
    return [`${field.name} ${withId(target, half(leavesOf(target), which))}`];
  });
  return withId(type, [...half(leavesOf(type), which), ...inside]);
}

/** Two screens over the field of a type: each selects what the other leaves out. */
export function twoScreensOf(
  schema: GraphQLSchema,
  place: { readonly type: string; readonly field: string },
  way: WayTo,
): TwoScreens {
  const type = schema.getType(place.type);
  const field = isObjectType(type) ? type.getFields()[place.field] : undefined;
  const target = field && getNamedType(field.type);
  if (!isObjectType(target)) throw new Error(`${place.type}.${place.field} gives no object.`);
  const screen = (which: 0 | 1) => way(`${place.field} ${selection(target, which)}`);
  return { first: screen(0), second: screen(1) };
}
