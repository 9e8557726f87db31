/** BM25 by hand on three documents. */
import { expect, test } from '@jest/globals';
import { fitBm25, fitTfidf, cosineRows, productsWith } from '../index.js';

test('a word weighs by its rarity and saturates with its count, long documents count less', () => {
  const score = fitBm25(['red cats red', 'blue cats and dogs and birds', 'Dogs']);
  const mean = (3 + 6 + 1) / 3;
  const part = (count: number, length: number) => (count * 2.2) / (count + 1.2 * (0.25 + (0.75 * length) / mean));
  const weight = (documents: number) => Math.log(1 + (3 - documents + 0.5) / (documents + 0.5));
  const [first, second, third] = score('Red cats, unknown');
  expect(first).toBeCloseTo(weight(1) * part(2, 3) + weight(2) * part(1, 3), 12);
  expect(second).toBeCloseTo(weight(2) * part(1, 6), 12);
  expect(third).toBe(0);
  expect([...fitBm25([])('anything')]).toEqual([]);
});

test('the products of a row with all rows are its cosines with each', () => {
  const texts = ['red cats', 'blue cats and dogs', 'dogs'];
  const tfidf = fitTfidf(texts, { minDocuments: 1 });
  const rows = tfidf.transform(texts);
  const products = productsWith(rows);
  texts.forEach((text, i) => {
    const expected = cosineRows(rows, tfidf.transform(texts.map(() => text)));
    expect([...products(rows, i)].map((x) => x.toFixed(9))).toEqual([...expected].map((x) => x.toFixed(9)));
  });
});
