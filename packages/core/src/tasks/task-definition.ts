/** A task as a vertical declares it: the kind, the data it learns from, and what is particular to it. Plain data by a strict schema. */
import { z } from 'zod';
import type { TaskKind } from '../data/index.js';
import { lossSchema } from './loss-options.js';
import { settingsShape } from './task-options.js';

export const kebabCase = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a kebab-case name');
const insidePackage = z
  .string()
  .regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\]+$/, 'a path inside the package, with forward slashes');

const base = {
  /** Name of the data card. */
  data: kebabCase,
  /** Base name of the hand-written samples, `samples/<name>.{train,dev,test}.jsonl` of the package. */
  samples: kebabCase.optional(),
  /** Tokens a window, special tokens included, instead of the run's default. */
  maxLength: z.int().min(8).max(8192).optional(),
  /** The least that a model must score on the test part to be released, by the score's name, such as `microF1`; the most, where less is better. */
  gates: z.record(z.string(), z.number()).optional(),
  /** What is rewritten in its texts before they are tokenised, in this order: see `TextRule`. */
  rules: settingsShape.rules,
  /** How much the task counts among others: its loss, where losses are not balanced, and its score in the choice of the best weights. */
  weight: z.number().positive().max(1000).optional(),
  /** Whether runs learn the task that do not name their tasks. Default: true. */
  byDefault: z.boolean().optional(),
  /** Only of kinds that have a choice of losses. */
  loss: z.never().optional(),
};

const common = { ...base, loss: lossSchema.optional() };

export const taskSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('classification'),
    ...common,
    outOfScope: settingsShape.outOfScope,
    marks: settingsShape.marks,
  }),
  z.strictObject({
    kind: z.literal('pair-classification'),
    ...common,
    windows: settingsShape.windows,
    keepStatements: settingsShape.keepStatements,
  }),
  z.strictObject({
    kind: z.literal('sequential-classification'),
    ...common,
    neighbours: settingsShape.neighbours,
  }),
  z.strictObject({
    kind: z.literal('multi-label'),
    ...common,
    /** A list of labelled passages on which false alarms are counted: see `readFalseAlarmSet`. */
    falseAlarms: insidePackage.optional(),
  }),
  z.strictObject({ kind: z.literal('token-classification'), ...common }),
  z.strictObject({ kind: z.literal('multiple-choice'), ...base }),
  z.strictObject({ kind: z.literal('regression'), ...base, windows: settingsShape.windows }),
  z.strictObject({ kind: z.literal('similarity'), ...base, windows: settingsShape.windows }),
  z.strictObject({
    kind: z.literal('retrieval'),
    ...base,
    windows: settingsShape.windows,
    batchPairs: settingsShape.batchPairs,
    symmetric: settingsShape.symmetric,
  }),
  z.strictObject({
    kind: z.literal('relation-extraction'),
    ...common,
    entitiesFrom: settingsShape.entitiesFrom,
  }),
  z.strictObject({ kind: z.literal('slot-filling'), ...common }),
  z.strictObject({ kind: z.literal('joint-extraction'), ...base, spanWidth: settingsShape.spanWidth }),
  z.strictObject({ kind: z.literal('code-assignment'), ...base, windows: settingsShape.windows }),
  z.strictObject({
    kind: z.literal('span-selection'),
    ...base,
    windows: settingsShape.windows,
    answerLength: settingsShape.answerLength,
    readWindows: settingsShape.readWindows,
  }),
]);

/** One task of a vertical. */
export type TaskDefinition<K extends TaskKind = TaskKind> = Readonly<Extract<z.output<typeof taskSchema>, { kind: K }>>;
