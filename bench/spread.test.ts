import { expect, it } from 'vitest';
import { quantileOf, slopeOf, spreadOf } from './spread.ts';

it('a spread has the middle figure, the least and the most', () => {
  expect(spreadOf([300, 100, 200, 500, 400])).toEqual({ median: 300, least: 100, most: 500 });
  expect(spreadOf([1.234])).toEqual({ median: 1.23, least: 1.23, most: 1.23 });
});

it('a quantile is the smallest figure that so large a part does not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, n) => n + 1);
  expect([0, 0.5, 0.99, 1].map((part) => quantileOf(hundred, part))).toEqual([1, 50, 99, 100]);
  expect(quantileOf([], 0.5)).toBeNaN();
});

it('a slope is what grows per unit, and 0 where nothing can be said', () => {
  expect(
    slopeOf([
      [0, 5],
      [1, 7],
      [2, 9],
    ]),
  ).toBeCloseTo(2);
  expect(
    slopeOf([
      [0, 5],
      [1, 5],
      [2, 5],
    ]),
  ).toBe(0);
  expect(slopeOf([[1, 5]])).toBe(0);
  expect(slopeOf([])).toBe(0);
});
