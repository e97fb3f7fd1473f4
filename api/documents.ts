import { GraphQLError } from 'graphql';
import { chatError } from '../schema/errors.ts';
import type { Operation } from './check-document.ts';
import { type CacheOptions, createDocumentCache, type DocumentCache } from './document-cache.ts';
import { documentIdOf, type Manifest, withPrefix } from './manifest.ts';

/** How a client says what is to run, as it came in: by a text, by the id of a document of the manifest, or by both. */
export type Asked = {
  readonly query?: string | undefined;
  readonly documentId?: unknown;
  readonly operationName?: string | null | undefined;
  /** For clients that cannot add a member: `documentId` may stand in here. */
  readonly extensions?: { readonly [name: string]: unknown } | null | undefined;
};

/** What may run on a server. The same for all transports. */
export type Documents = {
  /** The operation that is asked for, or why there is none. */
  find(asked: Asked): Operation | readonly GraphQLError[];
  readonly counts: DocumentCache['counts'];
};

type Settings = Omit<CacheOptions, 'persisted'> & {
  readonly manifest: Manifest | undefined;
  /** Nothing else runs, however it is asked for. */
  readonly isManifestOnly: boolean;
};

/** One for a server. */
export function createDocuments({ manifest, isManifestOnly, ...options }: Settings): Documents {
  const cache = createDocumentCache({ ...options, persisted: manifest?.documents });

  function textOf(query: string, id: string | undefined): string | GraphQLError {
    if (id === undefined) return query;
    const text = manifest?.texts.get(id);
    if (query === '') return text ?? chatError('PERSISTED_DOCUMENT_NOT_FOUND');
    // Of an id that is not in the manifest, the text that came along shows whether it is its own.
    const isOne = text === undefined ? documentIdOf(query) === id : text === query;
    if (isOne) return query;
    return isManifestOnly ? chatError('PERSISTED_DOCUMENT_NOT_FOUND') : notOne();
  }

  return {
    find(asked) {
      const id = idIn(asked);
      if (id instanceof GraphQLError) return [id];
      const text = textOf(asked.query ?? '', id);
      if (text instanceof GraphQLError) return [text];
      if (isManifestOnly && manifest?.documents.has(text) !== true)
        return [chatError('PERSISTED_DOCUMENT_NOT_FOUND')];
      return cache.find(text, asked.operationName);
    },
    get counts() {
      return cache.counts;
    },
  };
}

const notOne = () => chatError('BAD_USER_INPUT', '`documentId` and `query` are not of the same document.');

/** Whether a client names a document by its id, well or badly: then it need not send the text. */
export const hasDocumentId = ({
  documentId,
  extensions,
}: Pick<Asked, 'documentId' | 'extensions'>): boolean =>
  (documentId ?? extensions?.documentId ?? undefined) !== undefined;

function idIn({ documentId, extensions }: Asked): string | undefined | GraphQLError {
  const ids = [documentId, extensions?.documentId].filter((id) => id !== undefined && id !== null);
  const [id] = ids;
  if (id === undefined) return undefined;
  if (typeof id !== 'string')
    return chatError('BAD_USER_INPUT', '`documentId` is a text such as `sha256:…`.');
  if (ids.some((other) => other !== id))
    return chatError('BAD_USER_INPUT', 'There are two different values of `documentId`.');
  return withPrefix(id);
}
