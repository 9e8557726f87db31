/** The baseline that counts the words of two texts, and those that both have. */
import { classIndices } from '../../metrics/index.js';
import { fitLogisticRegression } from '../logistic-regression.js';
import { cosineRows, type SparseRows } from '../sparse-rows.js';
import { fitTfidf, type Tfidf } from '../tfidf.js';
import type { Baseline, TextInput } from './baseline.js';

export interface PairInput extends TextInput {
  second: string;
}

export interface LabelledPair extends PairInput {
  label: string;
}

/** Probabilities `[pairs, labels]` by logistic regression on `fitPairFeatures`. */
export function tfidfPairClass(labels: readonly string[]): Baseline<LabelledPair, PairInput, Float64Array> {
  return {
    name: 'tfidf',
    fit(train) {
      const featuresOf = fitPairFeatures(train);
      const model = fitLogisticRegression(featuresOf(train), classIndices(train, labels), { classes: labels.length });
      return (inputs) => model(featuresOf(inputs));
    },
  };
}

/** Learns words of both texts; rows hold the TF-IDF features of the first, those of the second, and the cosine of the two. */
export function fitPairFeatures(train: readonly PairInput[]): (pairs: readonly PairInput[]) => SparseRows {
  const tfidf = fitTfidf(train.flatMap(({ text, second }) => [text, second]));
  return (pairs) => pairRows(tfidf, pairs);
}

/** The features of the first text, those of the second, and the cosine of the two. */
export function pairRows(tfidf: Tfidf, pairs: readonly PairInput[]): SparseRows {
  const first = tfidf.transform(pairs.map(({ text }) => text));
  const second = tfidf.transform(pairs.map((pair) => pair.second));
  return besides(first, second, cosineRows(first, second));
}

/** Two matrices side by side, and one more column. */
function besides(a: SparseRows, b: SparseRows, last: Float64Array): SparseRows {
  const rowStart = a.rowStart.map((start, i) => start + b.rowStart[i]! + i);
  const column = new Int32Array(rowStart.at(-1)!);
  const value = new Float64Array(column.length);
  last.forEach((cell, i) => {
    let at = rowStart[i]!;
    const put = (c: number, v: number) => {
      column[at] = c;
      value[at++] = v;
    };
    for (let j = a.rowStart[i]!; j < a.rowStart[i + 1]!; j++) put(a.column[j]!, a.value[j]!);
    for (let j = b.rowStart[i]!; j < b.rowStart[i + 1]!; j++) put(a.columns + b.column[j]!, b.value[j]!);
    put(a.columns + b.columns, cell);
  });
  return { columns: a.columns + b.columns + 1, rowStart, column, value };
}
