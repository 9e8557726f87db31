/** `npm run bench -- series <name>`: measures the cells of a series one after the other, keeps each result, and goes on where it stopped. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { findDataCard, formatDuration, formatScore, metricName, type Vertical } from '@fieldcraft/core';
import { checkpoint, foundation } from '@fieldcraft/core/internals';
import { durationOf, listOf } from '../arguments.js';
import { formatTable, median } from '../table.js';
import { hashOf, listSeries, readSeries, type Cell, type Series } from './definition.js';
import { appendRecord, readRecords, recordOf, resultsOf, sameElsewhere, type SeriesRecord } from './record.js';
import {
  cellFolder,
  dropWeights,
  hasWeights,
  isBegun,
  isTrained,
  nextArguments,
  plannedSeconds,
  startProcess,
} from './run-cell.js';
import { cellsToMeasure, isAwaited } from './to-measure.js';
import { writeTables } from './write-tables.js';

const { FieldcraftError, workspaceRoot } = foundation;

export const seriesUsage = `series NAME [--only TEXT,...] [--list] [--time-limit 30m] [--again] [--keep-models]
           trains, and where they say so attacks, the cells of tools/bench/series/NAME.json that have no result yet, in no series,
           appends each to docs/results/NAME.jsonl, and writes the tables; Ctrl-C saves the state, and the same command goes on
           --only: cells whose key has one of these texts in it; --list: what is done; --time-limit: starts no cell that
           would end later, and stops one that does; --again: anew, also what is done`;

type Print = (line: string) => void;

/** @throws FieldcraftError for what there is not, for data that is not here, and where a cell failed (after all others) */
export async function benchSeries(args: readonly string[], print: Print): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      list: { type: 'boolean', default: false },
      'time-limit': { type: 'string' },
      again: { type: 'boolean', default: false },
      'keep-models': { type: 'boolean', default: false },
    },
  });
  const [name] = positionals;
  if (name === undefined || positionals.length > 1) {
    throw new FieldcraftError('FC_CONFIG', { what: 'name one series', expected: listSeries().join(', ') });
  }
  const limit = values['time-limit'] === undefined ? Infinity : durationOf('time-limit', values['time-limit']);
  const deadline = performance.now() + 1000 * limit;
  const series = readSeries(name);
  const cells = choose(series, values.only);
  if (values.list) {
    for (const line of await listCells(series, cells)) print(line);
    return;
  }
  if (!values.again) await takeFromOthers(series, cells);
  const done = resultsOf(series.cells, readRecords(name));
  const folderOf = (cell: Cell) => cellFolder(name, cell);
  const missing = cellsToMeasure(series.cells, cells, {
    ...{ again: values.again, isDone: (key) => done.has(key) },
    hasWeights: (cell) => hasWeights(folderOf(cell)),
  });
  const left = series.cells.filter(({ key }) => !done.has(key)).length;
  print(`${name}: ${series.cells.length - left} of ${series.cells.length} cells have a result`);
  await requireData(missing);

  const failed: string[] = [];
  const open = new Set(missing.map(({ key }) => key));
  for (const cell of missing) {
    const folder = folderOf(cell);
    // Of a teacher that was measured before, the weights are gone.
    const isSpent = isTrained(folder) && !hasWeights(folder);
    if (values.again || isSpent) rmSync(folder, { recursive: true, force: true });
    const needed = estimate(cell, folder, readRecords(name));
    if (needed !== undefined && performance.now() + 1000 * needed > deadline) {
      print(`${cell.key}: left out, takes about ${formatDuration(needed)}`);
      continue;
    }
    const teacher = series.cells.find(({ key }) => key === cell.teacher?.key);
    if (teacher && !hasWeights(folderOf(teacher))) {
      print(`${cell.key}: left out, its teacher is not trained`);
      continue;
    }
    print(`\n== ${cell.key}${isBegun(folder) ? ' (going on)' : ''}`);
    const outcome = await measure(cell, folder, deadline);
    if (outcome === 'stopped') {
      print(`\nStopped. Go on with: npm run bench -- series ${name}`);
      process.exitCode = 130;
      return;
    }
    if (outcome === 'out of time') print(`${cell.key}: out of time; its state is saved`);
    if (outcome === 'failed') failed.push(cell.key);
    if (outcome !== 'done') continue;
    const record = recordOf(cell, folder);
    await appendRecord(name, record);
    writeTables(series);
    open.delete(cell.key);
    const results = resultsOf(series.cells, readRecords(name));
    const isDone = (key: string) => results.has(key) && !open.has(key);
    for (const one of values['keep-models'] ? [] : [cell, ...(teacher ? [teacher] : [])])
      if (!isAwaited(series.cells, one, isDone)) dropWeights(folderOf(one));
    for (const line of describe(record)) print(line);
  }
  const now = resultsOf(series.cells, readRecords(name));
  print(`\n${name}: ${now.size} of ${series.cells.length} cells have a result`);
  if (failed.length > 0) {
    throw new FieldcraftError('FC_ENGINE', {
      what: 'cells of the series failed',
      where: failed.join(', '),
      fix: 'what went wrong stands above; --again with --only begins one anew',
    });
  }
}

function choose(series: Series, only: string | undefined): Cell[] {
  const parts = only === undefined ? [''] : listOf(only);
  const chosen = series.cells.filter(({ key }) => parts.some((part) => key.includes(part)));
  if (chosen.length > 0) return chosen;
  throw new FieldcraftError('FC_NOT_FOUND', {
    what: 'the series has no such cell',
    where: `--only ${only}`,
    expected: series.cells.map(({ key }) => key).join(', '),
  });
}

/** A training that another series has measured need not be done twice. */
async function takeFromOthers(series: Series, chosen: readonly Cell[]): Promise<void> {
  const done = resultsOf(series.cells, readRecords(series.name));
  const others = listSeries()
    .filter((other) => other !== series.name)
    .flatMap((other) => readRecords(other));
  for (const cell of chosen) {
    const record = done.has(cell.key) ? undefined : sameElsewhere(cell, others);
    if (record === undefined) continue;
    await appendRecord(series.name, record);
    writeTables(series);
  }
}

type Outcome = 'done' | 'failed' | 'stopped' | 'out of time';

/** Brings one cell to its end, to the deadline, or until a person stops the series. */
async function measure(cell: Cell, folder: string, deadline: number): Promise<Outcome> {
  let args = nextArguments(cell, folder);
  while (args !== undefined) {
    const outcome = await watch(args, folder, deadline);
    if (outcome !== 'done') return outcome;
    const [before] = args;
    args = nextArguments(cell, folder);
    if (args?.[0] === before) return 'failed';
  }
  return 'done';
}

/** Lets `fieldcraft` work on the cell in a folder. */
async function watch(args: readonly string[], folder: string, deadline: number): Promise<Outcome> {
  let wasPlanned = isBegun(folder);
  let [stopped, late] = [false, false];
  const child = startProcess(args);
  const stop = () => {
    stopped = true;
    child.stop();
  };
  const watching = setInterval(() => {
    if (late) return;
    // A new cell says how long it takes once it has looked at its data.
    const planned = wasPlanned ? undefined : plannedSeconds(folder);
    if (planned !== undefined) wasPlanned = true;
    late = performance.now() + 1000 * (planned ?? 0) > deadline;
    if (late) child.stop();
  }, 1000);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  try {
    const status = await child.ended;
    if (status === 0) return 'done';
    return stopped ? 'stopped' : late ? 'out of time' : 'failed';
  } finally {
    clearInterval(watching);
    for (const signal of signals) process.off(signal, stop);
  }
}

/** Seconds that a cell will take: what is left of its own plan, or what its like took with other seeds; undefined where nothing is known. */
function estimate(cell: Cell, folder: string, records: readonly SeriesRecord[]): number | undefined {
  if (isTrained(folder)) return 0;
  const own = isBegun(folder) ? plannedSeconds(folder) : undefined;
  if (own !== undefined) return own;
  const { seed, teacher } = cell;
  const like = records.filter((record) => {
    const ofTeacher = record.cell.teacher && { teacher };
    return hashOf({ ...record.cell, seed, ...ofTeacher }) === hashOf(cell);
  });
  return like.length === 0 ? undefined : median(like.map(({ seconds }) => seconds));
}

/** A result of samples would look like one of the published data. */
async function requireData(cells: readonly Cell[]): Promise<void> {
  const missing = new Set<string>();
  for (const cell of cells)
    for (const card of await cardsOf(cell))
      if (checkpoint.resolveDataset({ field: card.field, name: card.folder }) === undefined) missing.add(card.name);
  if (missing.size === 0) return;
  throw new FieldcraftError('FC_NOT_FOUND', {
    what: 'published data of the series is not on this machine',
    where: [...missing].join(', '),
    fix: 'set FIELDCRAFT_MIRROR to a mirror that has it, or train once where it can be downloaded; --only leaves cells out',
  });
}

async function cardsOf({ vertical, tasks }: Cell) {
  const module = pathToFileURL(join(workspaceRoot(), 'packages', vertical, 'dist', 'vertical.js')).href;
  const { default: found } = (await import(module)) as { default: Vertical };
  const names = tasks ?? Object.keys(found.tasks);
  return names.map((name) => {
    const definition = found.tasks[name];
    if (definition) return findDataCard(definition.data, join(workspaceRoot(), 'data-cards'));
    throw new FieldcraftError('FC_NOT_FOUND', { what: `${vertical} has no task ${name}`, where: 'the series' });
  });
}

/** What has a result, what has begun, and what is to do. */
async function listCells(series: Series, cells: readonly Cell[]): Promise<string[]> {
  const results = resultsOf(series.cells, readRecords(series.name));
  const rows: string[][] = [];
  for (const cell of cells) {
    const record = results.get(cell.key);
    const begun = isBegun(cellFolder(series.name, cell));
    const cards = new Map((await cardsOf(cell)).map(({ name, hash }) => [name, hash]));
    const changed = record?.tasks.filter(({ data }) => cards.get(data.dataset) !== data.card).map(({ name }) => name);
    const state = record ? 'done' : begun ? 'begun' : 'to do';
    const note =
      changed === undefined || changed.length === 0 ? '' : `  (changed data cards since: ${changed.join(', ')})`;
    const time = record ? formatDuration(record.seconds) : '';
    rows.push([cell.key, `${state}${note}`, time]);
  }
  return formatTable(['cell', 'state', 'time'], rows);
}

/** One line a task. */
function describe({ key, seconds, tasks }: SeriesRecord): string[] {
  return [
    `${key}: ${formatDuration(seconds)}`,
    ...tasks.map(({ name, mainMetric, metrics, baselines }) => {
      const score = (values: Readonly<Record<string, number>>) => formatScore(values[mainMetric] ?? NaN);
      const beside = baselines.map((baseline) => `${baseline.name} ${score(baseline.metrics)}`).join(', ');
      return `  ${name}: ${metricName(mainMetric)} ${score(metrics)} (${beside || 'no baseline'})`;
    }),
  ];
}
