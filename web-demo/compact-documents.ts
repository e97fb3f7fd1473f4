import { type DocumentNode, Kind, print, stripIgnoredCharacters } from 'graphql';
import type { Plugin } from 'vite';

const generated = /^export const (\w+) = (\{"(?:__meta__|kind)".*\}) as unknown as (.*);$/gm;

type Generated = DocumentNode & { readonly __meta__?: { readonly hash: string } };

/**
 * Generated documents are syntax trees, thirty times as long as what they were made of, with a copy of each fragment in all that
 * use it. In the build there is the text of each, once, and a document is parsed when it is first asked for.
 */
export function compactDocuments(): Plugin {
  return {
    name: 'compact-documents',
    apply: 'build',
    enforce: 'pre',
    transform: {
      filter: { id: /\/src\/gql\/graphql\.ts$/ },
      handler(code) {
        const fragments = new Map<string, string>();
        const compacted = code.replace(generated, (_, name: string, json: string, type: string) => {
          const document: Generated = JSON.parse(json);
          const parts = partsOf(document, fragments).map((part) => JSON.stringify(part));
          return `export const ${name} = /* @__PURE__ */ documentOf(fragments, [${parts}], ${JSON.stringify(document.__meta__?.hash ?? '')}) as unknown as ${type};`;
        });
        if (fragments.size === 0) this.error('Code generation writes documents in another way now.');
        const texts = `const fragments: Record<string, string> = ${JSON.stringify(Object.fromEntries(fragments))};`;
        return {
          code: `import { documentOf } from '../account/document-of.ts';\n${texts}\n${compacted}`,
          map: null,
        };
      },
    },
  };
}

/** The text of an operation, and the names of the fragments that go with it, whose texts are added to those that are known. */
function partsOf({ definitions }: Generated, fragments: Map<string, string>): string[] {
  return definitions.map((definition) => {
    const text = stripIgnoredCharacters(print(definition));
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) return text;
    fragments.set(definition.name.value, text);
    return definition.name.value;
  });
}
