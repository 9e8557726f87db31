/** MinHash finds what the exact similarity says are near duplicates. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { random } from '../foundation/index.js';
import { findDuplicates, findNearDuplicates, joinClusters, normaliseText } from './near-duplicates.js';

const sentence = (seed: number, words: number) => {
  const stream = random(seed, 'words');
  return Array.from({ length: words }, () => `w${stream.integer(5000)}`);
};

describe('duplicates', () => {
  test('letter case, spacing and compatibility forms do not matter', () => {
    expect(normaliseText('  The\u00a0ＡBC\n x')).toBe('the abc x');
    expect([...findDuplicates(['a b', 'c', 'A  B', 'c '])]).toEqual([0, 1, 0, 1]);
  });

  test('a few changed words of many make a near duplicate, many do not; short texts must be equal', () => {
    const words = sentence(1, 100);
    const few = words.with(50, 'changed');
    const many = words.map((w, i) => (i % 8 === 0 ? 'changed' : w));
    const short = 'This is a heading of seven words';
    const texts = [words, few, many, sentence(2, 100)]
      .map((w) => w.join(' '))
      .concat(short, `${short} more`, short.toUpperCase());
    expect([...findNearDuplicates(texts)]).toEqual([0, 0, 2, 3, 4, 5, 4]);
  });

  test('punctuation and letter case do not make texts differ', () => {
    const words = sentence(3, 30);
    expect([...findNearDuplicates([words.join(' '), words.join(', ').toUpperCase()])]).toEqual([0, 0]);
  });

  test('letters beyond ASCII are letters, composed or not, of one code unit or of two; what else is beyond it is none', () => {
    const words = sentence(4, 30).map((word) => `${word}äé\u{10428}\u{1042c}`);
    const same = words.map((word) => word.toUpperCase().normalize('NFD')).join(' \u2014\u{1f600}');
    const others = words.map((word) => word.replace('\u{10428}', '\u{10429}'));
    expect([...findNearDuplicates([words.join(' '), same, others.join(' ')])]).toEqual([0, 0, 2]);
  });

  test('a shared part of texts is compared as if it stood in each', () => {
    const [contract, first, second] = [sentence(5, 300), sentence(6, 9), sentence(7, 9)].map((w) => w.join(' '));
    const pairs = [first, second].map((statement) => [contract ?? '', statement ?? '']);
    expect([...findNearDuplicates(pairs)]).toEqual([0, 0]);
    expect([...findNearDuplicates(pairs.map((parts) => parts.join(' ')))]).toEqual([0, 0]);
    const apart = pairs.map(([, statement = ''], i) => [sentence(8 + i, 30).join(' '), statement]);
    expect([...findNearDuplicates(apart)]).toEqual([0, 1]);
  });

  test('every pair of a family is found among thousands of other texts', () => {
    const texts = Array.from({ length: 3000 }, (_, i) => sentence(i + 10, 25).join(' '));
    const family = Array.from({ length: 100 }, (_, i) => [...sentence(9, 40), `variant${i}`].join(' '));
    const clusters = findNearDuplicates([...texts, ...family]);
    expect(new Set(clusters.slice(3000))).toEqual(new Set([3000]));
    expect(new Set(clusters.slice(0, 3000)).size).toBe(3000);
  });

  test('found exactly when the similarity of 5-grams is well above or below 0.7', () => {
    const shingles = (w: readonly string[]) => new Set(w.slice(4).map((_, i) => w.slice(i, i + 5).join(' ')));
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 12, max: 120 }),
        fc.integer({ min: 0, max: 12 }),
        (seed, length, changes) => {
          const words = sentence(seed, length);
          const other = random(seed, 'where')
            .shuffle([...words.keys()])
            .slice(0, changes)
            .reduce((w, at) => w.with(at, `x${at}`), words);
          const [a, b] = [shingles(words), shingles(other)];
          const common = [...a].filter((s) => b.has(s)).length;
          const similarity = common / (a.size + b.size - common);
          if (Math.abs(similarity - 0.7) < 0.05) return;
          const clusters = findNearDuplicates([words.join(' '), other.join(' ')]);
          expect(clusters[1] === 0).toBe(similarity >= 0.7);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  test('ways of belonging together are joined', () => {
    expect([...joinClusters(Int32Array.of(0, 0, 2, 3, 4), Int32Array.of(0, 1, 1, 3, 3))]).toEqual([0, 0, 0, 3, 3]);
    expect([...joinClusters()]).toEqual([]);
  });
});
