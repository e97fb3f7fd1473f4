/** Payloads that were made for an event, kept beside it while it lives, and within bounds. */
export type PayloadStore = {
  /** The payload of this event under this key; made when nobody asked for it before. Two who ask at once share one making. */
  payloadOf(event: object, key: string, make: () => Promise<string>): string | Promise<string>;
};

type Bounds = {
  /** Different documents and variables for one event. More are made each time: somebody varies them on purpose. */
  readonly maxPerEvent: number;
  /** Characters kept in all; the oldest go first. Live subscribers come within milliseconds. */
  readonly maxLength: number;
};

type Kept = Map<string, string | Promise<string>>;
type Place = { readonly kept: Kept; readonly key: string; readonly length: number };

export function createPayloadStore(
  { maxPerEvent, maxLength }: Bounds = { maxPerEvent: 16, maxLength: 16_000_000 },
): PayloadStore {
  const keptOf = new WeakMap<object, Kept>();
  /** In the order of making. A Set, because it forgets its oldest entry cheaply. */
  const places = new Set<Place>();
  let length = 0;

  function keep(place: Place, payload: string): void {
    place.kept.set(place.key, payload);
    places.add(place);
    length += place.length;
    for (const oldest of places) {
      if (length <= maxLength) return;
      places.delete(oldest);
      oldest.kept.delete(oldest.key);
      length -= oldest.length;
    }
  }

  async function makeFor(kept: Kept, key: string, make: () => Promise<string>): Promise<string> {
    try {
      const payload = await make();
      keep({ kept, key, length: payload.length }, payload);
      return payload;
    } catch (error) {
      kept.delete(key);
      throw error;
    }
  }

  return {
    payloadOf(event, key, make) {
      const kept = keptOf.get(event) ?? new Map();
      keptOf.set(event, kept);
      const known = kept.get(key);
      if (known !== undefined) return known;
      if (kept.size >= maxPerEvent) return make();
      const making = makeFor(kept, key, make);
      kept.set(key, making);
      return making;
    },
  };
}
