import type { CodegenConfig } from '@graphql-codegen/cli';
import { addTypenameSelectionDocumentTransform } from '@graphql-codegen/client-preset';

/** From the printed schema and the documents of the web demo to typed documents, and to the file of them by their ids. */
const config: CodegenConfig = {
  schema: 'schema/schema.graphql',
  documents: 'web-demo/src/**/*.graphql',
  generates: {
    'web-demo/src/gql/': {
      preset: 'client',
      // The cache needs them, and what is asked for by id has to have them in its text.
      documentTransforms: [addTypenameSelectionDocumentTransform],
      presetConfig: {
        fragmentMasking: false,
        persistedDocuments: { hashAlgorithm: 'sha256' },
      },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        importExtension: '.ts',
        avoidOptionals: { field: true, object: true, inputValue: false },
        nonOptionalTypename: true,
        skipTypeNameForRoot: true,
        scalars: {
          ID: { input: 'string', output: 'string' },
          Cursor: 'string',
          DateTime: 'string',
          Position: 'number',
          URL: 'string',
        },
      },
    },
  },
};
export default config;
