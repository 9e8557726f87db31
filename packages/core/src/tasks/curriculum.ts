/** What a vertical's encoder goes through before its tasks are learnt: the stages of a curriculum, as plain data. */
import { z } from 'zod';
import { kebabCase, taskSchema } from './task-definition.js';

/** Whether runs go through the stage that do not say which stages they want. */
const byDefault = z.boolean().default(true);

/** What both kinds of pretraining have in common. */
const pretrainingShape = {
  /** Tokens of text that one pass reads, drawn evenly over the corpora. */
  tokens: z.int().min(1_000).max(1_000_000_000).default(1_000_000),
  /** Passes over them, other words hidden in each. */
  passes: z.number().positive().max(1_000).default(1),
  /** Tokens a window. */
  maxLength: z.int().min(16).max(8192).default(128),
  /** Windows an update. */
  batchSize: z.int().min(1).max(1024).default(16),
  learningRate: z.number().positive().max(1).optional(),
  /** Share of the tokens that are hidden. */
  masking: z.number().positive().max(0.9).default(0.15),
  /** Hide all pieces of a word or none. */
  wholeWords: z.boolean().default(true),
  /** Other text, as a rule general, that makes up a share of what a pass reads, so that less of it is forgotten. */
  replay: z
    .strictObject({ corpora: z.array(z.string().min(1)).min(1), share: z.number().positive().max(0.9).default(0.1) })
    .optional(),
  byDefault,
};

const domainSchema = z.strictObject({
  kind: z.literal('domain'),
  name: kebabCase.default('domain'),
  /** Names of corpus cards, or paths of one's own text. */
  corpora: z.array(z.string().min(1)).min(1),
  /** Hide words of the field more often than others. */
  fieldTerms: z.boolean().default(false),
  /** Words of the field, of those that the tokenizer shatters, that get an entry of their own in the vocabulary. */
  newWords: z.int().min(0).max(10_000).default(0),
  ...pretrainingShape,
});

const taskTextSchema = z.strictObject({
  kind: z.literal('task'),
  name: kebabCase.default('task'),
  /** Corpora that are read besides, */
  corpora: z.array(z.string().min(1)).default([]),
  /** and of them only so many paragraphs a training text, the nearest ones (kNN-TAPT); 0: all. */
  neighbours: z.int().min(0).max(1_000).default(0),
  ...pretrainingShape,
  passes: pretrainingShape.passes.default(5),
});

export const intermediateSchema = z.strictObject({
  kind: z.literal('intermediate'),
  name: kebabCase.default('intermediate'),
  /** What is learnt before the tasks: another one, best of far more examples, which need not be among the vertical's own. */
  task: taskSchema,
  /** Passes over its training examples. */
  epochs: z.number().positive().max(100).default(2),
  /** At most so many of them, drawn once; left out: all. */
  examples: z.int().min(1).optional(),
  /** Windows an update. */
  batchSize: z.int().min(1).max(1024).default(16),
  learningRate: z.number().positive().max(1).optional(),
  byDefault,
});

export const stageSchema = z.discriminatedUnion('kind', [domainSchema, taskTextSchema, intermediateSchema]);

/** A stage before the tasks. */
export type CurriculumStage = Readonly<z.output<typeof stageSchema>>;
export type DomainStage = Extract<CurriculumStage, { kind: 'domain' }>;
export type TaskTextStage = Extract<CurriculumStage, { kind: 'task' }>;
export type IntermediateStage = Extract<CurriculumStage, { kind: 'intermediate' }>;
type Declared<K extends CurriculumStage['kind']> = Omit<Extract<z.input<typeof stageSchema>, { kind: K }>, 'kind'>;
type Stage<K extends CurriculumStage['kind']> = Extract<z.input<typeof stageSchema>, { kind: K }>;

/** Domain-adaptive pretraining: masked words of the field's unlabelled text (Gururangan et al. 2020, section 3). */
export const adaptToDomain = (options: Declared<'domain'>): Stage<'domain'> => ({ kind: 'domain', ...options });

/** Task-adaptive pretraining: masked words of the tasks' own training texts, and of those nearest to them (Gururangan et al. 2020, sections 4 and 5). */
export const adaptToTask = (options: Declared<'task'> = {}): Stage<'task'> => ({ kind: 'task', ...options });

/** Intermediate fine-tuning: a larger related task first, of which the encoder alone is kept (Phang et al. 2018; Pruksachatkun et al. 2020). */
export const intermediate = (options: Declared<'intermediate'>): Stage<'intermediate'> => ({
  kind: 'intermediate',
  ...options,
});
