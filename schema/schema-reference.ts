import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
  lexicographicSortSchema,
  print,
} from 'graphql';

// The schema as a page for people: what schema.graphql says, by kind, with links from each type to where it is described.

/** With a link to where the type is described; the scalars of GraphQL itself are not. */
function typeText(type: GraphQLType): string {
  if (isNonNullType(type)) return `${typeText(type.ofType)}!`;
  if (isListType(type)) return `\\[${typeText(type.ofType)}\\]`;
  return isSpecifiedScalarType(type) ? type.name : linkTo(type.name);
}
const linkTo = (name: string) => `[${name}](#${name.toLowerCase()})`;
const linksTo = (types: readonly GraphQLNamedType[]) => types.map(({ name }) => linkTo(name)).join(', ');

/** A description that stands in a list. */
const onOneLine = (text: string | null | undefined) => (text ?? '').replace(/\s*\n\s*/g, ' ').trim();

type Described = {
  readonly name: string;
  readonly description?: string | null;
  readonly deprecationReason?: string | null;
};

const item = (indent: string, { name, description, deprecationReason }: Described, type?: string): string => {
  const gone = deprecationReason == null ? '' : `**Deprecated:** ${onOneLine(deprecationReason)}`;
  const words = [onOneLine(description), gone].filter(Boolean).join(' ');
  return `${indent}- \`${name}\`${type ? ` ${type}` : ''}${words ? ` · ${words}` : ''}`;
};

function inputItem(indent: string, input: GraphQLArgument | GraphQLInputField): string {
  const value = astFromValue(input.defaultValue, input.type);
  const absent = value ? ` = \`${print(value)}\`` : '';
  return item(indent, input, `${typeText(input.type)}${absent}`);
}

const fieldItems = (field: GraphQLField<unknown, unknown>): string[] => [
  item('', field, typeText(field.type)),
  ...field.args.map((arg) => inputItem('  ', arg)),
];

const enumItems = (type: GraphQLEnumType) => type.getValues().map((value) => item('', value));

function partsOf(schema: GraphQLSchema, type: GraphQLNamedType): string[] {
  if (isUnionType(type)) return [`One of ${linksTo(type.getTypes())}.`];
  if (isEnumType(type)) return [enumItems(type).join('\n')];
  if (isScalarType(type)) return type.specifiedByURL ? [`Specified at <${type.specifiedByURL}>.`] : [];
  const parts: string[] = [];
  if (isInputObjectType(type)) {
    if (type.isOneOf) parts.push('Exactly one of these:');
    return [
      ...parts,
      Object.values(type.getFields())
        .map((field) => inputItem('', field))
        .join('\n'),
    ];
  }
  const interfaces = type.getInterfaces();
  if (interfaces.length > 0) parts.push(`Implements ${linksTo(interfaces)}.`);
  if (isInterfaceType(type)) parts.push(`Can be ${linksTo(schema.getPossibleTypes(type))}.`);
  return [...parts, Object.values(type.getFields()).flatMap(fieldItems).join('\n')];
}

function sectionOf(schema: GraphQLSchema, type: GraphQLNamedType): string {
  const description = (type.description ?? '').trim();
  return [`### ${type.name}`, description, ...partsOf(schema, type)].filter(Boolean).join('\n\n');
}

/** The schema as Markdown: by kind, sorted by name, every description, argument, default and deprecation. */
export function schemaReferenceOf(given: GraphQLSchema): string {
  const schema = lexicographicSortSchema(given);
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
  );
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter(
    (type) => type != null,
  );
  const isRoot = (type: GraphQLNamedType) => roots.some(({ name }) => name === type.name);
  const kinds: readonly (readonly [string, readonly GraphQLNamedType[]])[] = [
    ['What can be asked', roots],
    ['Objects', types.filter((type) => isObjectType(type) && !isRoot(type))],
    ['Interfaces', types.filter(isInterfaceType)],
    ['Unions', types.filter(isUnionType)],
    ['Inputs', types.filter(isInputObjectType)],
    ['Enums', types.filter(isEnumType)],
    ['Scalars', types.filter(isScalarType)],
  ];
  const present = kinds.filter(([, some]) => some.length > 0);
  const contents = present.map(([kind, some]) => `**${kind}:** ${linksTo(some)}`);
  const sections = present.flatMap(([kind, some]) => [
    `## ${kind}`,
    ...some.map((type) => sectionOf(schema, type)),
  ]);
  return `${[title, intro, ...contents, ...sections].join('\n\n')}\n`;
}

const title = '# Schema';
const intro = `<!-- Printed by \`npm run schema:print\`. -->

Everything that a client can ask for. The same as text: \`schema/schema.graphql\`; a running server shows it in GraphiQL.`;
