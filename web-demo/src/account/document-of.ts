import { gql } from 'urql';

/**
 * A document of the build, where it is the texts of an operation and its fragments (see `compact-documents.ts`), as the tree that
 * code generation made of it. It is parsed when somebody looks into it.
 */
export function documentOf(texts: readonly string[], hash: string) {
  let parsed: ReturnType<typeof gql> | undefined;
  const meta = hash !== '' && { __meta__: { hash } };
  return {
    kind: 'Document',
    get definitions() {
      // urql holds one document per text, which may be this one: so it has the id, too.
      parsed ??= Object.assign(gql(texts.join(' ')), meta);
      return parsed.definitions;
    },
    ...meta,
  };
}
