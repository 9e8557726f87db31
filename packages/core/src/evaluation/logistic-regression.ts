/** Logistic regression on sparse rows, as scikit-learn's LogisticRegression(class_weight='balanced') defines it. */
import { sigmoidEach, softmaxRows } from '../metrics/index.js';
import { minimise } from './lbfgs.js';
import { rowSpaceOf } from './row-space.js';
import { selectRows, type SparseRows } from './sparse-rows.js';

/** From so many labels on, and up to so many rows, models are fitted in the space of the rows. */
const manyLabels = 100;
const fewRows = 2000;

/** Probabilities `[rows, classes]`, row-major. */
export type ProbabilityModel = (x: SparseRows) => Float64Array;

/** Weights `[columns + 1, outputs]` of sparse rows, the last row being the biases. */
export interface LinearWeights {
  readonly outputs: number;
  readonly weights: Float64Array;
}

/**
 * Fits `y[i]` in [0, classes) on the rows of `x`: minimises C * weighted log-loss + |W|^2 / 2, biases free, each class weighing
 * rows / (classes present * its rows). Two classes present share one weight vector, the second's, more have one each (softmax); a class
 * absent from `y` has a bias of -Infinity. `strength` is C, 10 by default.
 */
export function fitClassWeights(
  x: SparseRows,
  y: Int32Array,
  { classes, strength = 10 }: { classes: number; strength?: number },
): LinearWeights {
  const support = new Int32Array(classes);
  for (const c of y) support[c]! += 1;
  const present = Array.from(support.keys()).filter((c) => support[c]! > 0);
  const position = new Map(present.map((c, k) => [c, k]));
  const all = new Float64Array((x.columns + 1) * classes);
  all.subarray(x.columns * classes).forEach((_, c, biases) => (biases[c] = position.has(c) ? 0 : -Infinity));
  if (present.length < 2) return { outputs: classes, weights: all };
  // One weight vector for two classes: the first class's logit stays 0.
  const outputs = present.length === 2 ? 1 : present.length;
  const fitted = fitWeights(x, {
    target: y.map((c) => position.get(c)!),
    rowWeight: Float64Array.from(y, (c) => y.length / (present.length * support[c]!)),
    outputs,
    strength,
  });
  present.slice(present.length - outputs).forEach((c, k) => {
    for (let column = 0; column <= x.columns; column++) all[column * classes + c] = fitted[column * outputs + k]!;
  });
  return { outputs: classes, weights: all };
}

/** The probabilities of `fitClassWeights`; those of a class absent from `y` are 0. */
export function fitLogisticRegression(
  x: SparseRows,
  y: Int32Array,
  options: { classes: number; strength?: number },
): ProbabilityModel {
  const model = fitClassWeights(x, y, options);
  return (rows) =>
    y.length === 0
      ? new Float64Array(scoresOf(rows, model).length)
      : softmaxRows(scoresOf(rows, model), options.classes);
}

/**
 * One yes-or-no regression for each label: `gold` and `masked` are `[rows, labels]`, and each label learns from the rows where it is
 * known. A label always or never true there keeps that, by an infinite bias; one never known is never predicted.
 */
export function fitLabelWeights(
  x: SparseRows,
  { gold, masked, labels, strength = 10 }: { gold: Uint8Array; masked: Uint8Array; labels: number; strength?: number },
): LinearWeights {
  const rows = Array.from({ length: x.rowStart.length - 1 }, (_, i) => i);
  // Very many labels on few texts: every step of every label is then on as many numbers as there are texts, not words.
  const isWide = labels >= manyLabels && rows.length <= fewRows && rows.length < x.columns && !masked.includes(1);
  const space = isWide ? rowSpaceOf(x) : undefined;
  const weights = new Float64Array((x.columns + 1) * labels);
  for (let l = 0; l < labels; l++) {
    const put = (column: number, value: number) => (weights[column * labels + l] = value);
    const known = rows.filter((i) => !masked[i * labels + l]);
    const target = Int32Array.from(known, (i) => gold[i * labels + l]!);
    const positives = target.reduce((sum, yes) => sum + yes, 0);
    if (positives === 0 || positives === known.length) {
      put(x.columns, positives === 0 ? -Infinity : Infinity);
      continue;
    }
    const own = space === undefined ? selectRows(x, known) : { x: space.square };
    const support = [known.length - positives, positives];
    const rowWeight = Float64Array.from(target, (yes) => known.length / (2 * support[yes]!));
    const fitted = fitWeights(own.x, { target, rowWeight, outputs: 1, strength });
    if ('origin' in own) own.origin.forEach((column, c) => put(column, fitted[c]!));
    else space!.weightsOf(fitted).forEach((value, column) => put(column, value));
    put(x.columns, fitted[own.x.columns]!);
  }
  return { outputs: labels, weights };
}

/** The probabilities of `fitLabelWeights`, `[rows, labels]`. */
export function fitOneVersusRest(x: SparseRows, options: Parameters<typeof fitLabelWeights>[1]): ProbabilityModel {
  const model = fitLabelWeights(x, options);
  return (rows) => sigmoidEach(scoresOf(rows, model));
}

/** Scores `[rows, outputs]`. */
export function scoresOf(x: SparseRows, { weights, outputs }: LinearWeights): Float64Array {
  const count = x.rowStart.length - 1;
  const scores = new Float64Array(count * outputs);
  for (let i = 0; i < count; i++) scoreRow(x, i, weights, scores.subarray(i * outputs, (i + 1) * outputs));
  return scores;
}

interface Problem {
  /** Output index of each row. */
  target: Int32Array;
  rowWeight: Float64Array;
  outputs: number;
  strength: number;
}

/** Weights `[columns + 1, outputs]`, the last row being the biases. */
function fitWeights(x: SparseRows, { target, rowWeight, outputs, strength }: Problem): Float64Array {
  const total = rowWeight.reduce((sum, weight) => sum + weight, 0);
  const decay = 1 / (strength * total);
  const biases = x.columns * outputs;
  const scores = new Float64Array(outputs);
  const objective = (weights: Float64Array, gradient: Float64Array): number => {
    let squares = 0;
    for (let k = 0; k < biases; k++) {
      squares += weights[k]! * weights[k]!;
      gradient[k] = decay * weights[k]!;
    }
    gradient.fill(0, biases);
    let loss = 0;
    for (let i = 0; i < target.length; i++) {
      scoreRow(x, i, weights, scores);
      // From here on `scores` holds the loss's gradient at the scores.
      const share = rowWeight[i]! / total;
      loss += share * (outputs === 1 ? binomialLoss(scores, target[i]!) : multinomialLoss(scores, target[i]!));
      for (let k = 0; k < outputs; k++) gradient[biases + k]! += share * scores[k]!;
      for (let j = x.rowStart[i]!; j < x.rowStart[i + 1]!; j++) {
        const at = x.column[j]! * outputs;
        const scale = share * x.value[j]!;
        for (let k = 0; k < outputs; k++) gradient[at + k]! += scale * scores[k]!;
      }
    }
    return loss + (decay * squares) / 2;
  };
  const size = biases + outputs;
  // Ten remembered steps of very many weights would not fit in memory.
  const history = Math.max(3, Math.min(10, Math.floor(1e7 / size)));
  return minimise(objective, new Float64Array(size), { history });
}

function scoreRow(x: SparseRows, row: number, weights: Float64Array, scores: Float64Array): void {
  const outputs = scores.length;
  const biases = x.columns * outputs;
  for (let k = 0; k < outputs; k++) scores[k] = weights[biases + k]!;
  for (let j = x.rowStart[row]!; j < x.rowStart[row + 1]!; j++) {
    const at = x.column[j]! * outputs;
    for (let k = 0; k < outputs; k++) scores[k]! += x.value[j]! * weights[at + k]!;
  }
}

/** ln(1 + e^s) - target * s, stably; replaces the score by the loss's derivative. */
function binomialLoss(scores: Float64Array, target: number): number {
  const score = scores[0]!;
  scores[0] = 1 / (1 + Math.exp(-score)) - target;
  return Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - target * score;
}

/** -ln softmax(s)[target], stably; replaces the scores by the loss's derivatives. */
function multinomialLoss(scores: Float64Array, target: number): number {
  let top = -Infinity;
  for (let k = 0; k < scores.length; k++) top = Math.max(top, scores[k]!);
  const chosen = scores[target]! - top;
  let sum = 0;
  for (let k = 0; k < scores.length; k++) sum += scores[k] = Math.exp(scores[k]! - top);
  for (let k = 0; k < scores.length; k++) scores[k]! /= sum;
  scores[target]! -= 1;
  return Math.log(sum) - chosen;
}
