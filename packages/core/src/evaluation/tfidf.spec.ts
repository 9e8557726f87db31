import { expect, test } from '@jest/globals';
import { minimise } from './lbfgs.js';
import { tfidfClass, tfidfLabels } from './index.js';
import { fitTfidf } from './tfidf.js';

const train = [
  { text: 'The seller may terminate this agreement at any time.', label: 'end' },
  { text: 'Either party may terminate this agreement on notice.', label: 'end' },
  { text: 'This agreement is governed by the laws of Delaware.', label: 'law' },
  { text: 'Governed by the laws of England; courts of England decide.', label: 'law' },
  { text: 'The buyer shall pay the price on delivery.', label: 'pay' },
  { text: 'The buyer shall pay interest on late payments, 2 % a month.', label: 'pay' },
];
const inputs = ['The seller may terminate on notice', 'laws of France', 'the buyer shall pay', 'zzz'].map((text) => ({
  text,
}));

function expectClose(got: ArrayLike<number>, expected: readonly number[], bound: number): void {
  expect(got.length).toBe(expected.length);
  expected.forEach((value, i) => expect(Math.abs(got[i]! - value)).toBeLessThan(bound));
}

// Reference values of this file: scikit-learn 1.9.
test('features equal TfidfVectorizer', () => {
  const tfidf = fitTfidf(train.map((example) => example.text));
  const rows = tfidf.transform(inputs.map((input) => input.text));
  const row = (i: number) => Array.from(rows.value.subarray(rows.rowStart[i], rows.rowStart[i + 1])).sort();
  expect(tfidf.columns).toBe(23);
  expectClose(row(0), [0.30843778678, 0.41679518131, 0.493675976231, 0.493675976231, 0.493675976231], 1e-11);
  expectClose(row(1), [0.57735026919, 0.57735026919, 0.57735026919], 1e-11);
  expect(row(3)).toEqual([]);
});

test('probabilities equal LogisticRegression with three classes, and with two', () => {
  const three = tfidfClass(['end', 'law', 'pay']).fit(train)(inputs);
  expectClose(
    three,
    [
      0.748582, 0.090325, 0.161093, 0.101092, 0.78714, 0.111768, 0.05067, 0.057117, 0.892213, 0.328718, 0.339969,
      0.331312,
    ],
    2e-3,
  );
  const merged = train.map((example) => ({ ...example, label: example.label === 'pay' ? 'law' : example.label }));
  // A label without examples stands between the two others, with probability 0.
  const two = tfidfClass(['end', 'none', 'law']).fit(merged)(inputs);
  expectClose(two, [0.753013, 0, 0.246987, 0.142186, 0, 0.857814, 0.097577, 0, 0.902423, 0.323243, 0, 0.676757], 2e-3);
});

test('a label learns only where it is known', () => {
  const known = train.map(({ text, label }) => ({ text, labels: label === 'end' ? ['end'] : ([] as string[]) }));
  const noise = Array.from({ length: 20 }, () => ({
    text: 'The seller may terminate this agreement at any time.',
    labels: [],
    masked: ['end', 'never'],
  }));
  const labels = ['end', 'never', 'unknown'];
  const masked = known.map((example) => ({ ...example, masked: ['unknown'] }));
  const [clean, noisy] = [masked, [...masked, ...noise]].map((examples) => tfidfLabels(labels).fit(examples)(inputs));
  // The masked rows change document frequencies but teach no label: the decision stays.
  expect(clean![0]).toBeGreaterThan(0.5);
  expect(noisy![0]).toBeGreaterThan(0.5);
  expect([clean![1], clean![2]]).toEqual([0, 0]);
});

test('training twice gives the same bits, and without any feature the class shares decide', () => {
  const fit = () => tfidfClass(['end', 'law', 'pay']).fit(train)(inputs);
  expect(fit()).toEqual(fit());
  const flat = tfidfClass(['a', 'b']).fit([
    { text: 'x', label: 'a' },
    { text: 'y', label: 'b' },
  ])([{ text: 'x' }]);
  expectClose(flat, [0.5, 0.5], 1e-9);
  const single = tfidfClass(['a', 'b']).fit([{ text: 'x', label: 'b' }])([{ text: 'x' }]);
  expect([...single]).toEqual([0, 1]);
});

test('L-BFGS finds the bottom of a curved valley', () => {
  const rosenbrock = (x: Float64Array, gradient: Float64Array) => {
    const [a, b] = [x[0]!, x[1]!];
    gradient[0] = -2 * (1 - a) - 400 * a * (b - a * a);
    gradient[1] = 200 * (b - a * a);
    return (1 - a) ** 2 + 100 * (b - a * a) ** 2;
  };
  const found = minimise(rosenbrock, Float64Array.of(-1.2, 1), { tolerance: 1e-9 });
  expectClose(found, [1, 1], 1e-8);
});
