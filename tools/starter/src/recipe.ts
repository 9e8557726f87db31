/** What the encoder that comes with Fieldcraft is made of, and its heads: a file each, so that the same command makes the same again. */
import { readFileSync } from 'node:fs';
import { runOptionsSchema } from '@fieldcraft/core';
import { foundation } from '@fieldcraft/core/internals';
import { z } from 'zod';

const layer = z.int().min(1);
const pair = z.strictObject({ student: layer, teacher: layer });
const weight = z.number().positive();

const recipeSchema = z.strictObject({
  /** Hub id or folder of the encoder that is learnt from, and its licence. */
  teacher: z.string().min(1),
  licence: z.string().min(1),
  /** Layers of the student, taken evenly. */
  layers: z.int().min(1),
  vocabulary: z.strictObject({
    /** Pieces that are kept. */
    pieces: z.int().min(50).max(16_000),
    /** Corpora whose words are counted too when pieces are chosen, and of which nothing else is read, whatever their licences. */
    alsoCounted: z.array(z.string()),
  }),
  /** Names of corpora; their licences must permit commercial use. */
  corpora: z.array(z.string()).min(1),
  /** The most text that is read, by the teacher's tokens. */
  tokens: z.int().min(1_000).max(30_000_000),
  heldOutTokens: z.int().min(100),
  /** Of a window, special tokens included. */
  windowTokens: z.int().min(8).max(512),
  seed: z.int().min(0),
  distillation: z.strictObject({
    passes: z.int().min(1),
    batchSize: z.int().min(1),
    learningRate: weight,
    hidden: z.strictObject({ layers: z.array(pair).min(1), weight }).exactOptional(),
    relations: z
      .strictObject({ ...pair.shape, kind: z.enum(['minilm', 'minilm-v2']), heads: z.int().min(1), weight })
      .exactOptional(),
  }),
  /** The short pretraining at the end, on a part of the same text, that gives it a head for masked words. */
  maskedWords: z.strictObject({
    tokens: z.int().min(100),
    batchSize: z.int().min(1),
    learningRate: weight,
    /** What the new head learns from before that, on the encoder as it is. */
    headTokens: z.int().min(100),
    headPasses: z.int().min(1),
  }),
});

export type Recipe = z.output<typeof recipeSchema>;

/** @throws FieldcraftError FC_NOT_FOUND; FC_CONFIG naming what is not valid */
export const readRecipe = (path: string): Recipe => checkRecipe(readJson(path), path);

export const checkRecipe = (content: unknown, where: string): Recipe => check(recipeSchema, content, where);

const headsSchema = z.strictObject({
  /** Of a field: names of tasks; the licences of their data must permit commercial use. */
  tasks: z.array(z.string().min(1)).min(1).max(3),
  /** How they are trained, as `fieldcraft train` takes it. */
  options: runOptionsSchema.pick({
    ...{ profile: true, epochs: true, batchSize: true, learningRate: true, seeds: true, maxLength: true },
    ...{ sampling: true, loraRank: true, loraAlpha: true, loraDropout: true, loraTargets: true },
  }),
});

/** Which heads of a field come with Fieldcraft. */
export type HeadsRecipe = z.output<typeof headsSchema>;

/** The recipe of a field's heads out of the file of all. @throws as `readRecipe`; FC_CONFIG for a field that is not in it */
export function readHeadsRecipe(path: string, field: string): HeadsRecipe {
  const recipes = check(z.record(z.string(), headsSchema), readJson(path), path);
  const recipe = Object.hasOwn(recipes, field) ? recipes[field] : undefined;
  if (recipe) return recipe;
  throw new foundation.FieldcraftError('FC_CONFIG', {
    what: 'no recipe says which heads the field has',
    where: path,
    expected: Object.keys(recipes).join(', '),
    got: field,
  });
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new foundation.FieldcraftError('FC_NOT_FOUND', { what: 'a recipe cannot be read', where: path, got, cause });
  }
}

function check<T>(schema: z.ZodType<T>, content: unknown, where: string): T {
  const checked = schema.safeParse(content);
  if (checked.success) return checked.data;
  const issues = checked.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`);
  throw new foundation.FieldcraftError('FC_CONFIG', { what: 'a recipe is not valid', where, got: issues.join('; ') });
}

/** Equal for equal recipes: work on one never goes on with that on another. */
export const recipeKey = (recipe: object): string => foundation.sha256(JSON.stringify(recipe)).slice(0, 12);
