/** What is kept of a model besides its numbers: the file model.json. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { taskKinds } from '../data/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { settingsShape, sharedWordsSchema, tagTransitionsSchema } from '../tasks/index.js';
import { issuesOf, readJsonFile } from './json-file.js';

/** Also the name of a folder and of a graph's output, so without anything that either would read as more than a name. */
const taskName = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]*$/, 'letters, digits, dots, hyphens and underscores')
  .refine((name) => !name.endsWith('.'), 'a name that does not end in a dot');

export const savedTaskSchema = z.strictObject({
  name: taskName,
  kind: z.enum(taskKinds),
  /** In the order of their numbers. */
  labels: z.array(z.string().min(1)).max(100_000),
  settings: z.strictObject(settingsShape).exactOptional(),
  /** Tokens a window, special tokens included, and those that neighbouring windows share. */
  maxLength: z.int().min(3).max(1_000_000),
  stride: z.int().min(0),
  /** The score that the task is judged by. */
  mainMetric: z.string(),
  tuning: z.strictObject({
    thresholds: z.array(z.number()).readonly().exactOptional(),
    temperature: z.number().positive().exactOptional(),
    intentTemperature: z.number().positive().exactOptional(),
    scopeThreshold: z.number().exactOptional(),
    nullThreshold: z.number().exactOptional(),
    agreement: z.number().positive().exactOptional(),
    titleOffset: z.number().exactOptional(),
    words: sharedWordsSchema.exactOptional(),
    transitions: tagTransitionsSchema.exactOptional(),
  }),
});

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal');

const modelFileSchema = z
  .strictObject({
    /** Of this layout of files; raised when an older reader would misread a newer folder. */
    version: z.literal(1),
    /** The program that wrote it. */
    createdBy: z.string(),
    /** The pretrained model that training started from; null for one that was trained from scratch. */
    base: z.strictObject({ id: z.string(), revision: z.string().exactOptional() }).nullable(),
    /** Keys and values of Hugging Face's config.json. */
    config: z.record(z.string(), z.unknown()),
    tasks: z
      .array(savedTaskSchema)
      .min(1)
      .refine((tasks) => new Set(tasks.map(({ name }) => name)).size === tasks.length, 'two tasks have one name'),
    /** `Tokenizer.hash` of the tokenizer that the model was trained with. */
    tokenizerHash: digest,
    /** Only where the weights are kept as what differs from the base (difference.ts): SHA-256 of the base's weights. */
    baseWeights: digest.exactOptional(),
  })
  .refine(({ base, baseWeights }) => baseWeights === undefined || base !== null, 'a difference from no base');

/** A task as it is kept with its model: all that predictions need. */
export type SavedTask = Readonly<z.output<typeof savedTaskSchema>>;
export type ModelFile = Readonly<z.output<typeof modelFileSchema>>;

export const modelFileName = 'model.json';

/** Labels and configs are short; a larger file is not one. */
export const largestModelFile = 64 * 1024 * 1024;

/** @throws FieldcraftError FC_CONFIG where a part of it could not be read back. */
export function formatModelFile(content: ModelFile): string {
  const checked = modelFileSchema.safeParse(content);
  if (checked.success) return `${JSON.stringify(checked.data, null, 2)}\n`;
  throw new FieldcraftError('FC_CONFIG', { what: 'a model cannot be saved', got: issuesOf(checked.error) });
}

/**
 * Reads the model.json of a model folder.
 * @throws FieldcraftError FC_NOT_FOUND without one; FC_FILE_FORMAT if it is damaged or of a newer layout.
 */
export function readModelFile(folder: string): ModelFile {
  const where = join(folder, modelFileName);
  if (!existsSync(where))
    throw new FieldcraftError('FC_NOT_FOUND', { what: 'a model folder has no model.json', where });
  return readJsonFile(where, modelFileSchema, { most: largestModelFile, what: 'a model.json cannot be read' });
}
