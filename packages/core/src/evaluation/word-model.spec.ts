/** Words that are kept: hashed, in 8 bits and packed they say what the TF-IDF baselines do; what is damaged is refused. */
import { expect, test } from '@jest/globals';
import { FieldcraftError } from '../foundation/index.js';
import { softmaxRows } from '../metrics/index.js';
import { fitClassWeights, fitLabelWeights } from './logistic-regression.js';
import { fitTfidf, hashGrams, openGrams } from './tfidf.js';
import { fitWords, scoreWords, tfidfClass, tfidfPairClass, wordModelSchema, type WordModel } from './index.js';

const labels = ['end', 'law', 'pay'];
const train = [
  { text: 'The seller may terminate this agreement at any time.', second: 'ends', label: 'end' },
  { text: 'Either party may terminate this agreement on notice.', second: 'the agreement ends', label: 'end' },
  { text: 'This agreement is governed by the laws of Delaware.', second: 'laws', label: 'law' },
  { text: 'Governed by the laws of England; courts of England decide.', second: 'the laws', label: 'law' },
  { text: 'The buyer shall pay the price on delivery.', second: 'pays the price', label: 'pay' },
  { text: 'The buyer shall pay interest on late payments, 2 % a month.', second: 'pays', label: 'pay' },
];
const inputs = [
  { text: 'The seller may terminate on notice', second: 'the agreement' },
  { text: 'laws of France', second: 'laws' },
  { text: 'zzz', second: '' },
];
const targets = Int32Array.from(train, ({ label }) => labels.indexOf(label));
const learn = (pairs: boolean) =>
  fitWords(train, {
    outputs: labels.length,
    pairs,
    fit: (rows) => fitClassWeights(rows, targets, { classes: labels.length }),
  });

test('hashed features are those of other numbers, the most frequent first', () => {
  const texts = train.map(({ text }) => text);
  const [plain, hashed] = [fitTfidf(texts), openGrams(hashGrams(texts))];
  const asked = inputs.map(({ text }) => text);
  const valuesOf = ({ rowStart, value }: ReturnType<typeof plain.transform>, i: number) =>
    Array.from(value.subarray(rowStart[i], rowStart[i + 1]), (one) => one.toFixed(6)).sort();
  const [a, b] = [plain.transform(asked), hashed.transform(asked)];
  for (const i of asked.keys()) expect(valuesOf(b, i)).toEqual(valuesOf(a, i));
  expect(hashed.columns).toBe(plain.columns);
  const few = hashGrams(texts, { most: 3 });
  expect(few.hashes).toEqual(hashGrams(texts).hashes.slice(0, 3));
});

test('what is kept says what the baselines of one text and of two say', () => {
  for (const pairs of [false, true]) {
    const baseline = (pairs ? tfidfPairClass(labels) : tfidfClass(labels)).fit(train)(inputs);
    const said = softmaxRows(scoreWords(learn(pairs), inputs), labels.length);
    expect(said).toHaveLength(baseline.length);
    said.forEach((probability, i) => expect(Math.abs(probability - baseline[i]!)).toBeLessThan(0.01));
  }
});

test('a label that every text bears, or none, is left to the encoder', () => {
  const gold = Uint8Array.from(train.flatMap(({ label }) => [1, 0, label === 'law' ? 1 : 0]));
  const fit = (rows: Parameters<typeof fitLabelWeights>[0]) =>
    fitLabelWeights(rows, { gold, masked: new Uint8Array(gold.length), labels: 3 });
  const scores = scoreWords(fitWords(train, { outputs: 3, pairs: false, fit }), train);
  expect([scores[0], scores[1]]).toEqual([0, 0]);
  expect(scores[8]).toBeGreaterThan(0);
  expect(scores[2]).toBeLessThan(0);
});

test('goes through JSON, and is refused where it is damaged', () => {
  const model = learn(true);
  const read = wordModelSchema.parse(JSON.parse(JSON.stringify(model)));
  expect(scoreWords(read, inputs)).toEqual(scoreWords(model, inputs));
  const damaged = (part: Partial<WordModel>) => () => scoreWords({ ...model, ...part }, inputs);
  for (const part of [
    { weights: model.weights.slice(8) },
    { scales: model.scales.slice(4) },
    { hashes: Buffer.alloc(Buffer.from(model.hashes, 'base64').length).toString('base64') },
    { idf: Buffer.from(new Float32Array(model.hashes.length).fill(NaN).buffer).toString('base64') },
    { outputs: 2 },
    { pairs: false },
  ])
    expect(damaged(part)).toThrow(FieldcraftError);
});
