/** `fieldcraft data`: which datasets and corpora there are, and what is in one. */
import { existsSync } from 'node:fs';
import {
  assertQuality,
  builtVerticals,
  checkCorpus,
  checkData,
  fileOptionsSchema,
  formatBytes,
  formatCount,
  listCorpora,
  listData,
  runOptionsSchema,
  type CorpusCheck,
  type CorpusListing,
  type DataCheck,
  type DataListing,
} from '@fieldcraft/core';
import type { Command } from 'commander';
import type { CommandContext } from '../context.js';
import { drawProgress } from '../draw-progress.js';
import { UsageError } from '../errors.js';
import { optionsFromSchema, pickFields } from '../options-from-schema.js';
import { drawFindings, drawTable, left, right } from '../run-tables.js';
import { mostFrequent } from '../scores-table.js';
import type { Screen } from '../screen.js';

const allowSchema = runOptionsSchema.pick({ allow: true });
const filesSchema = fileOptionsSchema.partial();

interface Values {
  readonly json?: boolean;
  readonly download?: boolean;
  readonly corpus?: boolean;
  readonly [option: string]: unknown;
}

export function addData(program: Command, context: CommandContext): void {
  const data = program
    .command('data')
    .summary('list datasets, and check them or your own files')
    .description('Datasets.');
  data
    .command('list')
    .summary('datasets that have a card')
    .description('Lists every data card with where its data can be had now, its licence and its size.')
    .option('--json', 'print one line of JSON a dataset')
    .addHelpText('after', '\nExample:\n  $ fieldcraft data list')
    .action((values: Values) => list(context, values));
  const check = data
    .command('check')
    .summary('what is in a dataset or in your own files')
    .description(
      'Reads a dataset as training would: compares checksums, divides it, and looks for leaks between the parts, conflicting labels, damage ' +
        'and imbalance. Ends with status 1 where training would refuse it.',
    )
    .argument('[card]', 'name of a data card, or a file of yours with --task')
    .option('--corpus', 'look at text without labels: the name of a corpus, or a file or folder of yours')
    .option('--download', 'fetch the data where it is not on this machine')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ fieldcraft data check unfair-tos
  $ fieldcraft data check tickets.csv --task classification --text-column body --label-column topic
  $ fieldcraft data check --corpus text-medquad
  $ fieldcraft data check --corpus my-reports/
  $ fieldcraft data check --task token-classification --train train.conll --test test.conll`,
    )
    .action((card: string | undefined, values: Values) => checkOne(context, card, values));
  for (const option of optionsFromSchema(filesSchema, { group: 'Your own files:' })) check.addOption(option);
  for (const option of optionsFromSchema(allowSchema, { group: 'Checks:' })) check.addOption(option);
}

async function list({ stdout }: CommandContext, { json = false }: Values): Promise<void> {
  const listings = await listData({ verticals: builtVerticals() });
  if (json) {
    for (const { card, bytes, places } of listings) {
      const { name, title, field, task, licence, source, counts } = card;
      stdout.line(JSON.stringify({ name, title, field, task, licence, source, counts, bytes, places }));
    }
    for (const { card, bytes, places } of listCorpora()) {
      const { name, title, field, licence, source, counts } = card;
      stdout.line(JSON.stringify({ name, title, field, task: 'none', licence, source, counts, bytes, places }));
    }
  } else
    for (const line of [...drawListings(stdout, listings), '', ...drawCorpora(stdout, listCorpora())])
      stdout.line(line);
}

function drawListings(screen: Screen, listings: readonly DataListing[]): string[] {
  const columns = [
    left('Name'),
    left('Field'),
    left('Task'),
    ...['Train', 'Dev', 'Test', 'Size'].map(right),
    left('Licence'),
    left('Found in'),
  ];
  const rows = listings.map(({ card, bytes, places }) => {
    const { train, dev, test } = card.counts.examples;
    return [
      card.name,
      card.field,
      card.task,
      ...[train, dev, test].map(formatCount),
      formatBytes(bytes),
      licenceOf(card),
      placesOf(card, places),
    ];
  });
  return drawTable(screen, 'Datasets', { columns, rows });
}

function drawCorpora(screen: Screen, listings: readonly CorpusListing[]): string[] {
  const columns = [
    left('Name'),
    left('Field'),
    ...['Documents', 'Words', 'Size'].map(right),
    left('Licence'),
    left('Found in'),
  ];
  const rows = listings.map(({ card, bytes, places }) => [
    card.name,
    card.field,
    ...[card.counts.documents, card.counts.words].map(formatCount),
    formatBytes(bytes),
    licenceOf(card),
    placesOf(card, places),
  ]);
  return drawTable(screen, 'Text without labels', { columns, rows });
}

const licenceOf = ({ licence }: Pick<CorpusListing['card'], 'licence'>): string =>
  `${licence.name}${licence.commercial === true ? '' : licence.commercial === false ? ' (non-commercial)' : ' (unclear)'}`;

const placesOf = ({ source }: { source: string }, places: readonly string[]): string =>
  places.length === 0 ? `nowhere; see ${source}` : places.join(', ');

async function checkOne({ stdout, stderr }: CommandContext, card: string | undefined, values: Values): Promise<void> {
  const drawing = drawProgress(stderr);
  const options: Parameters<typeof checkCorpus>[1] = {
    download: values.download,
    onProgress: ({ file, bytesDone, bytes }) =>
      drawing.show({ kind: 'download', file, received: bytesDone, total: bytes }),
  };
  try {
    if (values.corpus === true) {
      if (card === undefined) throw new UsageError('which corpus? Give the name of one, or a file or folder of yours');
      const corpus = await checkCorpus(existsSync(card) ? { path: card } : { card }, options);
      drawing.close();
      if (values.json === true) stdout.line(JSON.stringify(corpus, null, 2));
      else for (const line of drawCorpus(stdout, corpus)) stdout.line(line);
      return;
    }
    const check = await checkData(sourceOf(card, values), { ...options, verticals: builtVerticals() });
    drawing.close();
    if (values.json === true) stdout.line(JSON.stringify(check, null, 2));
    else for (const line of drawCheck(stdout, check)) stdout.line(line);
    assertQuality(check.quality, pickFields(allowSchema, values));
  } finally {
    drawing.close();
  }
}

function sourceOf(card: string | undefined, values: Values): Parameters<typeof checkData>[0] {
  const { task: kind, ...files } = pickFields(filesSchema, values);
  const isFile = card !== undefined && (existsSync(card) || kind !== undefined);
  const data = isFile ? card : files.data;
  const paths = [data, files.train].filter((path) => path !== undefined);
  if (card !== undefined && !isFile && paths.length === 0) return { card };
  if (paths.length === 0)
    throw new UsageError('what should be checked? Give the name of a card, or your own files with --task');
  if (kind === undefined) {
    throw new UsageError(`--task is missing: ${fileOptionsSchema.shape.task.options.join(', ')}`);
  }
  return {
    kind,
    ...files,
    ...(data === undefined ? {} : { data }),
    ...(files.dateColumn === undefined ? {} : { splitBy: 'date' as const }),
  };
}

function drawCorpus(screen: Screen, { name, origin, licence, counts, problems }: CorpusCheck): string[] {
  return [
    ...drawTable(screen, `${name}: text without labels, from ${origin}, licence ${licence.name}`, {
      columns: ['Documents', 'Paragraphs', 'Words', 'Size', 'Repeated'].map(right),
      rows: [
        [
          ...[counts.documents, counts.paragraphs, counts.words].map(formatCount),
          formatBytes(counts.bytes),
          formatCount(counts.repeats),
        ],
      ],
    }),
    ...(problems.length === 0 ? [] : ['', screen.style('bold', 'Known problems')]),
    ...problems.map(({ found, done }) => `  ${found}: ${done}`),
  ];
}

function drawCheck(
  screen: Screen,
  { name, kind, labels, origin, licence, splitRule, notes, folds, quality }: DataCheck,
): string[] {
  const counted = quality.parts.some(({ groups }) => groups !== undefined);
  const parts = quality.parts.map(({ part, examples, groups }) => [
    part,
    formatCount(examples),
    ...(counted ? [groups === undefined ? '' : formatCount(groups)] : []),
  ]);
  const inTraining = (label: string) => quality.parts[0]?.labels[label] ?? 0;
  const shown = mostFrequent(labels, inTraining);
  const perLabel = shown.rows.map((label) => [
    label,
    ...quality.parts.map((part) => formatCount(part.labels[label] ?? 0)),
  ]);
  const unit = kind === 'token-classification' ? 'entities' : 'examples';
  return [
    ...drawTable(screen, `${name}: ${kind}, ${labels.length} labels, from ${origin}, licence ${licence.name}`, {
      columns: [left('Part'), right('Examples'), ...(counted ? [right('Documents')] : [])],
      rows: parts,
    }),
    '',
    `Division: ${splitRule}${folds === undefined ? '' : ` (${folds} rounds)`}`,
    ...drawTable(screen, `Labels, ${unit} with each${shown.note}`, {
      columns: [left('Label'), ...quality.parts.map(({ part }) => right(part))],
      rows: perLabel,
    }),
    ...(notes.length === 0 ? [] : ['', screen.style('bold', 'While reading'), ...notes.map((note) => `  ${note}`)]),
    ...(quality.findings.length === 0 ? ['', 'The checks found nothing.'] : drawFindings(screen, quality.findings)),
  ];
}
