/** Every way in which a run can break a promise. What each stands for is said where it is looked for. */
export const rows = [
  'lost',
  'duplicated',
  'holes',
  'phantoms',
  'realTimeOrder',
  'senderOrder',
  'messageIdOrder',
  'prefixVisibility',
  'continuity',
  'content',
  'authorisation',
  'pushMissed',
  'pushUnwanted',
  'presence',
  'readState',
  'unreadDrift',
  'fold',
  'resources',
  'liveness',
  'unexpectedResets',
] as const;
export type Row = (typeof rows)[number];

/** One promise broken once: where, in words, and when by the clock of the run if it happened at a time. */
export type Finding = { readonly row: Row; readonly what: string; readonly t?: number };

export type Verdict = {
  /** How often each promise was broken. */
  readonly counts: Readonly<Record<Row, number>>;
  /** The first ones of each row, at most `mostFindings`. */
  readonly findings: readonly Finding[];
};

/** So many of each row are told in words: who looks for a cause needs a few, and a broken build breaks a promise a million times. */
export const mostFindings = 20;

export type Note = (row: Row, what: string, t?: number) => void;

/** Nothing was broken. */
export const isClean = ({ counts }: Verdict): boolean => rows.every((row) => counts[row] === 0);

const countsOf = (each: (row: Row) => number): Readonly<Record<Row, number>> => ({
  lost: each('lost'),
  duplicated: each('duplicated'),
  holes: each('holes'),
  phantoms: each('phantoms'),
  realTimeOrder: each('realTimeOrder'),
  senderOrder: each('senderOrder'),
  messageIdOrder: each('messageIdOrder'),
  prefixVisibility: each('prefixVisibility'),
  continuity: each('continuity'),
  content: each('content'),
  authorisation: each('authorisation'),
  pushMissed: each('pushMissed'),
  pushUnwanted: each('pushUnwanted'),
  presence: each('presence'),
  readState: each('readState'),
  unreadDrift: each('unreadDrift'),
  fold: each('fold'),
  resources: each('resources'),
  liveness: each('liveness'),
  unexpectedResets: each('unexpectedResets'),
});

export function createNotes(): { readonly note: Note; readonly verdict: () => Verdict } {
  const counts = new Map<Row, number>();
  const findings: Finding[] = [];
  return {
    note(row, what, t) {
      const count = (counts.get(row) ?? 0) + 1;
      counts.set(row, count);
      if (count <= mostFindings) findings.push({ row, what, ...(t !== undefined && { t }) });
    },
    verdict: () => ({ counts: countsOf((row) => counts.get(row) ?? 0), findings }),
  };
}
