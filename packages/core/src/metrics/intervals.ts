/** How sure a score is: bootstrap confidence intervals over the test set, mean and deviation over seeds. */
import { random } from '../foundation/index.js';
import { drawUnits, quantile, resamplingUnits } from './resampling.js';
import { sumStatistics, type ExampleStatistics, type MetricsOfSums } from './statistics.js';

export interface Interval {
  value: number;
  low: number;
  high: number;
  /** The score of each of `samples`, where they were given. */
  values?: Float64Array;
}

export interface BootstrapOptions {
  /** Number of test examples. */
  examples: number;
  /** The document of each example `[examples]`; documents are then drawn whole, since their examples are not independent. */
  groups?: readonly string[] | undefined;
  /** 1,000 by default. */
  resamples?: number;
  /** Coverage, 0.95 by default. */
  level?: number;
  seed: number;
  /** Test sets to score in place of drawn ones, each as indices of examples. */
  samples?: Iterable<readonly number[]> | undefined;
}

/**
 * Percentile bootstrap (Efron 1979): each metric's value on all examples, and the quantiles of its values on test sets drawn with
 * replacement. `evaluate` gets example indices, with repeats, and returns the metrics. The same seed gives the same intervals.
 * For metrics that follow from sums, `bootstrapSums` is far faster.
 */
export function bootstrapIntervals<Name extends string>(
  evaluate: (indices: readonly number[]) => Record<Name, number>,
  options: BootstrapOptions,
): Record<Name, Interval> {
  const { examples, level = 0.95, samples = drawSamples(options) } = options;
  const whole = evaluate(Array.from({ length: examples }, (_, i) => i));
  const names = Object.keys(whole) as Name[];
  const drawn = new Map(names.map((name): [Name, number[]] => [name, []]));
  for (const sample of samples) {
    const values = evaluate(sample);
    for (const name of names) drawn.get(name)!.push(values[name]);
  }
  const interval = (name: Name): Interval => {
    const values = Float64Array.from(drawn.get(name)!);
    const sorted = Float64Array.from(values).sort();
    const tail = (1 - level) / 2;
    return {
      value: whole[name],
      low: quantile(sorted, tail),
      high: quantile(sorted, 1 - tail),
      ...(options.samples && { values }),
    };
  };
  return Object.fromEntries(names.map((name) => [name, interval(name)])) as Record<Name, Interval>;
}

function* drawSamples({ examples, groups, resamples = 1000, seed }: BootstrapOptions): Generator<number[]> {
  const units = resamplingUnits(examples, groups);
  const rng = random(seed, 'bootstrap');
  for (let r = 0; r < resamples; r++) yield drawUnits(units, rng);
}

/** `bootstrapIntervals` of metrics that follow from summed statistics, such as `classificationStatistics`. */
export function bootstrapSums<Name extends string>(
  statistics: ExampleStatistics,
  metrics: MetricsOfSums<Name>,
  options: Omit<BootstrapOptions, 'examples'>,
): Record<Name, Interval> {
  return bootstrapIntervals((indices) => metrics(sumStatistics(statistics, indices)), {
    ...options,
    examples: statistics.rowStart.length - 1,
  });
}

/** Mean and sample standard deviation (n - 1), as over the seeds of a run; the deviation of fewer than two values is null. */
export function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number | null } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, deviation: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

/** The normal distribution's value that 95 % of it lie within, to both sides. */
const normal95 = 1.959963984540054;

/**
 * The 95 % interval of a share, `hits` of `n` (Wilson 1927, "Probable inference, the law of succession, and statistical inference"): it holds for few
 * trials too, and for shares of 0 and 1. `n` is at least 1.
 */
export function wilsonInterval(hits: number, n: number): [low: number, high: number] {
  const share = hits / n;
  const z2 = normal95 ** 2;
  const middle = share + z2 / (2 * n);
  const reach = normal95 * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  const scale = 1 + z2 / n;
  return [hits === 0 ? 0 : (middle - reach) / scale, hits === n ? 1 : (middle + reach) / scale];
}

/** The 97.5 % quantile of Student's t by its degrees of freedom, from 1 (as tables of it print them); beyond, the normal's, corrected to the first order. */
const studentQuantiles = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093,
];

/** The 95 % interval of a mean of few values, such as differences of seeds (Student 1908); undefined for fewer than two values. */
export function meanInterval(values: readonly number[]): { low: number; high: number } | undefined {
  const { mean, deviation } = meanAndDeviation(values);
  if (deviation === null) return undefined;
  const freedom = values.length - 1;
  const quantile = studentQuantiles[freedom - 1] ?? 1.96 + 2.37 / freedom;
  const half = (quantile * deviation) / Math.sqrt(values.length);
  return { low: mean - half, high: mean + half };
}
