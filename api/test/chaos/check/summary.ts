import type { Line } from '../history.ts';
import type { Row, Verdict } from './verdict.ts';

/** The line that a run prints: how much happened, and how often each promise was broken. */
export type Summary = {
  /** Messages that were acknowledged. */
  readonly acked: number;
  /** Messages that came to devices, repeats too. */
  readonly delivered: number;
  readonly faults: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Two things stand in another order than they happened in. */
  readonly reordered: number;
  /** Somebody was not told of something, or the log has a hole. */
  readonly skipped: number;
  /** Somebody was told of something that was not for them. */
  readonly leaked: number;
  readonly unexpectedResets: number;
  readonly unreadDrift: number;
} & Readonly<Record<Beside, number>>;

/** Rows that the first names do not stand for. */
type Beside = Exclude<
  Row,
  | 'lost'
  | 'duplicated'
  | 'realTimeOrder'
  | 'senderOrder'
  | 'messageIdOrder'
  | 'holes'
  | 'prefixVisibility'
  | 'continuity'
  | 'authorisation'
  | 'unexpectedResets'
  | 'unreadDrift'
>;

export function summaryOf(lines: readonly Line[], { counts }: Verdict): Summary {
  const acked = new Set<number>();
  const sends = new Set<number>();
  let [delivered, faults] = [0, 0];
  for (const line of lines) {
    if (line.kind === 'invoke' && line.what.type === 'send') sends.add(line.op);
    else if (line.kind === 'ok' && sends.has(line.op)) acked.add(line.op);
    else if (line.kind === 'delivery' && line.event.type === 'message') delivered += 1;
    else if (line.kind === 'fault') faults += 1;
  }
  return {
    ...{ acked: acked.size, delivered, faults },
    lost: counts.lost,
    duplicated: counts.duplicated,
    reordered: counts.realTimeOrder + counts.senderOrder + counts.messageIdOrder,
    skipped: counts.holes + counts.prefixVisibility + counts.continuity,
    leaked: counts.authorisation,
    unexpectedResets: counts.unexpectedResets,
    unreadDrift: counts.unreadDrift,
    phantoms: counts.phantoms,
    content: counts.content,
    fold: counts.fold,
    readState: counts.readState,
    pushMissed: counts.pushMissed,
    pushUnwanted: counts.pushUnwanted,
    presence: counts.presence,
    resources: counts.resources,
    liveness: counts.liveness,
  };
}
