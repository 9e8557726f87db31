/** How the models of a series stood attacks: success under each set of constraints, what it took, and which recipes had it. */
import { formatCount, formatDuration, formatPercent, recipeName } from '@fieldcraft/core';
import { report } from '@fieldcraft/core/internals';
import { formatMean, meanAndDeviation, median } from '../table.js';
import type { SeriesRecord, TaskRecord } from './record.js';
import type { TaskResults } from './tables.js';

type Row = NonNullable<TaskRecord['robustness']>['rows'][number];

/** The rows of a task's attacks under one set of constraints, a list a seed that was attacked. */
interface Attacked {
  readonly title: string;
  readonly set: string;
  readonly seeds: readonly (readonly Row[])[];
  /** The share of answers that are right without an attack, by seed. */
  readonly clean: readonly number[];
  readonly records: readonly SeriesRecord[];
}

/** Nothing where nothing was attacked. */
export function attackTables(groups: readonly TaskResults[]): string[] {
  const attacked = groups.flatMap(attackedOf);
  if (attacked.length === 0) return [];
  return [
    '## Under attack',
    report.markdownTable(
      [
        'Task',
        'Allowed',
        'Seeds',
        'Success',
        '95 % interval',
        'Right',
        'Right under attack',
        'Questions',
        'Words changed',
        'Training',
      ],
      attacked.map((one) => {
        const rows = one.seeds.flatMap((own) => worstOf(own) ?? []);
        const interval = rows[0]?.interval;
        return [
          one.title,
          one.set,
          String(rows.length),
          percents(rows.flatMap(({ successRate }) => successRate ?? [])),
          interval === undefined ? '–' : interval.map(formatPercent).join(' – '),
          percents(one.clean),
          percents(rows.map(({ underAttack }) => underAttack)),
          formatCount(meanAndDeviation(rows.map(({ queries }) => queries)).mean),
          average(rows.flatMap(({ wordsChanged }) => wordsChanged ?? [])),
          formatDuration(median(one.records.map(trainingSeconds))),
        ];
      }),
    ),
    'Success: texts with a right answer that any of the recipes made wrong; the interval is Wilson’s of the first seed. Right: of all answers, before and under attack. Questions to the model, a text; words changed, of texts that were turned. Training: the time of updates alone, the median over all seeds.',
    recipeTable(attacked),
  ];
}

function attackedOf({ title, tasks, records }: TaskResults): Attacked[] {
  const robust = tasks.flatMap(({ robustness }) => robustness ?? []);
  return (robust[0]?.constraints ?? []).map(({ set }) => ({
    ...{ title, set, records },
    seeds: robust.map(({ rows }) => rows.filter((row) => row.set === set)),
    clean: robust.map(({ clean }) => clean),
  }));
}

/** Over all recipes, where there are several. */
const worstOf = (rows: readonly Row[]): Row | undefined => rows.find(({ recipe }) => recipe === 'all') ?? rows[0];

function recipeTable(attacked: readonly Attacked[]): string {
  const recipes = [...new Set(attacked.flatMap(({ seeds }) => seeds.flat().map(({ recipe }) => recipe)))].filter(
    (recipe) => recipe !== 'all',
  );
  return report.markdownTable(
    ['Success by recipe', 'Allowed', ...recipes.map((recipe) => report.capitalise(recipeName(recipe)))],
    attacked.map(({ title, set, seeds }) => [
      title,
      set,
      ...recipes.map((recipe) =>
        percents(seeds.flat().flatMap((row) => (row.recipe === recipe ? (row.successRate ?? []) : []))),
      ),
    ]),
  );
}

/** Seconds of the updates of a run: without reading data, baselines, and scoring the test part. */
const trainingSeconds = ({ tasks, tokensPerSecond }: SeriesRecord): number =>
  tasks.reduce((sum, { trainingTokens }) => sum + trainingTokens, 0) / tokensPerSecond;

const percents = (shares: readonly number[]): string =>
  shares.length === 0
    ? '–'
    : `${formatMean(
        shares.map((share) => 100 * share),
        1,
      )} %`;

const average = (values: readonly number[]): string =>
  values.length === 0 ? '–' : meanAndDeviation(values).mean.toFixed(1);
