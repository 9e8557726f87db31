/** What a run predicted on each test part, `predictions/<task>.jsonl` in its folder, so that two runs can be compared example by example. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Example } from '../data/index.js';
import { FieldcraftError, writeFileAtomic } from '../foundation/index.js';
import type { Prediction } from '../tasks/index.js';

/** An example and what was predicted for it. */
export interface Answered {
  readonly example: Example;
  readonly prediction: unknown;
}

/** One line of a file, read back. */
export interface KeptPrediction {
  /** With its truth and without what a model read of it: its text is blank but for the spans that are true of it. */
  readonly example: Example;
  /** The truth as JSON: equal for the same example of two runs. */
  readonly gold: string;
  readonly prediction: Prediction;
}

/** Fields of examples that hold no truth: which example it is, and what a model reads of it. */
const untrue = new Set(['id', 'group', 'date', 'text', 'second', 'context', 'choices', 'before', 'after', 'words']);

/** The largest file that is read, in bytes, and the farthest end of a span, in UTF-16 units. */
const largest = 256_000_000;
const farthest = 10_000_000;

export const predictionsFile = (run: string, task: string): string => join(run, 'predictions', `${task}.jsonl`);

/**
 * Writes the file of one task: of each example its id, its group, its truth, in which spans bear their text, and the prediction.
 * Probabilities have six significant digits; a number that is the prediction itself has all of its own.
 * @throws FieldcraftError FC_DISK
 */
export function keepPredictions(run: string, task: string, answers: readonly Answered[]): void {
  const lines = answers.map(({ example, prediction }) => {
    const { id, group, text } = example;
    const truth = Object.entries(example).filter(([field]) => !untrue.has(field));
    const gold = Object.fromEntries(truth.map(([field, value]) => [field, withTexts(value, text)]));
    return `${JSON.stringify({ id, group, gold, prediction: shortened(prediction) })}\n`;
  });
  writeFileAtomic(predictionsFile(run, task), lines.join(''));
}

const spanSchema = z.looseObject({ start: z.int().min(0), end: z.int().max(farthest), text: z.string().optional() });

function withTexts(truth: unknown, text: string): unknown {
  if (!Array.isArray(truth)) return truth;
  return truth.map((item: unknown) => {
    const span = spanSchema.safeParse(item);
    return span.success ? { ...span.data, text: text.slice(span.data.start, span.data.end) } : item;
  });
}

const shortened = (prediction: unknown): unknown =>
  JSON.parse(
    JSON.stringify(prediction, (field, value: unknown) =>
      field !== 'value' && typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value,
    ),
  );

/** Where the predictions of folds behind the first lie, which has the place of a run without folds. */
export const foldFolder = (run: string, fold: number): string => join(run, 'folds', String(fold + 1));

/** What the models of all folds predicted, each of examples that it has not seen; undefined where a fold kept nothing. */
export function readFolds(run: string, task: string, folds: number): KeptPrediction[] | undefined {
  const kept = Array.from({ length: folds }, (_, fold) =>
    readPredictions(fold === 0 ? run : foldFolder(run, fold), task),
  );
  return kept.every((some) => some !== undefined) ? kept.flat() : undefined;
}

const lineSchema = z.strictObject({
  id: z.string(),
  group: z.string().optional(),
  gold: z.record(z.string(), z.unknown()),
  prediction: z.custom<Prediction>((value) => typeof value === 'object' && value !== null),
});

/**
 * What a run kept of a task; undefined where it kept nothing.
 * @throws FieldcraftError FC_FILE_FORMAT for a file that is too large or holds something else
 */
export function readPredictions(run: string, task: string): KeptPrediction[] | undefined {
  const where = predictionsFile(run, task);
  const size = statSync(where, { throwIfNoEntry: false })?.size;
  if (size === undefined) return undefined;
  const refuse = (place: string, got: string, cause?: unknown) =>
    new FieldcraftError('FC_FILE_FORMAT', {
      what: 'the kept predictions of a run cannot be read',
      where: place,
      got,
      fix: 'train again',
      cause,
    });
  if (size > largest) throw refuse(where, `${size} bytes; at most ${largest} are read`);
  const lines = readFileSync(where, 'utf8').split('\n');
  return lines.slice(0, -1).map((line, i) => {
    try {
      const { gold, prediction, ...example } = lineSchema.parse(JSON.parse(line));
      return {
        example: exampleSchema.parse({ ...example, text: textOf(gold), ...gold }),
        gold: JSON.stringify(gold),
        prediction,
      };
    } catch (cause) {
      throw refuse(`${where}:${i + 1}`, line.slice(0, 100), cause);
    }
  });
}

/** What its kind demands of an example shows when it is scored. */
const exampleSchema = z.custom<Example>();

/** The true spans in their places, blanks between them. */
function textOf(gold: Readonly<Record<string, unknown>>): string {
  const spans = Object.values(gold)
    .flatMap((truth: unknown) => (Array.isArray(truth) ? (truth as unknown[]) : []))
    .flatMap((item) => spanSchema.safeParse(item).data ?? []);
  const units = new Array<string>(Math.max(0, ...spans.map(({ end }) => end))).fill(' ');
  for (const { start, text = '' } of spans) units.splice(start, text.length, ...text.split(''));
  return units.join('');
}
