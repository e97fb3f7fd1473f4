import {
  type GraphQLType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  isScalarType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';
import { schema } from '../../../schema/index.ts';

/** Values by the names of variables, and of fields of inputs. */
export type Known = Readonly<Record<string, unknown>>;

const scalars: Readonly<Record<string, unknown>> = {
  Boolean: true,
  DateTime: '2100-01-01T00:00:00.000Z',
  Int: 1,
  Position: 1,
  String: 'made up',
};

/** Variables of the right types that an operation can be asked with: what it must have, and nothing else. */
export function madeUpVariables(operation: OperationDefinitionNode, known: Known): Record<string, unknown> {
  return Object.fromEntries(
    (operation.variableDefinitions ?? [])
      .filter(({ type, defaultValue }) => type.kind === 'NonNullType' && defaultValue === undefined)
      .map(({ variable: { name }, type }) => [
        name.value,
        madeUp(typeFromAST(schema, type), name.value, known),
      ]),
  );
}

function madeUp(type: GraphQLType | undefined, name: string, known: Known): unknown {
  if (name in known) return known[name];
  if (isNonNullType(type)) return madeUp(type.ofType, name, known);
  if (isListType(type)) return [madeUp(type.ofType, name.replace(/s$/, ''), known)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isScalarType(type) && type.name in scalars) return scalars[type.name];
  if (!isInputObjectType(type))
    throw new Error(`Say in made-up-variables.ts what ${name}: ${type} could be.`);
  const fields = Object.values(type.getFields());
  const given = type.isOneOf ? fields.slice(0, 1) : fields.filter(isRequiredInputField);
  return Object.fromEntries(given.map((field) => [field.name, madeUp(field.type, field.name, known)]));
}
