/** `fieldcraft predict --input ... --output ...`: predictions of whole files, in bounded memory, that go on where they were stopped. */
import { extname, relative } from 'node:path';
import {
  FieldcraftError,
  formatCount,
  loadServable,
  sha256,
  suggestNames,
  type BundleOptions,
  type BundlePredictor,
  type ModelInput,
  type PredictableTask,
  type Prediction,
} from '@fieldcraft/core';
import { errorsPath, openBatchOutput } from './batch-output.js';
import { findInputs, readRows, type InputFile, type Row } from './batch-rows.js';
import type { CommandContext } from './context.js';
import { UsageError } from './errors.js';
import { createMeter } from './meter.js';
import { predictionRecord } from './predictions.js';

export interface BatchRequest {
  readonly model: string;
  /** A file or a folder. */
  readonly input: string;
  /** .jsonl or .csv. */
  readonly output: string;
  /** Default: all that read a text alone. */
  readonly tasks?: readonly string[] | undefined;
  readonly whole: boolean;
  readonly textColumn: string;
  readonly given: Partial<ModelInput>;
  /** Whether bad rows do not make the command fail. */
  readonly skipBad: boolean;
  readonly engine: BundleOptions;
}

/** Rows that are predicted together. What is answered in INT8 depends a little on what shares its batch: chunks are the same in every attempt. */
const chunk = 256;
/** Bad rows that are shown; all of them are in the list beside the output. */
const shown = 10;

/**
 * @throws FieldcraftError FC_DATA at the end where rows were bad and `skipBad` is false; and as `loadServable`, `findInputs` and `openBatchOutput`
 */
export async function predictBatch({ stderr }: Pick<CommandContext, 'stderr'>, request: BatchRequest): Promise<void> {
  const { model, input, output, whole, textColumn, given, skipBad, engine } = request;
  const format = formatOf(output);
  const files = findInputs(input);
  const predictor = await loadServable(model, engine);
  const meter = createMeter(stderr, Date.now);
  try {
    const tasks = chooseTasks(predictor, request.tasks);
    const names = tasks.map(({ name }) => name);
    const about = { id: predictor.bundle.id, precision: predictor.precision, names, whole, textColumn, given, format };
    const out = openBatchOutput(output, {
      request: sha256(
        JSON.stringify({ ...about, files: files.map((file) => ({ ...file, path: relative(input, file.path) })) }),
      ),
      header: format.header,
    });
    try {
      if (out.rows > 0) stderr.line(`Going on behind row ${formatCount(out.rows)}.`);
      const neighbours = tasks.some(({ kind }) => kind === 'sequential-classification');
      const rows = readRows({ files, whole, textColumn, given, neighbours });
      const position = createPosition(files);
      let [seen, bad] = [0, out.bad];
      const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
      for await (const some of chunksOf(rows)) {
        seen += some.length;
        const done = position(some);
        if (seen <= out.rows) continue;
        const { lines, failures } = await answer(predictor, tasks, some, format);
        const errors = failures.map((failure) => `${JSON.stringify(failure)}\n`);
        out.append({ lines, errors: errors.join(''), rows: some.length, bad: failures.length });
        for (const { source, error } of failures.slice(0, Math.max(0, shown - bad)))
          meter.print(`${source}: ${error.split('\n').join(' ')}`);
        bad += failures.length;
        const figures = [`${formatCount(seen)} rows`, ...(bad > 0 ? [`${formatCount(bad)} bad`] : [])];
        meter.move({ label: 'predicting', done, total, figures });
      }
      meter.end();
      out.finish();
      stderr.line(`${output}: ${formatCount(seen - bad)} of ${formatCount(seen)} rows, ${names.join(', ')}`);
      if (bad > 0) refuse({ bad, output, skipBad }, (line) => stderr.line(line));
    } finally {
      out.close();
    }
  } finally {
    meter.end();
    await predictor.release();
  }
}

function refuse(
  { bad, output, skipBad }: { bad: number; output: string; skipBad: boolean },
  say: (line: string) => void,
) {
  const where = errorsPath(output);
  if (skipBad) return say(`${formatCount(bad)} bad rows were left out: ${where}`);
  throw new FieldcraftError('FC_DATA', {
    what: `${formatCount(bad)} rows could not be predicted; all others were`,
    where,
    fix: 'mend those rows, or accept that they are left out: --skip-bad',
  });
}

function chooseTasks(
  { tasks, textTasks, folder }: BundlePredictor,
  names: readonly string[] = textTasks,
): PredictableTask[] {
  const chosen = names.map((name) => {
    const found = tasks.find((task) => task.name === name);
    if (found) return found;
    const known = tasks.map((task) => task.name);
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: `the model has no task "${name}"`,
      where: '--task',
      fix: suggestNames(name, known),
    });
  });
  if (chosen.length > 0) return chosen;
  throw new FieldcraftError('FC_CONFIG', {
    what: 'no task of the model reads a text alone',
    where: folder,
    fix: `name one with --task: ${tasks.map(({ name }) => name).join(', ')}`,
  });
}

async function* chunksOf(rows: AsyncIterable<Row>): AsyncGenerator<Row[]> {
  let some: Row[] = [];
  for await (const row of rows) {
    some.push(row);
    if (some.length < chunk) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}

/** Bytes of all files up to a row. */
function createPosition(files: readonly InputFile[]) {
  let [file, last] = [0, 0];
  return (rows: readonly Row[]): number => {
    for (const { at } of rows) {
      if (at < last) file++;
      last = at;
    }
    return files.slice(0, file).reduce((sum, { bytes }) => sum + bytes, last);
  };
}

interface Failure {
  readonly source: string;
  readonly task?: string;
  readonly error: string;
}

/** A line for each row and task. A row that one task cannot answer is bad; the answers of its other tasks are left out with it. */
async function answer(
  predictor: BundlePredictor,
  tasks: readonly PredictableTask[],
  rows: readonly Row[],
  format: Format,
): Promise<{ lines: string; failures: Failure[] }> {
  const readable = rows.flatMap(({ source, input }) => (input instanceof FieldcraftError ? [] : [{ source, input }]));
  const requests = readable.flatMap(({ input }) => tasks.map(({ name }) => ({ task: name, inputs: [input] })));
  const answers = await predictor.predictAll(requests);
  const lines: string[] = [];
  const failures: Failure[] = [];
  let next = 0;
  for (const { source, input } of rows) {
    if (input instanceof FieldcraftError) {
      failures.push({ source, error: input.message });
      continue;
    }
    const own: string[] = [];
    let failure: Failure | undefined;
    for (const task of tasks) {
      const settled = answers[next++]!;
      if (settled.status === 'fulfilled') own.push(format.line(source, task, input, settled.value[0]!));
      else failure ??= failureOf(source, task.name, settled.reason);
    }
    if (failure) failures.push(failure);
    else lines.push(...own);
  }
  return { lines: lines.join(''), failures };
}

/** What is wrong with a row; what is wrong with the machine ends the run. */
function failureOf(source: string, task: string, reason: unknown): Failure {
  if (reason instanceof FieldcraftError && reason.code === 'FC_DATA') return { source, task, error: reason.message };
  throw reason;
}

interface Format {
  readonly name: string;
  readonly header: string;
  line(source: string, task: PredictableTask, input: ModelInput, prediction: Prediction): string;
}

const columns = ['source', 'task', 'text', 'prediction', 'details'];

const formats: Readonly<Record<string, Format>> = {
  '.jsonl': {
    name: 'jsonl',
    header: '',
    line: (source, ...parts) => `${JSON.stringify({ source, ...predictionRecord(...parts) })}\n`,
  },
  '.csv': {
    name: 'csv',
    header: `${columns.join(',')}\n`,
    line(source, task, input, prediction) {
      const details: Record<string, unknown> = { ...predictionRecord(task, input, prediction) };
      for (const name of ['text', 'task']) Reflect.deleteProperty(details, name);
      const cells = [source, task.name, input.text, inShort(input, prediction), JSON.stringify(details)];
      return `${cells.map(cell).join(',')}\n`;
    },
  },
};

function formatOf(output: string): Format {
  const format = formats[extname(output).toLowerCase()];
  if (format) return format;
  throw new UsageError(`--output takes a file that ends in ${Object.keys(formats).join(' or ')}, not ${output}`);
}

const cell = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** A prediction in one cell; of several things found each, with `; ` between them. */
function inShort({ text, choices = [] }: ModelInput, prediction: Prediction): string {
  const words = ({ start, end }: { start: number; end: number }) => text.slice(start, end);
  if ('label' in prediction) return prediction.label;
  if ('choice' in prediction) return choices[prediction.choice] ?? '';
  if ('value' in prediction) return String(prediction.value);
  if ('nearest' in prediction) return prediction.nearest[0]?.document ?? '';
  if ('codes' in prediction) return prediction.codes.map(({ code }) => code).join('; ');
  if ('candidates' in prediction) return prediction.answer?.text ?? '';
  if ('labels' in prediction) return prediction.labels.join('; ');
  if ('relations' in prediction)
    return prediction.relations.map(({ head, label, tail }) => `${head} ${label} ${tail}`).join('; ');
  const found = prediction.entities.map((entity) => `${entity.label}: ${words(entity)}`);
  return [...('intents' in prediction ? prediction.intents : []), ...found].join('; ');
}
