import { frameBytes } from '../serving/raw-socket.ts';
import type { Random } from '../smoke/random.ts';
import type { Corpus } from './corpus.ts';
import { mutateBytes, mutateDocument, mutateFrame, mutateJson } from './mutate.ts';

/** What is sent at once: one frame, or bytes that are none. */
export type Shot = {
  readonly bytes: Buffer;
  /** Whoever reads it may have to wait for more, which never comes: nothing is sent behind it. */
  readonly isUnfinished: boolean;
};

const text = (payload: string | Buffer): Shot => ({
  bytes: frameBytes({ opcode: 1, payload: Buffer.from(payload) }),
  isUnfinished: false,
});

export function createShots(corpus: Corpus, random: Random): () => Shot {
  function withMutatedDocument(): string {
    const frame = corpus.frame();
    const query = mutateDocument(corpus.text(), corpus.text(), random);
    const payload = typeof frame.payload === 'object' ? { ...frame.payload, query } : { query };
    return JSON.stringify({ id: '1', ...frame, type: 'subscribe', payload });
  }
  const kinds: readonly (readonly [share: number, make: () => Shot])[] = [
    [0.2, () => text(JSON.stringify(corpus.frame()))],
    [0.3, () => text(withMutatedDocument())],
    [0.24, () => text(JSON.stringify(mutateFrame(corpus.frame(), random)))],
    [0.06, () => text(mutateJson(JSON.stringify(corpus.frame()), random))],
    [0.08, () => text(mutateBytes(Buffer.from(JSON.stringify(corpus.frame())), random))],
    [0.04, () => control(random)],
    [0.04, () => inParts(JSON.stringify(corpus.frame()), random)],
    [0.02, () => ({ ...text(JSON.stringify(corpus.frame())), isUnfinished: true })],
    [0.02, () => noise(random, mutateBytes(text(JSON.stringify(corpus.frame())).bytes, random))],
  ];
  return () => {
    let rest = random.next();
    for (const [share, make] of kinds) {
      rest -= share;
      if (rest < 0) return make();
    }
    return text(JSON.stringify(corpus.frame()));
  };
}

/** Any opcode, with and without a payload, known and reserved ones. */
function control(random: Random): Shot {
  const payload = Buffer.alloc(random.pick([0, 1, 2, 8, 125, 126, 1_000]), random.below(256));
  const part = {
    opcode: random.below(16),
    hasRsv1: random.next() < 0.1,
    isFinal: random.next() < 0.9,
    payload,
  };
  // A close is answered, and then nothing is; a part that is not the last waits for the next.
  return { bytes: frameBytes(part), isUnfinished: part.opcode === 8 || !part.isFinal };
}

/** One text in some parts, of which one may be missing, or come twice. */
function inParts(whole: string, random: Random): Shot {
  const bytes = Buffer.from(whole);
  const size = 1 + random.below(bytes.length);
  const parts = Array.from({ length: Math.min(80, Math.ceil(bytes.length / size)) }, (_, nth) =>
    bytes.subarray(nth * size, (nth + 1) * size),
  );
  const frames = parts.map((payload, nth) =>
    frameBytes({ opcode: nth === 0 ? 1 : 0, isFinal: nth === parts.length - 1, payload }),
  );
  const isBroken = random.next() < 0.3;
  if (isBroken)
    frames.splice(random.below(frames.length), 1, ...(random.next() < 0.5 ? [] : [frames[0] ?? bytes]));
  return { bytes: Buffer.concat(frames), isUnfinished: isBroken };
}

/** Bytes of any kind. What they say of their own length is as random. */
function noise(random: Random, mutated: Buffer): Shot {
  const bytes = Buffer.from(Array.from({ length: 1 + random.below(200) }, () => random.below(256)));
  return { bytes: random.next() < 0.5 ? bytes : mutated, isUnfinished: true };
}
