import type { Line } from '../history.ts';
import { check } from './check.ts';
import type { CheckOptions } from './options.ts';
import { type Row, rows } from './verdict.ts';

/** The rows in which something was found, and how often. */
export function brokenIn(lines: readonly Line[], options?: CheckOptions): Partial<Record<Row, number>> {
  const { counts } = check(lines, options);
  return Object.fromEntries(rows.filter((row) => counts[row] > 0).map((row) => [row, counts[row]]));
}

/** Changes the lines of one kind. Answering nothing leaves one out. */
export function changed<K extends Line['kind']>(
  lines: readonly Line[],
  kind: K,
  changeOne: (line: Extract<Line, { readonly kind: K }>) => Line | undefined,
): Line[] {
  const isOne = (line: Line): line is Extract<Line, { readonly kind: K }> => line.kind === kind;
  return lines.flatMap((line) => (isOne(line) ? (changeOne(line) ?? []) : [line]));
}
