/** What `inspect` found, as facts in two columns. */
import {
  formatBytes,
  formatCompact,
  formatCount,
  formatInterval,
  formatPercent,
  formatScore,
  formatDuration,
  metricName,
  type Inspection,
  type TrainedInspection,
  type WeightsInspection,
  type WeightsSummary,
} from '@fieldcraft/core';
import { drawFacts, drawTable, left, right, type Fact } from './run-tables.js';
import type { Screen } from './screen.js';

/** Names that a list shows before it says how many more there are. */
const mostListed = 12;

export function drawInspection(screen: Screen, inspection: Inspection): string[] {
  return inspection.kind === 'weights' ? drawWeights(screen, inspection) : drawTrained(screen, inspection);
}

function drawWeights(screen: Screen, inspection: WeightsInspection): string[] {
  const { id, folder, source, revision, architecture, labels, weights, tokenizer } = inspection;
  const config = 'config' in architecture ? architecture.config : undefined;
  return drawFacts(screen, id, [
    ['found in', revision === undefined ? `${source}: ${folder}` : `${source}: ${folder}, revision ${revision}`],
    ['architecture', 'problem' in architecture ? architecture.problem : architecture.name],
    ...(config === undefined
      ? []
      : ([
          ['layers', `${config.num_hidden_layers}, ${config.hidden_size} wide`],
          ['positions', formatCount(config.max_position_embeddings)],
        ] as const)),
    ...weightFacts(weights),
    ...fitFacts(weights.fit),
    ...tokenizerFacts(tokenizer, config?.vocab_size),
    ...(labels.length === 0 ? [] : [['labels', list(labels)] as const]),
  ]);
}

function drawTrained(screen: Screen, inspection: TrainedInspection): string[] {
  const { folder, status, base, tasks, weights, tokenizer, report } = inspection;
  const facts: Fact[] = [
    ['status', status === 'unfinished' ? 'not finished: go on with --resume' : status],
    ...(base === undefined ? [] : [['base', [base.id, base.revision].filter(Boolean).join(' at revision ')] as const]),
    ...(report === undefined
      ? []
      : ([
          ['trained', `${report.run.started}, profile ${report.run.profile}, ${formatDuration(report.run.seconds)}`],
          ['command', report.run.command],
        ] as const)),
    ...(weights === undefined ? [] : weightFacts(weights)),
    ...(tokenizer === undefined ? [] : tokenizerFacts(tokenizer)),
    ...(report?.licences ?? []).map(({ name, of, commercial }): Fact => [
      'licence',
      `${of}: ${name}${commercialNote(commercial)}`,
    ]),
    ...(report?.warnings ?? []).map((warning): Fact => ['warning', warning]),
  ];
  return [
    ...drawFacts(screen, folder, facts),
    ...(tasks.length === 0 ? [] : drawTasks(screen, tasks, report)),
    ...tasks.flatMap(({ name, labels }) => [
      '',
      `${screen.style('bold', `Labels of ${name}`)}: ${list(labels, mostNamed)}`,
    ]),
  ];
}

function drawTasks(screen: Screen, tasks: TrainedInspection['tasks'], report: TrainedInspection['report']): string[] {
  const rows = tasks.map(({ name, kind, labels, maxLength }) => {
    const scored = report?.tasks.find((task) => task.name === name);
    const main = scored?.summary[scored.mainMetric];
    return [
      name,
      kind,
      formatCount(labels.length),
      formatCount(maxLength),
      scored === undefined ? '' : metricName(scored.mainMetric),
      main === undefined ? '' : formatScore(main.mean),
      main?.interval === undefined ? '' : formatInterval(main.interval),
    ];
  });
  const columns = [
    left('Task'),
    left('Kind'),
    right('Labels'),
    right('Window'),
    left('Score'),
    right('Test'),
    right('95 % interval'),
  ];
  return drawTable(screen, 'Tasks', { columns, rows });
}

function weightFacts({ files, tensors, parameters, dtypes }: WeightsSummary): Fact[] {
  const formats = Object.entries(dtypes)
    .sort(([, a], [, b]) => b - a)
    .map(([dtype, count]) => (count === parameters ? dtype : `${dtype} ${formatPercent(count / parameters)}`));
  return [
    ['weights', files.map(({ name, bytes }) => `${name} (${formatBytes(bytes)})`).join(', ')],
    ['parameters', `${formatCompact(parameters)} (${formatCount(parameters)}) in ${formatCount(tensors)} tensors`],
    ['number format', formats.join(', ')],
  ];
}

function fitFacts(fit: WeightsSummary['fit']): Fact[] {
  if (fit === undefined) return [];
  const { head, missing, unexpected, mismatched } = fit;
  const model = head === 'base' ? 'the encoder' : `a model with a ${head} head`;
  const facts: Fact[] = [
    ['missing', list(missing)],
    ['unexpected', list(unexpected)],
    ['other shapes', list(mismatched)],
  ];
  const found = facts.filter(([, value]) => value !== '');
  return found.length === 0
    ? [['fit', `every parameter of ${model} is there, and nothing else`]]
    : [['fit', `as ${model}`], ...found];
}

function tokenizerFacts(tokenizer: WeightsInspection['tokenizer'], embedded?: number): Fact[] {
  if ('problem' in tokenizer) return [['tokenizer', tokenizer.problem]];
  const { vocabularySize, maxLength, hash } = tokenizer;
  const rows = embedded === undefined || embedded === vocabularySize ? '' : `; the model has ${formatCount(embedded)}`;
  return [
    ['vocabulary', `${formatCount(vocabularySize)} pieces${rows}`],
    ...(maxLength === undefined ? [] : [['longest input', `${formatCount(maxLength)} tokens`] as const]),
    ['tokenizer', hash],
  ];
}

function commercialNote(commercial: boolean | 'unknown'): string {
  if (commercial === true) return '';
  return commercial === false ? ' (no commercial use)' : ' (commercial use not known)';
}

/** Labels of a task that are named: all but those of tables of codes. */
const mostNamed = 200;

const list = (names: readonly string[], most = mostListed): string =>
  names.slice(0, most).join(', ') + (names.length > most ? ` and ${names.length - most} more` : '');
