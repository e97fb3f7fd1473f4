// Runs in the thread where Node loads modules; see register.mjs.
import { rewrite } from './rewrite.mjs';

let changesOf = {};

export function initialize(data) {
  ({ changesOf } = data);
}

/** Another test build of the same process has changed its part already; tsx gets what it compiles from here. */
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  const changes = changesOf[url.replace(/[?#].*/, '')];
  if (changes === undefined) return loaded;
  const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
  return { ...loaded, source: rewrite(source, changes) };
}
