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

export type DocumentCache = {
  /** The operation that is asked for, or what is wrong with the document. */
  find(text: string, operationName?: string | null): Operation | readonly GraphQLError[];
  /** How many documents were parsed and validated since the start, and how many are remembered. */
  readonly counts: { readonly checked: number; readonly remembered: number };
};

type Options = {
  readonly schema: GraphQLSchema;
  readonly isIntrospectionOpen: boolean;
  readonly limits?: DocumentLimits;
  /** Bounds of what is remembered: the documents used longest ago go first. */
  readonly maxDocuments?: number;
  readonly maxTextLength?: number;
};

type Known = { readonly operations: ReadonlyMap<string | undefined, Operation> };

/**
 * Parses and validates each document once, for all transports. Only good documents are remembered: a bad one costs its sender
 * the same every time, and pushes none out.
 */
export function createDocumentCache(options: Options): DocumentCache {
  const { maxDocuments = 2_000, maxTextLength = 8_000_000 } = options;
  const known = new Map<string, Known>();
  const check = createCheck(options);
  let textLength = 0;
  let checked = 0;

  function remember(text: string, document: Known): void {
    known.set(text, document);
    textLength += text.length;
    for (const oldest of known.keys()) {
      if (known.size <= maxDocuments && textLength <= maxTextLength) return;
      known.delete(oldest);
      textLength -= oldest.length;
    }
  }

  function knownOf(text: string): Known | readonly GraphQLError[] {
    const document = known.get(text);
    if (document !== undefined) {
      known.delete(text); // to the end of the line
      known.set(text, document);
      return document;
    }
    checked += 1;
    const result = check(text);
    if ('operations' in result) remember(text, result);
    return result;
  }

  return {
    find(text, operationName) {
      const document = knownOf(text);
      return 'operations' in document ? operationIn(document, operationName ?? undefined) : document;
    },
    get counts() {
      return { checked, remembered: known.size };
    },
  };
}

function operationIn({ operations }: Known, name: string | undefined): Operation | readonly GraphQLError[] {
  const [only] = operations.values();
  if (name === undefined && only !== undefined && operations.size === 1) return only;
  const operation = operations.get(name);
  if (operation !== undefined) return operation;
  if (name !== undefined) return [chatError('BAD_USER_INPUT', `Unknown operation named "${name}".`)];
  const problem = operations.size === 0 ? 'has no operation' : 'has several operations: name one';
  return [chatError('BAD_USER_INPUT', `The document ${problem}.`)];
}

function createCheck({ schema, isIntrospectionOpen, limits = documentLimits }: Options) {
  const rules = isIntrospectionOpen ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const validation = { maxErrors: limits.maxErrors, hideSuggestions: !isIntrospectionOpen };

  function checkOrThrow(text: string): Known | readonly GraphQLError[] {
    if (Buffer.byteLength(text) > limits.maxBytes)
      return [chatError('QUERY_TOO_COMPLEX', `A document has at most ${limits.maxBytes} bytes.`)];
    const document = parse(text, { maxTokens: limits.maxTokens });
    const excess = findExcess(document, limits);
    if (excess) return [excess];
    const errors = validate(schema, document, rules, validation);
    return errors.length > 0 ? errors.map((error) => refusal(error, error.message)) : knownDocument(document);
  }

  return (text: string) => {
    try {
      return checkOrThrow(text);
    } catch (error) {
      return [refusalOf(error)];
    }
  };
}

function knownDocument(document: DocumentNode): Known {
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
