/** Whether one system is better than another on the same test examples, or was only luckier. */
import { random } from '../foundation/index.js';
import { drawUnits, quantile, resamplingUnits } from './resampling.js';

export interface ComparisonOptions {
  /**
   * The compared score of each of many test sets. A set is a list of indices: `i` is example i as system `a` answered it,
   * `examples + i` the same example as `b` did.
   */
  score: (sets: Iterable<readonly number[]>) => ArrayLike<number>;
  /** Number of test examples. */
  examples: number;
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
  const { examples, groups, resamples = 1000, seed } = options;
  const units = resamplingUnits(examples, groups);
  const [difference = 0, ...swapped] = differencesOf(options, function* () {
    const rng = random(seed, 'randomisation');
    yield systems(examples);
    for (let r = 0; r < resamples; r++) {
      const left: number[] = [];
      const right: number[] = [];
      for (const unit of units) {
        const swap = rng.uniform() < 0.5;
        for (const i of unit) {
          left.push(swap ? examples + i : i);
          right.push(swap ? i : examples + i);
        }
      }
      yield [left, right];
    }
  });
  // The tolerance lets equal differences of differently ordered sums count as equal; an undefined one speaks for chance.
  const smaller = swapped.filter((other) => Math.abs(other) < Math.abs(difference) - 1e-12).length;
  return { difference, pValue: (1 + resamples - smaller) / (1 + resamples) };
}

/**
 * Paired bootstrap (Efron and Tibshirani 1993; Koehn 2004): the interval of the difference on test sets drawn with replacement,
 * both systems on the same draw. p is twice the share of draws on the other side of zero, at most 1.
 */
export function pairedBootstrap(
  options: ComparisonOptions & { level?: number },
): Comparison & { low: number; high: number } {
  const { examples, groups, resamples = 1000, level = 0.95, seed } = options;
  const units = resamplingUnits(examples, groups);
  const [difference = 0, ...drawn] = differencesOf(options, function* () {
    const rng = random(seed, 'paired-bootstrap');
    yield systems(examples);
    for (let r = 0; r < resamples; r++) {
      const indices = drawUnits(units, rng);
      yield [indices, indices.map((i) => examples + i)];
    }
  });
  const sorted = Float64Array.from(drawn).sort();
  const other = drawn.filter((d) => (difference >= 0 ? d <= 0 : d >= 0)).length;
  const tail = (1 - level) / 2;
  return {
    difference,
    pValue: Math.min(1, (2 * (1 + other)) / (1 + resamples)),
    low: quantile(sorted, tail),
    high: quantile(sorted, 1 - tail),
  };
}

/**
 * Holm's step-down correction (1979): p-values of several comparisons, raised so that the chance of even one false alarm among
 * them stays what a single one's would be. In the order given.
 */
export function holm(pValues: readonly number[]): number[] {
  const adjusted = new Array<number>(pValues.length);
  let least = 0;
  const order = [...pValues.keys()].sort((i, j) => pValues[i]! - pValues[j]!);
  for (const [rank, i] of order.entries()) {
    least = Math.max(least, Math.min(1, (pValues.length - rank) * pValues[i]!));
    adjusted[i] = least;
  }
  return adjusted;
}

type Pair = readonly [left: readonly number[], right: readonly number[]];

/** Both systems on all examples. */
const systems = (examples: number): Pair => [
  Array.from({ length: examples }, (_, i) => i),
  Array.from({ length: examples }, (_, i) => examples + i),
];

/** Score of the left set minus score of the right one, of each pair. The sets may be walked through more than once. */
function differencesOf({ score }: ComparisonOptions, pairs: () => Iterable<Pair>): number[] {
  const sets = {
    *[Symbol.iterator]() {
      for (const pair of pairs()) yield* pair;
    },
  };
  const scores = score(sets);
  return Array.from({ length: scores.length / 2 }, (_, r) => scores[2 * r]! - scores[2 * r + 1]!);
}
