/** Losses as functions of graph values. Each is a scalar; rows are what a batch counts: examples, tokens, or pairs. */
import { FieldcraftError } from '../foundation/index.js';
import {
  add,
  constant,
  div,
  exp,
  filled,
  gemm,
  greater,
  log,
  logSoftmax,
  mul,
  oneHot,
  range,
  sigmoid,
  softmax,
  softplus,
  sqrt,
  square,
  sub,
  sum,
  sumAll,
  transpose,
  where,
  type Value,
} from '../graph/index.js';

const scalar = (like: Value, value: number): Value => constant(like.graph, value);
const scaled = (x: Value, factor: number): Value => (factor === 1 ? x : mul(x, scalar(x, factor)));

/** total / count, and 0 where nothing counts. */
function ratio(total: Value, count: Value): Value {
  return div(total, where(greater(count, scalar(count, 0)), count, scalar(count, 1)));
}

/** The mean over all elements. */
function mean(x: Value): Value {
  const fixed = x.shape.filter((size) => typeof size === 'number').reduce((a, b) => a * b, 1);
  const named = x.shape.filter((size) => typeof size === 'string');
  return div(sumAll(x), sumAll(filled(x.graph, named, fixed)));
}

export interface CrossEntropyOptions {
  /** w, one weight a class; default 1. */
  readonly weights?: readonly number[];
  /** e in [0, 1): the share of the target that is spread over all classes (Szegedy et al. 2016, section 7). Default 0. */
  readonly smoothing?: number;
  /** g: rows are weighed by (1 - p)^g, p the probability of the true class (focal loss, Lin et al. 2017). Default 0. */
  readonly focus?: number;
}

/**
 * Cross entropy of `logits` [rows, classes] and `labels` [rows], int64. Rows whose label is outside [0, classes) do not count: Hugging
 * Face writes -100 there. With l = log softmax(logits), over the rows i that count:
 *
 *     sum_i (1 - exp l[i, y_i])^g (-(1 - e) w[y_i] l[i, y_i] - e/C sum_c w[c] l[i, c]) / sum_i w[y_i]
 *
 * which is PyTorch's definition (`CrossEntropyLoss`) for g = 0. Where no row counts it is 0 (PyTorch's is NaN).
 * @throws FieldcraftError FC_GRAPH if weights or smoothing are asked for classes of a named size, or weights are not one a class.
 */
export function crossEntropy(logits: Value, labels: Value, options: CrossEntropyOptions = {}): Value {
  const { weights, smoothing = 0, focus = 0 } = options;
  const classes = logits.shape[1] ?? 0;
  if ((typeof classes !== 'number' && (weights || smoothing > 0)) || (weights && weights.length !== classes)) {
    throw new FieldcraftError('FC_GRAPH', {
      what: 'crossEntropy: class weights and smoothing need a fixed number of classes, and weights one for each',
      got: `${weights ? `${weights.length} weights` : `smoothing ${smoothing}`} for ${classes} classes`,
    });
  }
  const logs = logSoftmax(logits);
  const truth = oneHot(labels, classes);
  const weighted = (x: Value): Value => (weights ? mul(x, constant(x.graph, weights)) : x);
  const counted = sum(weighted(truth), [-1]);
  const trueLogs = sum(mul(truth, logs), [-1]);
  let rows = scaled(weights ? mul(counted, trueLogs) : trueLogs, smoothing - 1);
  if (smoothing > 0) {
    const spread = mul(sum(truth, [-1]), sum(weighted(logs), [-1]));
    rows = sub(rows, scaled(spread, smoothing / Number(classes)));
  }
  if (focus > 0) rows = mul(rows, power(sub(scalar(logs, 1), exp(trueLogs)), focus));
  return ratio(sumAll(rows), sumAll(counted));
}

/** x^exponent for x >= 0. Below 1e-7, where 1 - p has lost its digits anyway, x counts as 1e-7 and gets no gradient. */
function power(x: Value, exponent: number): Value {
  if (exponent === 2) return square(x);
  const tiny = scalar(x, 1e-7);
  return exp(scaled(log(where(greater(x, tiny), x, tiny)), exponent));
}

/**
 * The mean of the cross entropies of where a span starts and where it ends. Logits [batch, length]; positions [batch], int64, count from 0; a
 * position outside the sequence does not count, as in Hugging Face's question answering.
 */
export function spanLoss(logits: { start: Value; end: Value }, positions: { start: Value; end: Value }): Value {
  const [start, end] = [crossEntropy(logits.start, positions.start), crossEntropy(logits.end, positions.end)];
  return scaled(add(start, end), 0.5);
}

export interface BinaryCrossEntropyOptions {
  /** w, one factor a label for its positive examples; default 1. */
  readonly positiveWeights?: readonly number[];
  /** [rows, labels] of 0 and 1: which labels of a row are known. Default all. [rows, 1] leaves whole rows out, and the mean is of rows that are sums. */
  readonly mask?: Value;
  /** e in [0, 1): targets y become y (1 - e) + e/2. Default 0. */
  readonly smoothing?: number;
  /** g: elements are weighed by (1 - p)^g, p the probability of the true answer (focal loss, Lin et al. 2017). Default 0. */
  readonly focus?: number;
}

/**
 * Binary cross entropy with logits x [rows, labels] and targets y of the same shape, 0 or 1: the mean over known elements of
 *
 *     (1 - p)^g (-w y log sigmoid(x) - (1 - y) log sigmoid(-x))
 *
 * written with softplus, so that large logits do not overflow; PyTorch's `BCEWithLogitsLoss` for g = 0. Where nothing is known it is 0.
 */
export function binaryCrossEntropy(logits: Value, targets: Value, options: BinaryCrossEntropyOptions = {}): Value {
  const { positiveWeights, mask, smoothing = 0, focus = 0 } = options;
  const y = smoothing === 0 ? targets : add(scaled(targets, 1 - smoothing), scalar(targets, smoothing / 2));
  const positives = positiveWeights ? mul(y, constant(y.graph, positiveWeights)) : y;
  // softplus(-x) = softplus(x) - x, so both terms share one softplus.
  const both = softplus(logits);
  const weight = positiveWeights ? add(scalar(y, 1), sub(positives, y)) : undefined;
  let elements = sub(weight ? mul(weight, both) : both, mul(positives, logits));
  if (focus > 0) {
    // 1 - p = sigmoid(-s x) with s = 2 y - 1 of the unsmoothed target.
    const signed = mul(sub(scaled(targets, 2), scalar(targets, 1)), logits);
    elements = mul(elements, exp(scaled(softplus(signed), -focus)));
  }
  return mask ? ratio(sumAll(mul(elements, mask)), sumAll(mask)) : mean(elements);
}

/** Mean squared difference of two tensors of one shape. */
export const meanSquaredError = (x: Value, target: Value): Value => mean(square(sub(x, target)));

export interface DistillationOptions {
  /** T, at least 1: by it both sides' logits are divided, so that what a teacher holds for unlikely counts too. */
  readonly temperature: number;
  /** How far answer q is from answer p, by their logits. Default: `classDivergence`. */
  readonly divergence?: (p: Value, q: Value) => Value;
}

/**
 * Knowledge distillation (Hinton, Vinyals & Dean 2015): T^2 divergence(teacher / T, student / T), of logits. T^2 keeps the gradient's size as T
 * changes.
 */
export function distillation(student: Value, teacher: Value, options: DistillationOptions): Value {
  const { temperature, divergence = classDivergence } = options;
  return scaled(divergence(scaled(teacher, 1 / temperature), scaled(student, 1 / temperature)), temperature ** 2);
}

/**
 * KL(p || q) of two answers by their logits [rows, classes]: how far q is from p. The mean over rows, or over those that `crossEntropy` counts
 * with these labels [rows].
 */
export function classDivergence(p: Value, q: Value, labels?: Value): Value {
  const rows = sum(mul(softmax(p), sub(logSoftmax(p), logSoftmax(q))), [-1]);
  if (labels === undefined) return mean(rows);
  const counted = sum(oneHot(labels, p.shape[1] ?? 0), [-1]);
  return ratio(sumAll(mul(rows, counted)), sumAll(counted));
}

/** The same of yes-or-no answers by their logits [rows, labels]: the mean over elements, or over those that `mask`, of that shape, counts. */
export function bitDivergence(p: Value, q: Value, mask?: Value): Value {
  const elements = add(mul(sigmoid(p), sub(p, q)), sub(softplus(q), softplus(p)));
  return mask ? ratio(sumAll(mul(elements, mask)), sumAll(mask)) : mean(elements);
}

/** The same of numbers: half the squared difference, as of normal distributions around them whose deviation is 1. The mean over elements. */
export const valueDivergence = (p: Value, q: Value): Value => scaled(meanSquaredError(p, q), 0.5);

/** Rows divided by their Euclidean length: x / sqrt(sum x^2 + 1e-12). */
export const unitRows = (x: Value): Value => div(x, sqrt(add(sum(square(x), [-1], true), scalar(x, 1e-12))));

/** 1 - cos(x, target), the mean over rows [rows, width]: PyTorch's `CosineEmbeddingLoss` for pairs that belong together. */
export const cosineDistance = (x: Value, target: Value): Value => sub(scalar(x, 1), mean(cosines(x, target)));

export interface ContrastiveScores {
  /** What cosines are multiplied by: the inverse of the temperature. */
  readonly scale: number;
  /** [batch, batch], added to the score of query i and document j: very negative where j is no wrong answer to i though it belongs to another. */
  readonly bias?: Value;
}

/** [batch, batch]: how well each of `documents` [batch, width] answers each of `queries` [batch, width], as scale * cosine + bias. */
export function contrastiveScores(queries: Value, documents: Value, { scale, bias }: ContrastiveScores): Value {
  const cosine = gemm(unitRows(queries), unitRows(documents), { transposeB: true, alpha: scale });
  return bias ? add(cosine, bias) : cosine;
}

/**
 * In-batch contrastive loss (Henderson et al. 2017; InfoNCE) of `contrastiveScores`: document i belongs to query i, and the other documents are
 * its negatives. Cross entropy; with `symmetric` also the other way round, each document finding its query, and of both the mean.
 */
export function contrastive(scores: Value, { symmetric = false }: { symmetric?: boolean } = {}): Value {
  const own = range(scores.graph, scores.shape[0] ?? 0);
  const found = crossEntropy(scores, own);
  return symmetric ? scaled(add(found, crossEntropy(transpose(scores, [1, 0]), own)), 0.5) : found;
}

/** The cosine of each row of `x` with that of `y`, both [rows, width]: [rows]. */
export const cosines = (x: Value, y: Value): Value => sum(mul(unitRows(x), unitRows(y)), [-1]);
