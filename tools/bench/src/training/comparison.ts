/** The results of several trainers on one task as a table: means over seeds, and ours divided by each other's. */
import { formatMean, formatTable, meanAndDeviation } from '../table.js';
import type { TrainerResult } from './result.js';

export interface TrainerRuns {
  readonly title: string;
  /** One a seed. */
  readonly results: readonly TrainerResult[];
}

/** One line a trainer, ours first; `scoreName` names the score column. Scores are percentages. */
export function formatComparison(runs: readonly TrainerRuns[], scoreName: string): string[] {
  const [ours] = runs;
  const speed = ({ tokens, seconds }: TrainerResult) => tokens / seconds;
  const heading = [
    'trainer',
    'seconds',
    'tokens/s',
    'peak MB',
    'first step s',
    scoreName,
    'ours: speed',
    'memory',
    'score',
  ];
  const rows = runs.map(({ title, results }) => {
    const scores = scoresOf(results);
    const of = (value: (result: TrainerResult) => number, digits: number) => formatMean(results.map(value), digits);
    const ratio = (value: (result: TrainerResult) => number) =>
      ours ? meanOf(ours.results, value) / meanOf(results, value) : NaN;
    const beside =
      results === ours?.results
        ? []
        : [
            `${ratio(speed).toFixed(2)} x`,
            `${ratio(({ peakBytes }) => peakBytes).toFixed(2)} x`,
            formatDifference(scoresOf(ours?.results ?? []), scores),
          ];
    return [
      title,
      of(({ seconds }) => seconds, 1),
      of(speed, 0),
      of(({ peakBytes }) => peakBytes / 2 ** 20, 0),
      of(({ firstStepSeconds }) => firstStepSeconds, 1),
      scores.length > 0 ? formatMean(scores, 2) : '-',
      ...beside,
    ];
  });
  return formatTable(heading, rows);
}

const meanOf = (results: readonly TrainerResult[], value: (result: TrainerResult) => number): number =>
  meanAndDeviation(results.map(value)).mean;

/** In percent; empty where a run was not scored. */
const scoresOf = (results: readonly TrainerResult[]): number[] =>
  results.flatMap(({ score }) => (score === null ? [] : [100 * score]));

/** The difference of the means, with its sign. */
function formatDifference(ours: readonly number[], theirs: readonly number[]): string {
  if (ours.length === 0 || theirs.length === 0) return '-';
  const difference = meanAndDeviation(ours).mean - meanAndDeviation(theirs).mean;
  return `${difference < 0 ? '' : '+'}${difference.toFixed(2)}`;
}

/** What makes two runs incomparable; empty if they saw the same data. */
export function differencesInData(ours: TrainerResult, theirs: TrainerResult): string[] {
  const compared: [what: string, a: string | number, b: string | number][] = [
    ['examples (train, dev, test)', ours.sizes.join(), theirs.sizes.join()],
    ['training tokens', ours.trainTokens, theirs.trainTokens],
    ['updates', ours.steps, theirs.steps],
  ];
  return compared.flatMap(([what, a, b]) => (a === b ? [] : [`${what}: ours ${a}, theirs ${b}`]));
}
