import { parse } from '@0no-co/graphql.web';

/**
 * A document of the build, where it is the texts of an operation and its fragments (see `compact-documents.ts`), as the tree that
 * code generation made of it. It is parsed when somebody looks into it; urql would print and hash it as well, and is spared that.
 */
export function documentOf(texts: readonly string[], hash: string) {
  const body = texts.join(' ');
  let definitions: ReturnType<typeof parse>['definitions'] | undefined;
  const source = { body, name: 'gql', locationOffset: { line: 1, column: 1 } };
  return {
    kind: 'Document',
    get definitions() {
      definitions ??= parse(body, { noLocation: true }).definitions;
      return definitions;
    },
    ...(hash !== '' && {
      __meta__: { hash },
      __key: keyIn(hash),
      loc: { start: 0, end: body.length, source },
    }),
  };
}

/** urql knows documents by 32 bits of a hash; these are as good as its own. */
const keyIn = (hash: string) => Number.parseInt(hash.slice(-8), 16);
