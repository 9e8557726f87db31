/** The part of a report that says how a task's model stands attacks. */
import { z } from 'zod';

const count = z.int().nonnegative();
const share = z.number().min(0).max(1);

const constraintsSchema = z.strictObject({
  set: z.string().describe('Name of the set'),
  similarity: z.number().describe('Least cosine of the text before and after, by `judge`'),
  wordsChanged: share.describe('Largest share of words changed; one always may be'),
  shortest: count.describe('Fewest letters of a word whose letters are changed'),
  keepsEnd: z.boolean().describe('Whether the last letter of such a word stays, as the first one always does'),
});

const rowSchema = z.strictObject({
  recipe: z.string().describe('How texts were changed; `all`: the worst that any recipe did to each text'),
  set: z.string().describe('What was allowed: the name of a set in `constraints`'),
  attacked: count.describe('Texts that were answered rightly as they are'),
  flipped: count.describe('Those of them whose answer an attack made wrong'),
  successRate: share.optional().describe('`flipped` / `attacked`; absent where nothing was attacked'),
  interval: z.tuple([z.number(), z.number()]).optional().describe('Its 95 % interval (Wilson)'),
  underAttack: share.describe('Share of all answers that are right under attack'),
  queries: z.number().nonnegative().describe('Questions to the model, mean over the attacked texts'),
  wordsChanged: z.number().nonnegative().optional().describe('Words changed, mean over the flipped texts'),
  shareChanged: z.number().nonnegative().optional().describe('The same as a share of the text’s words'),
  similarity: z.number().optional().describe('Cosine of the text before and after, mean over the flipped texts'),
});

const exampleSchema = z.strictObject({
  id: z.string().describe('The example'),
  recipe: z.string().describe('How it was changed'),
  set: z.string().describe('What was allowed'),
  text: z.string().describe('The changed text, cut to what stands around the changes'),
  changes: z
    .array(
      z.strictObject({
        start: count.describe('Where it begins in `text`, UTF-16'),
        end: count.describe('Where it ends, exclusive'),
        was: z.string().describe('What stood there'),
      }),
    )
    .describe('What was changed'),
  gold: z.array(z.string()).describe('What is true of the text'),
  predicted: z.array(z.string()).describe('What the model said of the changed text'),
  similarity: z.number().optional().describe('Cosine of the text before and after'),
});

export const robustnessSchema = z.strictObject({
  texts: count.describe('Test texts that were looked at'),
  skipped: count.describe('Those that were answered wrongly as they are, and not attacked'),
  unit: z.enum(['text', 'entity']).describe('What an answer is: one a text, or one a true entity'),
  clean: share.describe('Share of all answers that are right without an attack'),
  judge: z.string().describe('Encoder that says how alike texts are'),
  queries: count.describe('Most questions to the model a text and recipe'),
  seed: count.describe('What letters and names were drawn by'),
  constraints: z.array(constraintsSchema).describe('What the sets allow'),
  rows: z.array(rowSchema).describe('Results by recipe and set'),
  examples: z.array(exampleSchema).max(60).describe('Some successful attacks. They quote the data'),
});
export type RobustnessReport = z.output<typeof robustnessSchema>;
