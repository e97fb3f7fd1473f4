import { build, type Plugin } from 'vite';
import { compactDocuments } from './compact-documents.ts';

/**
 * The service worker beside the page: one file at an address that stays, a plain script that takes nothing from the files of the
 * page. So browsers without modules in workers run it, and a new page never changes what an old worker has loaded.
 */
export function buildWorker(source: string, fileName: string): Plugin {
  return {
    name: 'build-worker',
    apply: 'build',
    async generateBundle() {
      const built = await build({
        configFile: false,
        publicDir: false,
        logLevel: 'warn',
        plugins: [compactDocuments()],
        build: {
          write: false,
          target: 'es2023',
          modulePreload: false,
          rolldownOptions: { input: source, output: { format: 'iife' } },
        },
      });
      const parts = [built].flat().flatMap((one) => ('output' in one ? one.output : []));
      const [script, ...more] = parts;
      if (script?.type !== 'chunk' || more.length > 0)
        this.error('The worker has become more than one file.');
      this.emitFile({ type: 'asset', fileName, source: script.code });
    },
  };
}
