import type { Bug } from './bug.ts';
import { before, behind, type Change, instead } from './change.ts';

const hub = 'schema/stream/hub';
const ring = 'schema/stream/ring';
const rule = (name: string) => instead('schema/stream/rules', `${name}: true,`, `${name}: false,`);

/**
 * A hint that comes too early, or after one that was lost, is taken as the next; what came in front of it is passed over. Who is further behind
 * than the ring, or than the hub has ever been, reads the log, as in the product.
 */
export const passesOverGaps: readonly Change[] = [
  rule('repairsGaps'),
  instead(
    hub,
    'next: rules.repairsGaps ? ring.next : ring.nextKept,',
    'next: (seq) => (seq < head ? undefined : ring.nextKept(seq)),',
  ),
  behind(ring, 'let bytes = 0;', 'let dropped = 0;'),
  behind(
    ring,
    'if (oldest !== undefined) bytes -= weightOf(oldest);',
    'dropped = oldest?.event.seq ?? dropped;',
  ),
  instead(
    ring,
    'nextKept: (seq) => held.find(({ event }) => event.seq > seq),',
    'nextKept: (seq) => (seq < dropped ? undefined : held.find(({ event }) => event.seq > seq)),',
  ),
];

const noHeadPoll: Bug = {
  changes: [
    // What nobody uses is let go all the same.
    instead('schema/stream/upkeep', "() => check('poll')", "() => check('let go')"),
    before(
      'schema/stream/open-stream',
      'await Promise.all([hubs.check(cause), feeds.check()]);',
      "if (cause === 'let go') return void (await Promise.all([hubs.check(cause, []), feeds.check([])]));",
    ),
    instead(
      'schema/stream/upkeep',
      "if (look !== undefined) loops.push(repeat('the look at cached heads', () => everyMs.look, look));",
      '',
    ),
  ],
};

/**
 * What is said in between is heard by nobody. It would be made up for at the first gap, which this build does not see: the first hint is where
 * its hub begins.
 */
const headReadBeforeSubscribe: Bug = {
  aids: ['aid-of-listening.mjs'],
  changes: [
    rule('listensFirst'),
    behind(
      'schema/stream/hubs',
      'const found = await read();',
      'await globalThis.testBuild.beforeListening();',
    ),
    behind(hub, 'let isGone = false;', 'let hasHeard = false; let unheard = { from: 0, upTo: 0 };'),
    before(
      hub,
      'take(hint.events);',
      `const first = hint.events[0]?.seq ?? 0;
      if (!hasHeard && first > pos + 1) {
        unheard = { from: pos, upTo: first - 1 };
        pos = first - 1;
      }
      hasHeard = true;`,
    ),
    instead(
      hub,
      'next: rules.repairsGaps ? ring.next : ring.nextKept,',
      'next: (seq) => ring.next(seq >= unheard.from && seq < unheard.upTo ? unheard.upTo : seq),',
    ),
    instead(
      ring,
      'return first === undefined ? undefined : held[seq + 1 - first];',
      `return first === undefined || seq + 1 < first
        ? undefined
        : held.find(({ event }) => event.seq > seq);`,
    ),
  ],
};

export const bugsOfStream = {
  'no-gap-repair': { changes: passesOverGaps },
  'no-head-poll': {
    ...noHeadPoll,
    // A lost hint is made up for by the next one: channels in which nothing is said for minutes, and people who stay where they are.
    needs: {
      faults: ['link', 'crash-after-ack-before-publish'],
      isOnly: true,
      size: { thinkMs: { least: 30_000, most: 120_000 }, deedMs: { least: 60_000, most: 180_000 } },
    },
  },
  'head-read-before-subscribe': headReadBeforeSubscribe,
  'cursor-newest-seen': { changes: [rule('namesWhatWasSent')] },
  'removal-not-ordered': { changes: [rule('endsAtRemoval')] },
} as const satisfies Readonly<Record<string, Bug>>;
