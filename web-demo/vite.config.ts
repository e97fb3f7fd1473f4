import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { buildWorker } from './build-worker.ts';
import { compactDocuments } from './compact-documents.ts';

/** Where `npm run demo:dev` finds a server. */
const server = process.env.PARLEY_URL || 'http://127.0.0.1:4000';

const worker = 'service-worker.js';

/**
 * Two files beside what is bundled. `precache.json` tells the worker what to keep: the page and all that it can ever load, by their
 * paths. `persisted-documents.json` tells a server what this build asks for; it serves that to nobody.
 */
function filesBeside(): Plugin {
  let folder = '';
  return {
    name: 'files-beside',
    apply: 'build',
    configResolved({ publicDir }) {
      folder = publicDir;
    },
    generateBundle: {
      order: 'post', // when the page is among them
      handler(_, bundle) {
        const built = [...Object.keys(bundle), ...filesIn(folder)].filter((file) => file !== worker);
        const paths = built.map((file) => (file === 'index.html' ? '/' : `/${file}`)).sort();
        const documents = readFileSync(join(import.meta.dirname, 'src/gql/persisted-documents.json'), 'utf8');
        this.emitFile({ type: 'asset', fileName: 'precache.json', source: JSON.stringify(paths) });
        this.emitFile({ type: 'asset', fileName: 'persisted-documents.json', source: documents });
      },
    },
  };
}

/** What both first screens need is asked for with the page, not when its first script has said so. */
function baseAhead(): Plugin {
  return {
    name: 'base-ahead',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_, { bundle = {} }) =>
        Object.values(bundle)
          .filter((part) => part.type === 'chunk' && ['base', 'rolldown-runtime'].includes(part.name))
          .map(({ fileName }) => ({
            tag: 'link',
            attrs: { rel: 'modulepreload', crossorigin: true, href: `/${fileName}` },
            injectTo: 'head',
          })),
    },
  };
}

/** By their paths from the folder, which need not be there. */
function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

/** What both the way in and the first screen are made of: in one file, as few files are smaller together than many. */
const base = new RegExp(
  [
    'node_modules/(react|react-dom|scheduler|urql|@urql/core|wonka|@0no-co)/',
    'web-demo/src/(account/(?!places|demo-people|by-address|enter)|(app|opening|show|route)[.]ts|sign-in/use-demo)',
    'web-demo/src/channel-list/(skeleton|use-presence|presences|watched|use-now)',
    'web-demo/src/design/(avatar|badge|button|empty|icon|initials|menu|notice|palette|spinner|time)',
    'web-demo/src/people/(problem|use-ask)',
    'web-demo/src/(sync|chat)/readable',
    'fragment/(ChannelEntry|ChannelAbilities|MessageFields|Verdict)',
  ]
    .join('|')
    .replaceAll('/', '[\\\\/]'),
);

export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    react(),
    compactDocuments(),
    baseAhead(),
    buildWorker(`${import.meta.dirname}/src/service-worker.ts`, worker),
    filesBeside(),
  ],
  build: {
    outDir: '../dist/web-demo',
    emptyOutDir: true,
    target: 'es2023',
    // What is small would come as a `data:` URL, which the policy of the page refuses in places.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: `${import.meta.dirname}/index.html` },
      output: {
        // What loads others names each of them and all that they need: whole words would be 300 bytes of the first load.
        chunkFileNames: 'assets/c-[hash].js',
        assetFileNames: 'assets/a-[hash][extname]',
        codeSplitting: {
          groups: [
            // What decides about loading must not wait for what it loads.
            { name: 'boot', test: /preload-helper|account[\\/](places|demo-people)/, priority: 2 },
            { name: 'base', test: base, priority: 1 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/graphql': { target: server, ws: true }, '/demo-people.json': server } },
});
