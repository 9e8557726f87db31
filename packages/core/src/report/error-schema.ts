/** How a report tells of a wrong prediction: what was read, what is true of it and what was said. */
import { z } from 'zod';

const index = z.int().nonnegative();
/** Between 0 and 1 but for rounding in single precision, over which no finished run shall fail. */
const probability = z.number();
const start = index.describe('UTF-16 index');
const end = index.describe('Exclusive');
const span = z.strictObject({ start, end, label: z.string().describe('The label') });
const choice = z.strictObject({
  text: z.string().describe('Its words'),
  probability: probability.describe('How likely it was held'),
});

export const errorSchema = z.strictObject({
  id: z.string().optional().describe('Id of the example'),
  text: z.string().describe('The text, or the part of it that matters'),
  second: z.string().optional().describe('The other text of a pair, or the question'),
  context: z.string().optional().describe('The passage that a question with choices is about'),
  choices: z.array(choice).optional().describe('What could be chosen'),
  before: z.array(z.string()).optional().describe('Sentences of the document that were read with the text, before it'),
  after: z.array(z.string()).optional().describe('The same, after it'),
  mentions: z.array(span).optional().describe('Entities of `text` that were given'),
  gold: z.array(z.string()).describe('What is true: labels, a number, a choice, an answer; empty for entities'),
  predicted: z.array(z.string()).describe('What was predicted, in the same way'),
  goldEntities: z.array(span).optional().describe('True entities, or answers, within `text`'),
  predictedEntities: z.array(span).optional().describe('Predicted ones within `text`'),
  labels: z
    .array(z.string())
    .optional()
    .describe('Labels that it is about, where `gold` and `predicted` are no labels'),
  evidence: z
    .strictObject({ of: z.enum(['text', 'second']).describe('Which of the texts it is in'), start, end })
    .optional()
    .describe('The passage that spoke most for the prediction'),
  confidence: probability.optional().describe('Confidence of the wrong prediction'),
  error: z.number().nonnegative().optional().describe('How far a predicted number is from the truth'),
});

export type ErrorExample = z.output<typeof errorSchema>;
