/** What a report tells of a student beside its teacher. */
import { z } from 'zod';

const count = z.int().nonnegative();
const both = <T extends z.ZodType>(of: T, what: string) =>
  z.strictObject({ teacher: of.describe('Of the teacher'), student: of.describe('Of the student') }).describe(what);

export const distillationSchema = z.strictObject({
  teacher: z.string().describe('Folder of the run that was learnt from'),
  layers: both(count, 'Layers of the encoder'),
  vocabulary: both(count, 'Pieces of the vocabulary'),
  temperature: z.number().describe('What logits were divided by'),
  alpha: z.number().describe('Share of the teacher’s answers in the loss; the labels have the rest'),
  parameters: both(count, 'Parameters of the encoder, heads left out'),
  tokensPerSecond: both(z.number().nonnegative(), 'Speed of prediction, measured in turn on the same texts'),
  speedup: z.number().nonnegative().describe('How many times faster the student predicts'),
  tasks: z
    .array(
      z.strictObject({
        name: z.string().describe('Name of the task'),
        metric: z.string().describe('Its main score'),
        teacher: z.number().describe('The teacher’s, on the same test part'),
        student: z.number().describe('The student’s, the mean of its seeds'),
        kept: z.number().describe('Share of the teacher’s score that the student keeps'),
      }),
    )
    .describe('One entry a task'),
});

export type DistillationReport = z.output<typeof distillationSchema>;
