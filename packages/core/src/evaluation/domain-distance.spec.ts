/** Domains told apart: figures of Ben-David's distance, one source against itself, and sources without a word in common. */
import { describe, expect, test } from '@jest/globals';
import { random } from '../foundation/index.js';
import { cutStretches, domainDistance, proxyDistance } from './domain-distance.js';
import { outOfFold } from './out-of-fold.js';

/** Documents of words drawn from a vocabulary of its own prefix. */
function documents(count: number, { prefix, seed, words = 40 }: { prefix: string; seed: number; words?: number }) {
  const rng = random(seed, 'documents');
  return Array.from({ length: count }, () =>
    Array.from({ length: words }, () => `${prefix}${'abcdefghij'[rng.integer(10)]}x`),
  );
}

test('the proxy A-distance of an error', () => {
  expect([0, 0.05, 0.25, 0.5, 0.7].map(proxyDistance)).toEqual([2, 1.8, 1, 0, 0]);
});

describe('stretches', () => {
  test('are equally long; a document keeps to itself, short ones are joined', () => {
    const long = Array.from({ length: 100 }, (_, i) => `long${i}`);
    const short = Array.from({ length: 8 }, (_, d) => Array.from({ length: 4 }, (_, i) => `short${d}-${i}`));
    const stretches = cutStretches([long, ...short], { seed: 3, length: 16, perDocument: 2 });
    expect(stretches.map(({ words }) => words.length)).toEqual([16, 16, 16, 16]);
    const ofLong = stretches.filter(({ words }) => words[0]?.startsWith('long'));
    expect(ofLong).toHaveLength(2);
    expect(new Set(ofLong.map(({ group }) => group)).size).toBe(1);
    for (const { words } of ofLong) {
      const first = Number(words[0]?.slice('long'.length));
      expect(words).toEqual(long.slice(first, first + 16));
    }
    expect(new Set(stretches.map(({ group }) => group)).size).toBe(3);
    expect(new Set(stretches.flatMap(({ words }) => words)).size).toBe(64);
  });

  test('are no more than asked for, and the same for a seed', () => {
    const many = documents(50, { prefix: 'w', seed: 1 });
    const stretches = cutStretches(many, { seed: 1, most: 30 });
    expect(stretches).toHaveLength(30);
    expect(cutStretches(many, { seed: 1, most: 30 })).toEqual(stretches);
  });
});

describe('distance', () => {
  const stretchesOf = (prefix: string, seed: number) => cutStretches(documents(120, { prefix, seed }), { seed });

  test('of a source from itself is about nothing', () => {
    const same = domainDistance(stretchesOf('w', 1), stretchesOf('w', 2), { seed: 1 });
    expect(same?.stretches).toBe(240);
    expect(same?.accuracy).toBeGreaterThan(0.4);
    expect(same?.accuracy).toBeLessThan(0.6);
    expect(same?.distance).toBeLessThan(0.4);
  });

  test('of sources without a word in common is 2', () => {
    expect(domainDistance(stretchesOf('v', 1), stretchesOf('w', 2), { seed: 1 })).toEqual({
      ...{ accuracy: 1, auc: 1, distance: 2, stretches: 240 },
    });
  });

  test('is not measured on next to nothing', () => {
    expect(domainDistance(stretchesOf('v', 1).slice(0, 19), stretchesOf('w', 2), { seed: 1 })).toBeUndefined();
  });
});

test('out-of-fold predictions are of models that saw nothing of the group', () => {
  const examples = Array.from({ length: 60 }, (_, i) => ({ group: `g${i % 20}`, label: i % 3 }));
  const sizes: number[] = [];
  const probabilities = outOfFold(examples, {
    baseline: {
      name: 'memory',
      fit: (train) => {
        sizes.push(train.length);
        const known = new Set(train.map(({ group }) => group));
        return (inputs) => Float64Array.from(inputs.flatMap(({ group, label }) => [known.has(group) ? 1 : 0, label]));
      },
    },
    classes: 2,
    gold: examples.map(({ label }) => label),
    groups: examples.map(({ group }) => group),
    seed: 4,
  });
  expect(sizes).toHaveLength(5);
  for (const size of sizes) expect(size).toBe(48);
  examples.forEach(({ label }, i) => expect([probabilities[2 * i], probabilities[2 * i + 1]]).toEqual([0, label]));
});
