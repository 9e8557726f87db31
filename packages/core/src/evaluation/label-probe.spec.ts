/** A probe of labels: what is there to be told is told, and chance is chance. */
import { expect, test } from '@jest/globals';
import { random } from '../foundation/index.js';
import { probeLabels, type LabelledVectors } from './label-probe.js';

const names = ['a', 'b', 'c'];

/** Vectors around one point a label, or around one for all. */
function texts(count: number, seed: number, apart: number): LabelledVectors {
  const rng = random(seed, 'texts');
  const labels = Int32Array.from({ length: count }, () => rng.integer(3));
  const vectors = Array.from(labels, (label) =>
    Float32Array.from({ length: 6 }, (_, column) => rng.normal() + (column === label ? apart : 0)),
  );
  return { vectors, labels };
}

test('labels whose vectors lie apart are told, others as by chance', () => {
  expect(probeLabels(texts(200, 1, 8), texts(100, 2, 8), names)).toBeGreaterThan(0.97);
  const chance = probeLabels(texts(400, 1, 0), texts(400, 2, 0), names);
  expect([chance > 0.2, chance < 0.45]).toEqual([true, true]);
});
