/** The options of an attack on a trained model. */
import { z } from 'zod';
import { constraintNames, recipeNames, type ConstraintName } from '../evaluation/index.js';
import { duration } from './options.js';
import { defaultJudge } from './similarity-judge.js';

export const attackOptionsSchema = z.strictObject({
  set: z
    .enum([...constraintNames, 'both'])
    .default('both')
    .describe('What an attack may do to a text: loose, strict or both, side by side'),
  recipes: z
    .array(z.enum(recipeNames))
    .min(1)
    .optional()
    .describe(`Only these ways to change texts. Default: all that suit the task: ${recipeNames.join(', ')}`),
  texts: z.number().int().min(1).max(100_000).default(200).describe('Test texts, always the same ones'),
  queries: z
    .number()
    .int()
    .min(2)
    .max(100_000)
    .default(200)
    .describe('Questions to the model a text and recipe at most'),
  seed: z.number().int().min(0).default(1).describe('What letters and names are drawn by'),
  limitTime: duration
    .optional()
    .describe('End after this time, such as 20m, with the texts done so far; the same command goes on'),
  judge: z
    .string()
    .min(1)
    .default(defaultJudge)
    .describe('Encoder that says how alike texts are: a hub id or a folder'),
});
export type AttackOptions = z.output<typeof attackOptionsSchema>;
export type AttackOptionsInput = z.input<typeof attackOptionsSchema>;

export const setsOf = ({ set }: AttackOptions): readonly ConstraintName[] => (set === 'both' ? constraintNames : [set]);
