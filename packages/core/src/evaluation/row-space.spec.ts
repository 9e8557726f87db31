/** Rows as a square: the same products, and weights that give every row the same score. */
import { expect, test } from '@jest/globals';
import { tfidfLabels } from './index.js';
import { fitOneVersusRest } from './logistic-regression.js';
import { rowSpaceOf } from './row-space.js';
import { fitTfidf } from './tfidf.js';

const words = 'cat dog court judge bank river tree engine paper window garden teacher letter market bridge road'.split(
  ' ',
);
const texts = Array.from({ length: 14 }, (_, i) =>
  Array.from({ length: 6 }, (_, k) => words[(i * 5 + k * k * 3 + (i % 3) * k) % words.length]!).join(' '),
);
// The last text repeats the first: its row is a combination of earlier ones.
const x = fitTfidf([...texts, texts[0]!]).transform([...texts, texts[0]!]);

const product = (of: typeof x, i: number, j: number): number => {
  const row = new Map<number, number>();
  for (let k = of.rowStart[i]!; k < of.rowStart[i + 1]!; k++) row.set(of.column[k]!, of.value[k]!);
  let sum = 0;
  for (let k = of.rowStart[j]!; k < of.rowStart[j + 1]!; k++) sum += of.value[k]! * (row.get(of.column[k]!) ?? 0);
  return sum;
};

test('rows have the products that they had, a repeated one too', () => {
  const { square } = rowSpaceOf(x);
  for (let i = 0; i < 15; i++)
    for (let j = 0; j < 15; j++) expect(product(square, i, j)).toBeCloseTo(product(x, i, j), 9);
});

test('a hundred labels on few texts get the probabilities that each gets alone', () => {
  const labels = Array.from({ length: 100 }, (_, l) => `label ${l}`);
  const train = texts.map((text, i) => ({ text, labels: labels.filter((_, l) => (i * 7 + l * l) % 5 === 0) }));
  const together = tfidfLabels(labels).fit(train)(texts.map((text) => ({ text })));
  const tfidf = fitTfidf(texts);
  for (const l of [0, 1, 7, 42]) {
    const gold = Uint8Array.from(train, (example) => (example.labels.includes(labels[l]!) ? 1 : 0));
    const alone = fitOneVersusRest(tfidf.transform(texts), { gold, masked: new Uint8Array(14), labels: 1 });
    alone(tfidf.transform(texts)).forEach((p, i) => expect(Math.abs(together[i * 100 + l]! - p)).toBeLessThan(1e-3));
  }
});
