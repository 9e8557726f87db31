/** What a trainer's process prints: one JSON line. */
import { z } from 'zod';

export const resultSchema = z.strictObject({
  /** Examples of the training, dev and test parts. */
  sizes: z.array(z.int()).length(3),
  /** Real tokens of one epoch. */
  trainTokens: z.int(),
  /** Updates made. */
  steps: z.int(),
  /** Of the training loop alone. */
  seconds: z.number(),
  /** Real tokens trained on: no padding. */
  tokens: z.int(),
  /** From the start of the process to the end of the first update. */
  firstStepSeconds: z.number(),
  /** Largest resident set of the process in its whole life. */
  peakBytes: z.int(),
  /** On the test part, from 0 to 1; null where it was not asked for. */
  score: z.number().nullable(),
  versions: z.record(z.string(), z.string()),
});

export type TrainerResult = z.output<typeof resultSchema>;
