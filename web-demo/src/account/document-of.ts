import { gql } from 'urql';

/**
 * A document of the build, where it is an operation's text with the names of its fragments (see `compact-documents.ts`), as the tree
 * that code generation made of it. It is parsed when somebody looks into it.
 */
export function documentOf(
  fragments: { readonly [name: string]: string },
  parts: readonly string[],
  hash: string,
) {
  let parsed: ReturnType<typeof gql> | undefined;
  const meta = hash !== '' && { __meta__: { hash } };
  return {
    kind: 'Document',
    get definitions() {
      // urql holds one document per text, which may be this one: so it has the id, too.
      parsed ??= Object.assign(gql(parts.map((part) => fragments[part] ?? part).join(' ')), meta);
      return parsed.definitions;
    },
    ...meta,
  };
}
