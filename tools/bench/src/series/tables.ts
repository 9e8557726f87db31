/** The page of a series, made of its results alone: means and spread over seeds, or field by field, beside the baselines. */
import {
  formatCount,
  formatDifference,
  formatDuration,
  formatInterval,
  formatScore,
  metricName,
} from '@fieldcraft/core';
import { report } from '@fieldcraft/core/internals';
import { meanAndDeviation, median } from '../table.js';
import { attackTables } from './attack-tables.js';
import type { Cell, Series } from './definition.js';
import { differenceTable } from './difference-table.js';
import { resultsOf, type SeriesRecord, type TaskRecord } from './record.js';
import { studentTable } from './student-table.js';

/** Reasons why a baseline was not beaten, by `<vertical>/<task>`: what people found out. */
export type Reasons = Readonly<Record<string, string>>;

/** The results of one task over the seeds of a cell. */
export interface TaskResults {
  readonly vertical: string;
  readonly name: string;
  readonly variant: string | undefined;
  /** With the variant. */
  readonly title: string;
  readonly first: TaskRecord;
  readonly tasks: readonly TaskRecord[];
  readonly records: readonly SeriesRecord[];
  readonly mean: number;
  readonly deviation: number;
  /** Mean scores by the baselines' names. */
  readonly baselines: ReadonlyMap<string, number>;
  readonly verdict: report.Verdict;
}

/** With the seeds of what differs in nothing else behind it. */
function describeMissing(cells: readonly Cell[]): string {
  const seeds = overSeeds(cells, ({ seed }) => seed);
  const named = [...seeds].map(([name, all]) => `${report.code(name)} (${all.join(', ')})`);
  return `Not measured yet, with their seeds: ${named.join('; ')}.`;
}

/** Markdown, ending in a line break. */
export function renderTables(series: Series, records: readonly SeriesRecord[], reasons: Reasons = {}): string {
  const results = resultsOf(series.cells, records);
  const missing = series.cells.filter(({ key }) => !results.has(key));
  const groups = groupsOf(series.cells, results);
  return `${[
    `# ${series.title}`,
    `<!-- Written by \`npm run bench -- tables\` from ${series.name}.jsonl. -->`,
    series.about,
    `Base: ${[...new Set(series.cells.map(({ base }) => base))].map(report.code).join(', ')}. Measured by \`npm run bench -- series ${series.name}\`; every figure is of the test part, which was looked at once, at the end of a run.`,
    ...(results.size === 0 ? [] : [describeMachines([...results.values()])]),
    ...(missing.length === 0 ? [] : [describeMissing(missing)]),
    ...(groups.length === 0
      ? []
      : series.layout === 'tasks'
        ? taskTables(groups, reasons)
        : fieldTables(groups, reasons)),
    ...differenceTable(series.compare, groups),
    ...attackTables(groups),
    ...studentTable(groups),
  ].join('\n\n')}\n`;
}

/** What cells that differ by their seed alone have, by the rest of their keys, in the order of the series; a cell that has nothing is left out. */
function overSeeds<T>(cells: readonly Cell[], valueOf: (cell: Cell) => T | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const cell of cells) {
    const value = valueOf(cell);
    const group = cell.key.replace(/\/seed-\d+$/, '');
    if (value !== undefined) groups.set(group, [...(groups.get(group) ?? []), value]);
  }
  return groups;
}

/** Results of cells that differ by their seed alone, task by task. */
function groupsOf(cells: readonly Cell[], results: ReadonlyMap<string, SeriesRecord>): TaskResults[] {
  return [...overSeeds(cells, ({ key }) => results.get(key))].flatMap(([group, records]) => {
    const [first] = records as [SeriesRecord];
    const variant = group.split('/')[2];
    return first.tasks.map(({ name }) => aggregate(name, variant, records));
  });
}

function aggregate(name: string, variant: string | undefined, records: readonly SeriesRecord[]): TaskResults {
  const tasks = records.flatMap((record) => record.tasks.filter((task) => task.name === name));
  const [first] = tasks as [TaskRecord];
  const { mainMetric } = first;
  const { mean, deviation } = meanAndDeviation(tasks.map(({ metrics }) => metrics[mainMetric] ?? NaN));
  const baselines = new Map(
    first.baselines.map((baseline) => {
      const values = tasks.flatMap((task) => {
        const value = task.baselines.find((one) => one.name === baseline.name)?.metrics[mainMetric];
        return value === undefined ? [] : [value];
      });
      return [baseline.name, meanAndDeviation(values).mean];
    }),
  );
  const interval = first.intervals[mainMetric];
  const vertical = records[0]?.cell.vertical ?? '';
  return {
    vertical,
    name,
    variant,
    title: [`${vertical}/${name}`, variant].filter((part) => part !== undefined).join(', '),
    first,
    tasks,
    records,
    mean,
    deviation,
    baselines,
    verdict: report.verdictOf({
      mainMetric,
      summary: { [mainMetric]: { mean, n: tasks.length, ...(interval === undefined ? {} : { interval }) } },
      beats: Object.fromEntries([...baselines].map(([name, value]) => [name, mean > value])),
      baselines: [...baselines].map(([name, value]) => ({ name, metrics: { [mainMetric]: value } })),
    }),
  };
}

/** All tasks in one table, and their other scores in a second. */
function taskTables(groups: readonly TaskResults[], reasons: Reasons): string[] {
  const seeds = groups.some(({ tasks }) => tasks.length > 1);
  return [
    scoreTable(groups, { named: ({ title }) => title, seeds }),
    ...(seeds
      ? [
          'After ± the standard deviation over the seeds. The interval (95 %, bootstrap over the test part) is of the first seed.',
        ]
      : []),
    ...reasonTable(groups, reasons),
    ...publishedTable(groups),
    '## Other scores',
    report.markdownTable(
      ['Task', 'Scores'],
      groups.map((group) => [group.title, otherScores(group)]),
    ),
    '## Time',
    report.markdownTable(
      ['Task', 'Training examples', 'Updates', 'Epochs', 'Time a seed', 'Real tokens/s'],
      groups.map(({ title, first, records }) => [
        title,
        formatCount(first.used.train),
        formatCount(first.updates),
        first.epochs.toFixed(1),
        formatDuration(median(records.map(({ seconds }) => seconds))),
        formatCount(median(records.map(({ tokensPerSecond }) => tokensPerSecond))),
      ]),
    ),
  ];
}

/** How many tasks of each field beat their baselines, and a table a field. */
function fieldTables(groups: readonly TaskResults[], reasons: Reasons): string[] {
  const fields = [...new Set(groups.map(({ vertical }) => vertical))].map(
    (field) => [field, groups.filter(({ vertical }) => vertical === field)] as const,
  );
  const overview = fields.map(([field, tasks]) => {
    const beaten = tasks.filter(({ verdict }) => verdict.tone === 'good' || verdict.tone === 'even');
    const [record] = tasks[0]?.records ?? [];
    return [
      field,
      ((record?.seconds ?? NaN) / 60).toFixed(1),
      String(tasks.length),
      String(beaten.length),
      `${Math.round((100 * beaten.length) / tasks.length)} %`,
      formatCount(record?.tokensPerSecond ?? NaN),
    ];
  });
  return [
    report.markdownTable(['Field', 'Minutes', 'Tasks', 'Beat all baselines', 'Share', 'Real tokens/s'], overview),
    ...fields.flatMap(([field, tasks]) => [
      `## ${report.capitalise(field)}`,
      scoreTable(tasks, { named: ({ name }) => name, seeds: tasks.some(({ tasks }) => tasks.length > 1) }),
      ...reasonTable(tasks, reasons),
      ...publishedTable(tasks),
    ]),
  ];
}

function scoreTable(
  groups: readonly TaskResults[],
  { named, seeds }: { named: (group: TaskResults) => string; seeds: boolean },
): string {
  const names = [...new Set(groups.flatMap(({ baselines }) => [...baselines.keys()]))];
  const head = ['Task', 'Kind', 'Test', 'Score', ...(seeds ? ['Seeds'] : []), 'Model', '95 % interval'];
  return report.markdownTable(
    [...head, ...names.map((name) => report.capitalise(report.baselineName(name))), 'Difference', 'Verdict'],
    groups.map((group) => {
      const { first, tasks, mean, deviation, baselines, verdict } = group;
      const interval = first.intervals[first.mainMetric];
      return [
        named(group),
        report.kindName(first.kind),
        formatCount(first.used.test),
        metricName(first.mainMetric),
        ...(seeds ? [String(tasks.length)] : []),
        spread(mean, deviation, tasks.length),
        interval === undefined ? '–' : formatInterval(interval),
        ...names.map((name) => {
          const value = baselines.get(name);
          return value === undefined ? '–' : formatScore(value);
        }),
        baselines.size === 0 ? '–' : formatDifference(mean - Math.max(...baselines.values())),
        verdict.text,
      ];
    }),
  );
}

/** The tasks that do not beat every baseline, with why. */
function reasonTable(groups: readonly TaskResults[], reasons: Reasons): string[] {
  const rows = groups
    .filter(({ verdict }) => verdict.tone === 'bad' || verdict.tone === 'none')
    .map(({ vertical, name, title, first, verdict }) => [
      title,
      verdict.text,
      reasons[`${vertical}/${name}`] ?? first.notBeaten ?? 'not looked into yet',
    ]);
  return rows.length === 0 ? [] : [report.markdownTable(['Not above its baselines', 'Verdict', 'Why'], rows)];
}

/** What others reached, beside the mean of this model's same score, and whether the two compare. */
function publishedTable(groups: readonly TaskResults[]): string[] {
  const rows = groups.flatMap(({ title, first, tasks }) =>
    (first.published ?? []).map(({ model, metric, value, source, notComparable }) => {
      const own = tasks.flatMap(({ metrics }) => metrics[metric] ?? []);
      const { mean, deviation } = meanAndDeviation(own);
      return [
        title,
        metricName(metric),
        own.length === 0 ? '–' : spread(mean, deviation, own.length),
        formatScore(value),
        model,
        source,
        notComparable === undefined ? 'yes' : `no: ${notComparable}`,
      ];
    }),
  );
  const head = ['Task', 'Score', 'Model', 'Published', 'By', 'Source', 'Comparable'];
  return rows.length === 0 ? [] : [report.markdownTable(head, rows)];
}

function otherScores({ first, tasks }: TaskResults): string {
  return Object.keys(first.metrics)
    .filter((metric) => metric !== first.mainMetric)
    .map((metric) => {
      const values = tasks.flatMap(({ metrics }) => metrics[metric] ?? []);
      const { mean, deviation } = meanAndDeviation(values);
      return `${metricName(metric)} ${spread(mean, deviation, values.length)}`;
    })
    .join('; ');
}

const spread = (mean: number, deviation: number, seeds: number): string =>
  seeds > 1 ? `${formatScore(mean)} ± ${formatScore(deviation)}` : formatScore(mean);

function describeMachines(records: readonly SeriesRecord[]): string {
  const machines = new Set(
    records.map(({ machine, device, versions }) => {
      const memory = Math.round(machine.memoryBytes / 1e9);
      return `${machine.cores} cores of ${machine.cpu}, ${memory} GB, ${device}, Node ${versions['node']}, ONNX Runtime ${versions['onnxruntime']}`;
    }),
  );
  const dates = records.map(({ date }) => date.slice(0, 10)).sort();
  const [first, last] = [dates[0], dates.at(-1)];
  const commits = new Set(records.map(({ commit }) => commit.replace(/^([0-9a-f]{7})[0-9a-f]*/, '$1')));
  return `Machine: ${[...machines].join('; ')}. ${first === last ? first : `${first} to ${last}`}, commits ${[...commits].join(', ')}.`;
}
