import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
} from 'graphql';
import { schema } from '../../../schema/index.ts';
import { type Arguments, literalArgumentsOf } from './matrix/cells.ts';

type Field = GraphQLField<unknown, unknown>;
type Walk = { readonly depth: number; readonly from: GraphQLObjectType; readonly field: Field };

/** Two levels below what a document may be, so that what is refused is refused for what it asks. */
const maxDepth = 9;

/** Makes documents that go anywhere: from the root along whatever leads on, and all that can be read on the way. */
export function createRandomDocuments(random: () => number, argumentsOf: Arguments) {
  const oneOf = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];

  function selectionOf(type: GraphQLNamedType, depth: number): string {
    if (isAbstractType(type)) {
      const object = oneOf(schema.getPossibleTypes(type));
      return object ? `... on ${object.name} { ${selectionOf(object, depth)} }` : '__typename';
    }
    if (!isObjectType(type)) return '__typename';
    const fields = Object.values(type.getFields());
    const isLeaf = ({ type: fieldType }: Field) => !isCompositeType(getNamedType(fieldType));
    const onward = fields.filter((field) => !isLeaf(field));
    // Everything that is to be read here; and where to go from here, near the root in two directions.
    const ways = new Set([oneOf(onward), depth < 4 ? oneOf(onward) : undefined]);
    const chosen = [...fields.filter(isLeaf), ...ways];
    const cells = chosen.flatMap((field) => (field ? cellOf({ depth, from: type, field }) : []));
    return ['__typename', ...cells].join(' ');
  }

  function cellOf({ depth, from, field }: Walk): string[] {
    const named = getNamedType(field.type);
    const given = literalArgumentsOf(field, argumentsOf(`${from.name}.${field.name}`));
    const isRequired = field.args.some(
      ({ type, defaultValue }) => String(type).endsWith('!') && defaultValue === undefined,
    );
    if (isRequired && given === '') throw new Error(`Say with what ${from.name}.${field.name} is asked.`);
    const name = `${field.name}${given && `(${given})`}`;
    if (!isCompositeType(named)) return [name];
    return depth >= maxDepth ? [] : [`${name} { ${selectionOf(named, depth + 1)} }`];
  }

  return {
    /** A query from its root. */
    query(): string {
      const root = schema.getQueryType();
      return `{ ${root ? selectionOf(root, 1) : '__typename'} }`;
    },
    /** Something of this type, for documents that begin elsewhere. */
    below: (name: string): string => {
      const type = schema.getType(name);
      if (!type || !isCompositeType(type)) throw new Error(`Nothing is below ${name}.`);
      return selectionOf(type, 4);
    },
  };
}
