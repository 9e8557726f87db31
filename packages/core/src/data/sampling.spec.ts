/** Samples keep to both caps and keep rare labels. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { random } from '../foundation/index.js';
import type { MultiLabelExample } from './examples.js';
import { sampleTraining } from './sampling.js';

function corpus(n: number): { examples: MultiLabelExample[]; lengths: number[] } {
  const stream = random(4, 'corpus');
  const examples = Array.from({ length: n }, (_, i) => ({
    id: `${i}`,
    text: 'x',
    labels: [...(i % 500 === 0 ? ['rare'] : []), ...(stream.uniform() < 0.1 ? ['some'] : [])],
  }));
  return { examples, lengths: examples.map(() => 5 + stream.integer(60)) };
}

test('everything where everything fits', () => {
  const { examples, lengths } = corpus(50);
  expect(sampleTraining(examples, lengths, { maxExamples: 50, maxTokens: 1e6, seed: 1 })).toEqual([...examples.keys()]);
});

test('both caps hold, indices are distinct and ascending, the seed decides', () => {
  const { examples, lengths } = corpus(2000);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2500 }),
      fc.integer({ min: 100, max: 90_000 }),
      fc.nat(),
      (maxExamples, maxTokens, seed) => {
        const sample = sampleTraining(examples, lengths, { maxExamples, maxTokens, seed });
        expect(sample.length).toBeLessThanOrEqual(maxExamples);
        expect(sample.reduce((sum, i) => sum + (lengths[i] ?? 0), 0)).toBeLessThanOrEqual(maxTokens);
        expect(sample).toEqual([...new Set(sample)].sort((a, b) => a - b));
        expect(sampleTraining(examples, lengths, { maxExamples, maxTokens, seed })).toEqual(sample);
      },
    ),
  );
});

test('rare labels stay whole, frequent ones and none are both drawn, the token cap is used', () => {
  const { examples, lengths } = corpus(10_000);
  const sample = sampleTraining(examples, lengths, { maxExamples: 1000, maxTokens: 20_000, seed: 2 });
  const labels = sample.flatMap((i) => examples[i]?.labels ?? []);
  expect(labels.filter((label) => label === 'rare')).toHaveLength(20);
  expect(labels.filter((label) => label === 'some').length).toBeGreaterThan(80);
  expect(sample.filter((i) => examples[i]?.labels.length === 0).length).toBeGreaterThan(200);
  expect(sample.reduce((sum, i) => sum + (lengths[i] ?? 0), 0)).toBeGreaterThan(19_900);
});

test('at least one is drawn: the shortest, where none fits; none where there is none', () => {
  const { examples } = corpus(3);
  const options = { maxExamples: 10, maxTokens: 100, seed: 1 };
  expect(sampleTraining(examples, [900, 300, 500], options)).toEqual([1]);
  expect(sampleTraining([], [], options)).toEqual([]);
});
