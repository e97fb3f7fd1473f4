import { type DocumentNode, Kind, print, stripIgnoredCharacters } from 'graphql';
import type { Plugin } from 'vite';

const generated = /^export const (\w+) = (\{"(?:__meta__|kind)".*\}) as unknown as .*;$/gm;
/** Modules that are there in the build only; the zero byte keeps other plugins away from them. */
const document = '\0document/';
const fragment = '\0fragment/';

type Generated = DocumentNode & { readonly __meta__?: { readonly hash: string } };

/**
 * Generated documents are syntax trees, thirty times as long as what they were made of, with a copy of each fragment in all that
 * use it, and all in one file. In the build each is a module with its text, so that it is loaded with the screen that asks for it,
 * and is parsed when that is first done.
 */
export function compactDocuments(): Plugin {
  const modules = new Map<string, string>();
  return {
    name: 'compact-documents',
    apply: 'build',
    enforce: 'pre',
    resolveId: (id) => (modules.has(id) ? { id, moduleSideEffects: false } : undefined),
    load: (id) => modules.get(id),
    transform: {
      filter: { id: /\/src\/gql\/graphql\.ts$/ },
      handler(code, id) {
        const helper = JSON.stringify(id.replace('gql/graphql.ts', 'account/document-of.ts'));
        const compacted = code.replace(generated, (_, name: string, json: string) => {
          const source: Generated = JSON.parse(json);
          modules.set(`${document}${name}`, moduleOf(source, modules, helper));
          return `export { document as ${name} } from ${JSON.stringify(document + name)};`;
        });
        if (modules.size === 0) this.error('Code generation writes documents in another way now.');
        return { code: compacted, map: null };
      },
    },
  };
}

/** A document with its fragments, each of which becomes a module of its own, too. */
function moduleOf(
  { definitions, __meta__ }: Generated,
  modules: Map<string, string>,
  helper: string,
): string {
  const imports = [`import { documentOf } from ${helper};`];
  const parts = definitions.map((definition) => {
    const text = JSON.stringify(stripIgnoredCharacters(print(definition)));
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) return text;
    const id = `${fragment}${definition.name.value}`;
    modules.set(id, `export const text = ${text};`);
    imports.push(`import { text as ${definition.name.value} } from ${JSON.stringify(id)};`);
    return definition.name.value;
  });
  const hash = JSON.stringify(__meta__?.hash ?? '');
  return `${imports.join('\n')}\nexport const document = /* @__PURE__ */ documentOf([${parts}], ${hash});`;
}
