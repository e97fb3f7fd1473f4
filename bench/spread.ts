/** A figure of several runs. */
export type Spread = { readonly median: number; readonly least: number; readonly most: number };

export function spreadOf(figures: readonly number[]): Spread {
  const ascending = figures.toSorted((a, b) => a - b);
  return {
    median: round(quantileOf(ascending, 0.5)),
    least: round(ascending[0] ?? Number.NaN),
    most: round(ascending.at(-1) ?? Number.NaN),
  };
}

/** Of figures in ascending order: the smallest that so large a part of them does not exceed. */
export function quantileOf(ascending: readonly number[], part: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * part) - 1)] ?? Number.NaN;
}

/** How much the second figure of the points grows with one of the first, by least squares. */
export function slopeOf(points: readonly (readonly [at: number, figure: number])[]): number {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((total, point) => total + of(point), 0) / points.length;
  const [at, figure] = [mean(([x]) => x), mean(([, y]) => y)];
  const spread = mean(([x]) => (x - at) ** 2);
  return spread > 0 ? mean(([x, y]) => (x - at) * (y - figure)) / spread : 0;
}

/** Three digits are more than a bench is good for. */
export const round = (figure: number): number =>
  Math.abs(figure) >= 100 ? Math.round(figure) : Math.round(figure * 100) / 100;
