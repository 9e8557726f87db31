import { expect, test } from '@jest/globals';
import { layoutGraph } from './graph-layout.js';

const star = [1, 2, 3, 4, 5].map((i): [number, number] => [0, i]);
const apart = (a: { x: number; y: number }, b: { x: number; y: number }) => Math.hypot(a.x - b.x, a.y - b.y);

test('a graph always lies the same, within its frame, no two nodes at one place', () => {
  const { places, width, height } = layoutGraph(9, star);
  expect(layoutGraph(9, star).places).toEqual(places);
  for (const { x, y } of places) {
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x).toBeLessThanOrEqual(width);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(y).toBeLessThanOrEqual(height);
  }
  places.forEach((one, i) => places.slice(0, i).forEach((other) => expect(apart(one, other)).toBeGreaterThan(20)));
});

test('what is related lies nearer than what is not', () => {
  const pairs: [number, number][] = [
    [0, 1],
    [1, 2],
    [0, 2],
    [3, 4],
    [4, 5],
    [3, 5],
  ];
  const { places } = layoutGraph(6, pairs);
  const mean = (list: [number, number][]) =>
    list.reduce((sum, [a, b]) => sum + apart(places[a]!, places[b]!), 0) / list.length;
  expect(mean(pairs)).toBeLessThan(mean([0, 1, 2].flatMap((a) => [3, 4, 5].map((b): [number, number] => [a, b]))));
});

test('one node lies in the middle, and none is no error', () => {
  expect(layoutGraph(1, []).places).toEqual([{ x: 360, y: 220 }]);
  expect(layoutGraph(0, []).places).toEqual([]);
});
