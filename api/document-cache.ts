import type { GraphQLError } from 'graphql';
import { chatError } from '../schema/errors.ts';
import {
  type CheckedDocument,
  type CheckOptions,
  createDocumentCheck,
  type Operation,
} from './check-document.ts';

export type DocumentCache = {
  /** The operation that is asked for, or what is wrong with the document. */
  find(text: string, operationName?: string | null): Operation | readonly GraphQLError[];
  /** How many documents were parsed and validated since the start, and how many that were sent are remembered. */
  readonly counts: { readonly checked: number; readonly remembered: number };
};

export type CacheOptions = CheckOptions & {
  /** Documents by their texts that were checked before, by the same rules. They stay for ever, and take no room from the others. */
  readonly persisted?: ReadonlyMap<string, CheckedDocument> | undefined;
  /** Bounds of what is remembered: the documents used longest ago go first. */
  readonly maxDocuments?: number;
  readonly maxTextLength?: number;
};

/** As many as the apps of all who are there, with room; each takes some 30 kB. */
export const defaultMaxDocuments = 2_000;

/**
 * Parses and validates each document once, for all transports. Only good documents are remembered: a bad one costs its sender
 * the same every time, and pushes none out.
 */
export function createDocumentCache(options: CacheOptions): DocumentCache {
  const { persisted, maxDocuments = defaultMaxDocuments, maxTextLength = 8_000_000 } = options;
  const known = new Map<string, CheckedDocument>();
  const check = createDocumentCheck(options);
  let textLength = 0;
  let checked = 0;

  function remember(text: string, document: CheckedDocument): void {
    known.set(text, document);
    textLength += text.length;
    for (const oldest of known.keys()) {
      if (known.size <= maxDocuments && textLength <= maxTextLength) return;
      known.delete(oldest);
      textLength -= oldest.length;
    }
  }

  function knownOf(text: string): CheckedDocument | readonly GraphQLError[] {
    const lasting = persisted?.get(text);
    if (lasting !== undefined) return lasting;
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

function operationIn(
  { operations }: CheckedDocument,
  name: string | undefined,
): Operation | readonly GraphQLError[] {
  const [only] = operations.values();
  if (name === undefined && only !== undefined && operations.size === 1) return only;
  const operation = operations.get(name);
  if (operation !== undefined) return operation;
  if (name !== undefined) return [chatError('BAD_USER_INPUT', `Unknown operation named "${name}".`)];
  const problem = operations.size === 0 ? 'has no operation' : 'has several operations: name one';
  return [chatError('BAD_USER_INPUT', `The document ${problem}.`)];
}
