/** Whether one system is better than another on the same test examples, or was only luckier. */
import { random } from '../foundation/index.js';
import { requireLength } from './checks.js';
import { drawUnits, quantile, resamplingUnits } from './resampling.js';
import { sumStatistics, type ExampleStatistics } from './statistics.js';

export interface ComparisonOptions {
  /** Statistics of both systems on the same examples, in the same order. */
  a: ExampleStatistics;
  b: ExampleStatistics;
  /** The compared score, as a function of summed statistics. */
  metric: (sums: Float64Array) => number;
  /** The document of each example; documents are then drawn or swapped whole. */
  groups?: readonly string[] | undefined;
  /** 1,000 by default. */
  resamples?: number;
  seed: number;
}

export interface Comparison {
  /** Score of `a` minus score of `b`. */
  difference: number;
  /** Two-sided: how often chance alone would show so large a difference. */
  pValue: number;
}

/**
 * Approximate randomisation (Noreen 1989; Yeh 2000): how often swapping the two systems' outputs at random, example by example,
 * gives a difference at least as large. p = (1 + as large) / (1 + resamples), so it is never 0.
 */
export function approximateRandomisation(options: ComparisonOptions): Comparison {
  const { a, b, metric, resamples = 1000, seed } = options;
  const units = comparedUnits(options);
  const rng = random(seed, 'randomisation');
  const difference = metric(sumStatistics(a)) - metric(sumStatistics(b));
  let asLarge = 0;
  for (let r = 0; r < resamples; r++) {
    const keep: number[] = [];
    const swap: number[] = [];
    for (const unit of units) {
      const side = rng.uniform() < 0.5 ? keep : swap;
      for (const i of unit) side.push(i);
    }
    const left = metric(addSums(sumStatistics(a, keep), sumStatistics(b, swap)));
    const right = metric(addSums(sumStatistics(b, keep), sumStatistics(a, swap)));
    // The tolerance lets equal differences of differently ordered sums count as equal.
    if (Math.abs(left - right) >= Math.abs(difference) - 1e-12) asLarge += 1;
  }
  return { difference, pValue: (1 + asLarge) / (1 + resamples) };
}

/**
 * Paired bootstrap (Efron and Tibshirani 1993; Koehn 2004): the interval of the difference on test sets drawn with replacement,
 * both systems on the same draw. p is twice the share of draws on the other side of zero, at most 1.
 */
export function pairedBootstrap(
  options: ComparisonOptions & { level?: number },
): Comparison & { low: number; high: number } {
  const { a, b, metric, resamples = 1000, level = 0.95, seed } = options;
  const units = comparedUnits(options);
  const rng = random(seed, 'paired-bootstrap');
  const differences = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    const drawn = drawUnits(units, rng);
    differences[r] = metric(sumStatistics(a, drawn)) - metric(sumStatistics(b, drawn));
  }
  differences.sort();
  const difference = metric(sumStatistics(a)) - metric(sumStatistics(b));
  const other = differences.filter((d) => (difference >= 0 ? d <= 0 : d >= 0)).length;
  const tail = (1 - level) / 2;
  return {
    difference,
    pValue: Math.min(1, (2 * (1 + other)) / (1 + resamples)),
    low: quantile(differences, tail),
    high: quantile(differences, 1 - tail),
  };
}

function comparedUnits({ a, b, groups }: ComparisonOptions): number[][] {
  requireLength('significance: examples of b', a.rowStart.length - 1, b.rowStart.length - 1);
  requireLength('significance: sums of b', a.width, b.width);
  return resamplingUnits(a.rowStart.length - 1, groups);
}

function addSums(into: Float64Array, other: Float64Array): Float64Array {
  other.forEach((value, i) => (into[i]! += value));
  return into;
}
