/** Multi-label classification, where the truth of some cells may be unknown. */
import { requireLength } from './checks.js';
import { averagePrecision } from './ranks.js';
import { averagesOf, ratio, scoresOf, type Averages, type Counts, type ScoreRow } from './scores.js';
import { collectStatistics, sumStatistics, type ExampleStatistics } from './statistics.js';

/** All matrices are `[examples, labels]`, row-major. */
export interface MultiLabelInput {
  /** 1 where the label applies. */
  gold: ArrayLike<number>;
  /** 1 where it is predicted. */
  predicted: ArrayLike<number>;
  /** 1 where the truth is unknown: such a cell counts nowhere. None by default. */
  masked?: ArrayLike<number> | undefined;
}

export interface MultiLabelRow extends ScoreRow {
  /** Number of examples whose truth is known for this label. */
  known: number;
  /** Only where scores are given. */
  averagePrecision?: number;
}

export interface MultiLabelReport extends Averages {
  examples: number;
  /** Mean over examples of the F1 between its true and predicted label sets; 0 where both are empty. */
  samplesF1: number;
  /** Share of examples with every known label right. */
  subsetAccuracy: number;
  /** Share of known cells that are wrong. */
  hammingLoss: number;
  /** Unweighted mean over labels; only where scores are given. */
  meanAveragePrecision?: number;
  perLabel: MultiLabelRow[];
}

export type MultiLabelMetric = 'microF1' | 'macroF1' | 'weightedF1' | 'samplesF1' | 'subsetAccuracy' | 'hammingLoss';

/**
 * All scores of multi-label predictions; `scores` `[examples, labels]` adds the average precision.
 *
 * Equal to scikit-learn with `zero_division=0` where nothing is masked: macro means are over all labels, and a label that
 * neither occurs nor is predicted, or has no positive for its average precision, counts as 0. An example whose labels are
 * all masked is left out of the means over examples.
 * @throws FieldcraftError FC_DATA for matrices of different sizes.
 */
export function multiLabelReport(
  input: MultiLabelInput & { labels: readonly string[]; scores?: ArrayLike<number> | undefined },
): MultiLabelReport {
  const { labels, scores } = input;
  const sums = sumStatistics(multiLabelStatistics(input, labels.length));
  const counts = labelCounts(sums, labels.length);
  const metrics = multiLabelMetrics(labels.length)(sums);
  const precisions = scores && labels.map((_, l) => labelAveragePrecision(input, scores, labels.length, l));
  const perLabel = labels.map((label, l) => ({
    label,
    ...scoresOf(counts[l]!),
    support: counts[l]!.support,
    predicted: counts[l]!.predicted,
    known: knownCells(input, labels.length, l).length,
    ...(precisions && { averagePrecision: precisions[l]! }),
  }));
  return {
    examples: input.gold.length / labels.length,
    ...averagesOf(counts),
    samplesF1: metrics.samplesF1,
    subsetAccuracy: metrics.subsetAccuracy,
    hammingLoss: metrics.hammingLoss,
    ...(precisions && {
      meanAveragePrecision: ratio(
        precisions.reduce((a, b) => a + b, 0),
        labels.length,
      ),
    }),
    perLabel,
  };
}

/** One row an example: three counts a label, then what the means over examples and cells need. For intervals. */
export function multiLabelStatistics({ gold, predicted, masked }: MultiLabelInput, labels: number): ExampleStatistics {
  const examples = gold.length / labels;
  requireLength('multi-label: gold', Math.floor(examples) * labels, gold.length);
  requireLength('multi-label: predicted', gold.length, predicted.length);
  if (masked) requireLength('multi-label: masked', gold.length, masked.length);
  const at = extraColumns(labels);
  return collectStatistics(examples, at.width, (i, add) => {
    let hits = 0;
    let marked = 0;
    let known = 0;
    let wrong = 0;
    for (let l = 0; l < labels; l++) {
      const cell = i * labels + l;
      if (masked?.[cell]) continue;
      const truth = gold[cell] ? 1 : 0;
      const guess = predicted[cell] ? 1 : 0;
      known += 1;
      hits += truth & guess;
      marked += truth + guess;
      wrong += truth ^ guess;
      add(3 * l, truth & guess);
      add(3 * l + 1, guess);
      add(3 * l + 2, truth);
    }
    if (known === 0) return;
    add(at.examples, 1);
    add(at.samplesF1, ratio(2 * hits, marked));
    add(at.exact, wrong === 0 ? 1 : 0);
    add(at.known, known);
    add(at.wrong, wrong);
  });
}

/** The headline figures as a function of the summed `multiLabelStatistics`. */
export function multiLabelMetrics(labels: number): (sums: Float64Array) => Record<MultiLabelMetric, number> {
  const at = extraColumns(labels);
  return (sums) => {
    const averages = averagesOf(labelCounts(sums, labels));
    return {
      microF1: averages.micro.f1,
      macroF1: averages.macro.f1,
      weightedF1: averages.weighted.f1,
      samplesF1: ratio(sums[at.samplesF1]!, sums[at.examples]!),
      subsetAccuracy: ratio(sums[at.exact]!, sums[at.examples]!),
      hammingLoss: ratio(sums[at.wrong]!, sums[at.known]!),
    };
  };
}

/**
 * Label ranking average precision (Tsoumakas et al. 2010): for each true label of an example, the share of true labels among
 * those scored at least as high; mean over true labels, then over examples. 1 for an example with no true label or
 * no false one, as in scikit-learn. Matrices `[examples, labels]`.
 */
export function labelRankingAveragePrecision(
  { gold, masked, scores }: Pick<MultiLabelInput, 'gold' | 'masked'> & { scores: ArrayLike<number> },
  labels: number,
): number {
  requireLength('label ranking: scores', gold.length, scores.length);
  const examples = gold.length / labels;
  let total = 0;
  let counted = 0;
  for (let i = 0; i < examples; i++) {
    const cells = Array.from({ length: labels }, (_, l) => i * labels + l).filter((cell) => !masked?.[cell]);
    const relevant = cells.filter((cell) => gold[cell]);
    if (cells.length === 0) continue;
    counted += 1;
    if (relevant.length === 0 || relevant.length === cells.length) {
      total += 1;
      continue;
    }
    const above = (among: readonly number[], cell: number) => among.filter((c) => scores[c]! >= scores[cell]!).length;
    total += relevant.reduce((sum, cell) => sum + above(relevant, cell) / above(cells, cell), 0) / relevant.length;
  }
  return ratio(total, counted);
}

function extraColumns(labels: number) {
  const first = 3 * labels;
  return {
    examples: first,
    samplesF1: first + 1,
    exact: first + 2,
    known: first + 3,
    wrong: first + 4,
    width: first + 5,
  };
}

function labelCounts(sums: Float64Array, labels: number): Counts[] {
  return Array.from({ length: labels }, (_, l) => ({
    truePositives: sums[3 * l]!,
    predicted: sums[3 * l + 1]!,
    support: sums[3 * l + 2]!,
  }));
}

function knownCells(
  { gold, masked }: Pick<MultiLabelInput, 'gold' | 'masked'>,
  labels: number,
  label: number,
): number[] {
  const cells: number[] = [];
  for (let cell = label; cell < gold.length; cell += labels) if (!masked?.[cell]) cells.push(cell);
  return cells;
}

function labelAveragePrecision(input: MultiLabelInput, scores: ArrayLike<number>, labels: number, label: number) {
  requireLength('multi-label: scores', input.gold.length, scores.length);
  const cells = knownCells(input, labels, label);
  return averagePrecision(
    cells.map((cell) => scores[cell]!),
    cells.map((cell) => (input.gold[cell] ? 1 : 0)),
  );
}
