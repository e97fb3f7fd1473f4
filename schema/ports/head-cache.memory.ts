import { type HeadCache, isAhead, type Mark } from './head-cache.ts';

/** The reference: forgets nothing until it is closed, so it is for tests. One process needs no cache, as no hint of its own is lost. */
export function openMemoryHeadCache(): HeadCache {
  const marks = new Map<string, Mark>();
  let isOpen = true;
  return {
    note(place, mark) {
      if (!isOpen) return;
      const known = marks.get(place);
      if (known === undefined || isAhead(mark, known)) marks.set(place, mark);
    },
    async newest(places) {
      const found = places.flatMap((place) => {
        const mark = marks.get(place);
        return mark ? [[place, mark] as const] : [];
      });
      return new Map(found);
    },
    async close() {
      isOpen = false;
      marks.clear();
    },
  };
}
