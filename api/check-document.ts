import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { chatError } from '../schema/errors.ts';
import { type DocumentLimits, documentLimits, findExcess } from './document-limits.ts';
import { refusal } from './mask-errors.ts';

/** One operation of a document that has been checked. Always the same object for the same text and name: plans can hang on it. */
export type Operation = {
  readonly document: DocumentNode;
  readonly node: OperationDefinitionNode;
  readonly name: string | undefined;
};

/** A document that was found good, with its operations by name. */
export type CheckedDocument = { readonly operations: ReadonlyMap<string | undefined, Operation> };

/** Parses and validates a text: the document, or everything that is wrong with it. */
export type CheckDocument = (text: string) => CheckedDocument | readonly GraphQLError[];

export type CheckOptions = {
  readonly schema: GraphQLSchema;
  readonly isIntrospectionOpen: boolean;
  readonly limits?: DocumentLimits;
};

/** One for all documents of a server, whoever wrote them. */
export function createDocumentCheck(options: CheckOptions): CheckDocument {
  const { schema, isIntrospectionOpen, limits = documentLimits } = options;
  const rules = isIntrospectionOpen ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const validation = { maxErrors: limits.maxErrors, hideSuggestions: !isIntrospectionOpen };

  function checkOrThrow(text: string): CheckedDocument | readonly GraphQLError[] {
    if (Buffer.byteLength(text) > limits.maxBytes)
      return [chatError('QUERY_TOO_COMPLEX', `A document has at most ${limits.maxBytes} bytes.`)];
    const document = parse(text, { maxTokens: limits.maxTokens });
    const excess = findExcess(document, limits);
    if (excess) return [excess];
    const errors = validate(schema, document, rules, validation);
    return errors.length > 0 ? errors.map((error) => refusal(error, error.message)) : checked(document);
  }

  return (text) => {
    try {
      return checkOrThrow(text);
    } catch (error) {
      return [refusalOf(error)];
    }
  };
}

function checked(document: DocumentNode): CheckedDocument {
  const operations = new Map<string | undefined, Operation>();
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    operations.set(node.name?.value, { document, node, name: node.name?.value });
  }
  return { operations };
}

/** A syntax error, too many tokens, or a nesting so deep that the stack ended (a RangeError, should one ever get past the tokens). */
function refusalOf(error: unknown): GraphQLError {
  if (error instanceof RangeError) return chatError('QUERY_TOO_COMPLEX');
  if (!(error instanceof GraphQLError)) throw error;
  const isTooLong = error.message.includes('tokens. Parsing aborted.');
  return refusal(error, error.message, isTooLong ? 'QUERY_TOO_COMPLEX' : 'BAD_USER_INPUT');
}
