/**
 * A linear model of the words of texts that is kept with a neural one: the features of the TF-IDF baselines, hashed, and their weights in 8 bits. A
 * few hundred texts teach it in seconds what an encoder needs many updates for.
 */
import { z } from 'zod';
import { dequantiseRows, pack, packed, quantiseRows, unpack, unpackedOnce } from '../foundation/index.js';
import { pairRows } from './baselines/tfidf-pairs.js';
import { damagedWords, keepGrams, keptGramsShape, mostKept, openKeptGrams } from './kept-grams.js';
import { scoresOf, type LinearWeights } from './logistic-regression.js';
import type { SparseRows } from './sparse-rows.js';
import { hashGrams, openGrams, type Tfidf } from './tfidf.js';

/** What is read: a text, or two whose words say different things. */
export interface Words {
  readonly text: string;
  readonly second?: string | undefined;
}

export const wordModelSchema = z.strictObject({
  /** Numbers that it gives a text. */
  outputs: z.int().min(1).max(100_000),
  /** Whether it reads two texts. */
  pairs: z.boolean(),
  ...keptGramsShape,
  /** [features, outputs] in int8, and a scale a feature (float32): those of the first text, then of the second; one for their cosine; the biases. */
  weights: packed,
  scales: packed,
});

export type WordModel = Readonly<z.output<typeof wordModelSchema>>;

/** Weights that are kept: a model is then about a megabyte at most. */
const mostWeights = 600_000;

/** Learns from texts; `fit` is given their features. What the data shows always or never, an infinite bias, is left out. */
export function fitWords(
  texts: readonly Words[],
  { outputs, pairs, fit }: { outputs: number; pairs: boolean; fit: (rows: SparseRows) => LinearWeights },
): WordModel {
  const all = texts.flatMap(({ text, second }) => (pairs ? [text, second ?? ''] : [text]));
  const most = Math.min(mostKept, Math.ceil(mostWeights / (outputs * (pairs ? 2 : 1))));
  const grams = hashGrams(all, { most });
  const { weights } = fit(rowsOf(openGrams(grams), texts, pairs));
  const finite = Float32Array.from(weights, (value) => (Number.isFinite(value) ? value : 0));
  const { data, scales } = quantiseRows(finite, finite.length / outputs);
  return {
    ...{ outputs, pairs },
    ...keepGrams(grams),
    weights: pack(data),
    scales: pack(scales),
  };
}

const rowsOf = (tfidf: Tfidf, texts: readonly Words[], pairs: boolean): SparseRows =>
  pairs
    ? pairRows(
        tfidf,
        texts.map(({ text, second = '' }) => ({ text, second })),
      )
    : tfidf.transform(texts.map(({ text }) => text));

/** Scores [texts, outputs]. @throws FieldcraftError FC_FILE_FORMAT for a model whose parts do not fit each other */
export function scoreWords(model: WordModel, texts: readonly Words[]): Float64Array {
  const { tfidf, linear } = opened(model);
  return scoresOf(rowsOf(tfidf, texts, model.pairs), linear);
}

interface OpenModel {
  readonly tfidf: Tfidf;
  readonly linear: LinearWeights;
}

const opened = unpackedOnce((model: WordModel): OpenModel => {
  const { outputs, pairs } = model;
  const tfidf = openKeptGrams(model);
  const data = new Int8Array(unpack(model.weights, 1));
  const scales = new Float32Array(unpack(model.scales, 4));
  const features = (pairs ? 2 * tfidf.columns + 1 : tfidf.columns) + 1;
  if (scales.length !== features || data.length !== features * outputs || !scales.every(Number.isFinite))
    throw damagedWords(
      `${features} features of ${outputs} numbers`,
      `${scales.length} scales for ${data.length} numbers`,
    );
  const weights = Float64Array.from(dequantiseRows({ data, scales }));
  return { tfidf, linear: { outputs, weights } };
});
