import { headCacheContract } from './head-cache.contract.ts';
import { openMemoryHeadCache } from './head-cache.memory.ts';

headCacheContract('memory', async () => {
  const cache = openMemoryHeadCache();
  return { openCache: async () => cache, close: cache.close };
});
