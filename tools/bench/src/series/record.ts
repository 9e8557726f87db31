/** What is kept of a finished cell: one line of `docs/results/<series>.jsonl`, from which the tables are made. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findDataCard, loadReport, type RobustnessReport, type RunReport } from '@fieldcraft/core';
import { data, foundation, report as reports } from '@fieldcraft/core/internals';
import { z } from 'zod';
import { cellSchema, hashOf, type Cell } from './definition.js';

const { FieldcraftError, withLock, workspaceRoot, writeFileAtomic } = foundation;

const count = z.int().nonnegative();
const seconds = z.number().nonnegative();
const scores = z.record(z.string(), z.number());
const interval = z.tuple([z.number(), z.number()]);

const taskSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(data.taskKinds),
  /** What was read, from where, by which card (SHA-256), and a hash over all examples of all parts. */
  data: z.strictObject({ dataset: z.string(), origin: z.string(), card: z.string(), examples: z.string() }),
  /** Examples that the run used. */
  used: z.strictObject({ train: count, dev: count, test: count }),
  mainMetric: z.string(),
  /** On the test part, with 95 % intervals where there are some. */
  metrics: scores,
  intervals: z.record(z.string(), interval),
  baselines: z.array(z.strictObject({ name: z.string(), metrics: scores, seconds: seconds.optional() })),
  /** Why a baseline was not beaten, as far as the run knows. */
  notBeaten: z.string().optional(),
  /** What others reached on the dataset, and this model on the published split, as the run's report has them. */
  published: reports.taskReportSchema.shape.published,
  splits: reports.taskReportSchema.shape.splits,
  /** How its model stood attacks, without the texts that turned its answer. */
  robustness: reports.robustnessSchema.omit({ examples: true }).optional(),
  updates: count,
  epochs: z.number().nonnegative(),
  trainingTokens: count,
});

export const recordSchema = z.strictObject({
  key: z.string(),
  cell: cellSchema,
  /** When it was finished. */
  date: z.iso.datetime(),
  /** Of the workspace, with `+` where files differed from it. */
  commit: z.string(),
  machine: z.strictObject({ cpu: z.string(), cores: count, memoryBytes: count, platform: z.string() }),
  device: z.string(),
  versions: z.record(z.string(), z.string()),
  /** Time spent working, pauses aside. */
  seconds,
  /** Real tokens trained on a second. */
  tokensPerSecond: z.number().nonnegative(),
  peakMemoryBytes: count.optional(),
  tasks: z.array(taskSchema).min(1),
  /** A student beside its teacher, which the cell names. */
  distillation: reports.distillationSchema.omit({ teacher: true }).optional(),
  /** What the profile left out, and what a reader must know. */
  notes: z.array(z.string()),
});
export type SeriesRecord = z.output<typeof recordSchema>;
export type TaskRecord = z.output<typeof taskSchema>;

export const resultsFolder = (root = workspaceRoot()): string => join(root, 'docs', 'results');

const recordsFile = (series: string, root: string): string => join(resultsFolder(root), `${series}.jsonl`);

/** All lines of a series, oldest first; none where nothing was measured yet. @throws FieldcraftError FC_FILE_FORMAT naming the line */
export function readRecords(series: string, root = workspaceRoot()): SeriesRecord[] {
  const path = recordsFile(series, root);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.flatMap((line, i) => (line === '' ? [] : [parseRecord(line, `${path}:${i + 1}`)]));
}

function parseRecord(line: string, where: string): SeriesRecord {
  try {
    return recordSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'a line is not the result of a cell',
      where,
      got: cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause),
      cause,
    });
  }
}

/** The newest result of each cell that was asked for exactly so, by the cell's key. */
export function resultsOf(cells: readonly Cell[], records: readonly SeriesRecord[]): Map<string, SeriesRecord> {
  const asked = new Map(cells.map((cell) => [cell.key, hashOf(cell)]));
  return new Map(
    records.filter(({ key, cell }) => asked.get(key) === hashOf(cell)).map((record) => [record.key, record]),
  );
}

/** The newest result, under this cell’s key, of a cell of another series that asked for exactly the same; undefined where there is none. */
export function sameElsewhere({ key, ...cell }: Cell, others: readonly SeriesRecord[]): SeriesRecord | undefined {
  const hash = hashOf(cell);
  const same = others.findLast((record) => hashOf(record.cell) === hash);
  return same && { ...same, key, cell };
}

/** Appends one line: whoever reads the file sees it whole or not at all, and two series that run at once lose none. */
export async function appendRecord(series: string, record: SeriesRecord, root = workspaceRoot()): Promise<void> {
  const path = recordsFile(series, root);
  await withLock(join(root, 'runs', 'series', `${series}.lock`), () => {
    const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
    writeFileAtomic(path, [before, JSON.stringify(recordSchema.parse(record)), '\n']);
    return Promise.resolve();
  });
}

const configSchema = z.looseObject({ data: z.record(z.string(), z.string()) });

/** What is kept of the finished run in `folder`. @throws FieldcraftError FC_NOT_FOUND, FC_FILE_FORMAT for what is no finished run */
export function recordOf({ key, ...cell }: Cell, folder: string, root = workspaceRoot()): SeriesRecord {
  const report = loadReport(join(folder, 'report.json'));
  const { data: hashes } = configSchema.parse(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')));
  const { environment, run } = report;
  const { node, engine, packages } = environment;
  return {
    key,
    cell,
    date: run.finished,
    commit: environment.commit ?? 'unknown',
    machine: {
      cpu: environment.cpu,
      cores: environment.cores,
      memoryBytes: environment.memoryBytes,
      platform: environment.platform,
    },
    device: environment.device,
    versions: { node, [engine.name]: engine.version, ...packages },
    seconds: run.seconds,
    // Of the whole run: its tasks learn in turn.
    tokensPerSecond: report.tasks[0]?.seeds[0]?.tokensPerSecond ?? 0,
    ...(report.peakMemoryBytes === undefined ? {} : { peakMemoryBytes: report.peakMemoryBytes }),
    tasks: report.tasks.map((task) => describeTask(task, hashes[task.name] ?? '', root)),
    ...(report.distillation && { distillation: withoutTeacher(report.distillation) }),
    notes: [...report.profileNotes, ...report.warnings],
  };
}

/** Folders are of one machine. */
const withoutTeacher = ({
  teacher: _,
  ...rest
}: NonNullable<RunReport['distillation']>): SeriesRecord['distillation'] => rest;

/** Texts are the datasets', whose licences need not permit that they stand here. */
const withoutTexts = ({ examples: _, ...rest }: RobustnessReport): TaskRecord['robustness'] => rest;

function describeTask(task: RunReport['tasks'][number], examples: string, root: string): TaskRecord {
  const { name, kind, data, mainMetric, summary, baselines, notBeaten, published, splits, robustness, seeds } = task;
  const used = (part: string) => data.parts.find((one) => one.part === part)?.used ?? 0;
  const metrics = Object.entries(summary);
  return {
    name,
    kind,
    data: {
      dataset: data.dataset,
      origin: data.origin,
      card: findDataCard(data.dataset, join(root, 'data-cards')).hash,
      examples,
    },
    used: { train: used('train'), dev: used('dev'), test: used('test') },
    mainMetric,
    metrics: Object.fromEntries(metrics.map(([metric, { mean }]) => [metric, mean])),
    intervals: Object.fromEntries(
      metrics.flatMap(([metric, { interval }]) => (interval === undefined ? [] : [[metric, interval]])),
    ),
    baselines: baselines.map(({ name, metrics, seconds }) => ({
      name,
      metrics,
      ...(seconds === undefined ? {} : { seconds }),
    })),
    ...(notBeaten === undefined ? {} : { notBeaten }),
    ...(published === undefined ? {} : { published }),
    ...(splits === undefined ? {} : { splits }),
    ...(robustness && { robustness: withoutTexts(robustness) }),
    updates: seeds[0]?.steps ?? 0,
    epochs: seeds[0]?.epochs ?? 0,
    trainingTokens: seeds[0]?.trainingTokens ?? 0,
  };
}
