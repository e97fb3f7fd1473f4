declare const self: ServiceWorkerGlobalScope;

/** The page and its files, all of one build. */
const shell = 'parley-shell';
const list = '/precache.json';

/** The files of the build that the server has now; nothing when it cannot be reached. */
async function filesNow(): Promise<readonly string[] | undefined> {
  const response = await fetch(list, { cache: 'no-cache' }).catch(() => undefined);
  const files: readonly string[] | undefined = response?.ok ? await response.json() : undefined;
  return files;
}

/** Keeps the newest build. The page comes last: it never names a file that is not there. */
export async function refresh(): Promise<void> {
  const files = await filesNow();
  if (files === undefined) return;
  const cache = await caches.open(shell);
  const kept = (await cache.keys()).map(({ url }) => new URL(url).pathname);
  const missing = files.filter((file) => !kept.includes(file));
  if (missing.length === 0 && kept.includes('/')) return;
  await cache.addAll(missing);
  await cache.add(new Request('/', { cache: 'no-cache' }));
  const old = kept.filter((path) => path !== '/' && !files.includes(path));
  await Promise.all(old.map((path) => cache.delete(path)));
}

/** Beside the scripts, whose names say what is in them. */
const isOfShell = (path: string) =>
  path.startsWith('/assets/') || path === '/manifest.webmanifest' || /^\/[\w-]+\.(png|svg)$/.test(path);

export function onFetch(event: FetchEvent): void {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  // What is here is shown at once; what is newer is there at the next visit.
  if (request.mode === 'navigate' && pathname === '/') {
    event.respondWith(caches.match('/').then((kept) => kept ?? fetch(request)));
    event.waitUntil(refresh().catch(() => undefined));
  } else if (isOfShell(pathname))
    event.respondWith(caches.match(pathname).then((kept) => kept ?? fetch(request)));
}
