/** The variants of a series beside those that they are to be better than, seed by seed. */
import { formatDifference, formatScore, metricName } from '@fieldcraft/core';
import { metrics, report } from '@fieldcraft/core/internals';
import { meanAndDeviation } from '../table.js';
import type { Series } from './definition.js';
import type { TaskResults } from './tables.js';

/** Nothing where nothing is compared, or both sides of nothing are measured. */
export function differenceTable(compare: Series['compare'], groups: readonly TaskResults[]): string[] {
  const rows = groups.flatMap((group) => {
    const to = compare[group.variant ?? ''];
    const other = groups.find(
      (one) => one.variant === to && one.vertical === group.vertical && one.name === group.name,
    );
    if (to === undefined || other === undefined) return [];
    const others = new Map(runsOf(other).map((run) => [run.seed, run]));
    const pairs = runsOf(group).flatMap((run) => {
      const beside = others.get(run.seed);
      return beside ? [{ run, beside }] : [];
    });
    if (pairs.length === 0) return [];
    const differences = pairs.map(({ run, beside }) => run.score - beside.score);
    const interval = metrics.meanInterval(differences);
    return [
      [
        `${group.vertical}/${group.name}`,
        `${group.variant} and ${to}`,
        metricName(group.first.mainMetric),
        String(pairs.length),
        formatScore(meanAndDeviation(pairs.map(({ beside }) => beside.score)).mean),
        formatDifference(meanAndDeviation(differences).mean),
        interval ? `${formatDifference(interval.low)} to ${formatDifference(interval.high)}` : '–',
        interval ? verdictOf(interval) : 'one seed',
      ],
    ];
  });
  if (rows.length === 0) return [];
  const head = ['Task', 'Variants', 'Score', 'Seeds', 'Of the second', 'Difference', '95 % interval', 'Effect'];
  return [
    '## Differences',
    report.markdownTable(head, rows),
    'Each seed of the first variant less the same seed of the second, which draws the same examples: their mean, and Student’s interval over the seeds.',
  ];
}

const runsOf = ({ name, records }: TaskResults) =>
  records.flatMap(({ cell: { seed }, tasks }) =>
    tasks.flatMap((task) => (task.name === name ? [{ seed, score: task.metrics[task.mainMetric] ?? NaN }] : [])),
  );

const verdictOf = ({ low, high }: { low: number; high: number }): string =>
  low > 0 ? 'better' : high < 0 ? 'worse' : 'none shown';
