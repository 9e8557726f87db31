/** Dropout masks: their rate, their independence of what was asked before, and their difference between sites, updates and seeds. */
import { expect, test } from '@jest/globals';
import { createDropoutMasks } from './index.js';

const zeros = (mask: Float32Array) => mask.reduce((sum, value) => sum + (value === 0 ? 1 : 0), 0) / mask.length;

test.each([0.1, 0.3, 0.5])('drops a share of %p, and scales what stays so that the mean is kept', (rate) => {
  const mask = createDropoutMasks(1).mask('site', rate, 400_000, 3);
  expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
  // Four standard deviations of a share of 400,000 draws.
  expect(Math.abs(zeros(mask) - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / 400_000));
});

test('is the same whatever was asked before, by the same masks or by new ones: a resumed run meets the same', () => {
  const wanted = [
    ['encoder.layer.0', 0.1, 5_000, 17],
    ['encoder.layer.1', 0.1, 900_000, 17],
    ['encoder.layer.0', 0.1, 2_000_000, 18],
    ['head', 0.2, 64, 18],
  ] as const;
  const forwards = createDropoutMasks(5);
  const backwards = createDropoutMasks(5);
  const first = wanted.map(([site, rate, count, update]) => forwards.mask(site, rate, count, update).slice());
  const second = [...wanted]
    .reverse()
    .map(([site, rate, count, update]) => backwards.mask(site, rate, count, update).slice());
  expect(first.map((mask) => mask.length)).toEqual([5_000, 900_000, 2_000_000, 64]);
  first.forEach((mask, i) =>
    expect(Buffer.from(mask.buffer).equals(Buffer.from((second[3 - i] as Float32Array).buffer))).toBe(true),
  );
});

test('a pool that grew begins with what it held before', () => {
  const small = createDropoutMasks(2);
  const grown = createDropoutMasks(2);
  grown.mask('large', 0.1, 3_000_000, 0);
  for (let update = 0; update < 20; update++) {
    expect(grown.mask('site', 0.1, 1_000, update)).toEqual(small.mask('site', 0.1, 1_000, update));
  }
});

test('differs between updates, sites, rates and seeds', () => {
  const masks = createDropoutMasks(1);
  const base = masks.mask('site', 0.5, 1_000, 0).slice();
  const others = [
    masks.mask('site', 0.5, 1_000, 1),
    masks.mask('other', 0.5, 1_000, 0),
    createDropoutMasks(2).mask('site', 0.5, 1_000, 0),
  ];
  // Two independent masks at rate 0.5 agree in half of their places.
  for (const other of others) {
    const agreement = base.reduce((sum, value, i) => sum + (value === other[i] ? 1 : 0), 0) / 1_000;
    expect(agreement).toBeGreaterThan(0.4);
    expect(agreement).toBeLessThan(0.6);
  }
  expect(new Set(masks.mask('site', 0.25, 1_000, 0))).not.toEqual(new Set(base));
});
