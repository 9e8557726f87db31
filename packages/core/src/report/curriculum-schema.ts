/** What a run's report says of the stages that its encoder went through before the tasks were learnt. */
import { z } from 'zod';
import { ownLicenceSchema } from './licence-schema.js';

const count = z.int().nonnegative();
const seconds = z.number().nonnegative();

const corpusSchema = z.strictObject({
  name: z.string().describe('Name of the corpus, or of the task whose training texts were read'),
  licence: ownLicenceSchema.optional().describe('The licence of a corpus; that of a task stands with its data'),
  documents: count.describe('Documents that were left to read from'),
  removedDocuments: count.describe('Documents left out whole because too much of them stands in evaluation data'),
  removedParagraphs: count.describe('Paragraphs left out because they stand in evaluation data, or nearly so'),
});

const lossesSchema = z.strictObject({
  heldOut: z.number().describe('On held-out text of the same corpora, in nats a hidden token'),
  others: z.record(z.string(), z.number()).describe('On other text, by its name'),
});

const curve = z
  .array(z.strictObject({ step: count.describe('Updates made'), loss: z.number().describe('Held-out loss, in nats') }))
  .describe('Held-out loss along the way');

const pretrainingSchema = z.strictObject({
  corpora: z.array(corpusSchema).describe('What was read'),
  evaluationTexts: count.describe('Texts of dev and test parts that the corpora were compared with'),
  tokens: count.describe('Tokens of one pass, without those that are replayed'),
  replay: z
    .strictObject({
      corpora: z.array(corpusSchema).describe('What was read, as under `corpora`'),
      tokens: count.describe('Tokens of one pass'),
    })
    .optional()
    .describe('Other text that was read again so that less of it is forgotten; absent where none was'),
  heldOutTokens: count.describe('Tokens of the held-out text'),
  newWords: count
    .optional()
    .describe('Words that got an entry of their own in the vocabulary; absent where it stayed as it was'),
  fertility: z
    .strictObject({
      before: z.number().describe('Tokens a word of the text, with the base’s vocabulary'),
      after: z.number().describe('The same with the new words'),
    })
    .optional()
    .describe('Absent where the vocabulary stayed as it was'),
  fieldTerms: count
    .optional()
    .describe('Words of the field that were hidden more often; absent where all were hidden alike'),
  head: z
    .strictObject({ updates: count.describe('Updates made'), curve })
    .nullable()
    .describe('Training of a new head on the encoder as it was; null where the base had one'),
  encoder: z
    .strictObject({
      updates: count.describe('Updates made'),
      trainedTokens: count.describe('Tokens read in all passes'),
      best: count.describe('The update whose weights were kept'),
      curve,
    })
    .describe('Training of encoder and head'),
  before: lossesSchema.describe('The encoder as it was, with a head that learnt all it could from it'),
  after: lossesSchema.describe('The adapted encoder'),
});

const finetuningSchema = z.strictObject({
  task: z.string().describe('Name of the dataset that was learnt'),
  kind: z.string().describe('Its kind of task'),
  origin: z.string().describe('Where the data is from: `samples` are the small ones of the vertical'),
  licence: ownLicenceSchema.describe('The licence of the data'),
  examples: count.describe('Training examples that were learnt from'),
  removed: count.describe('Training examples left out because they overlap evaluation data of the tasks'),
  evaluationTexts: count.describe('Texts of dev and test parts that they were compared with'),
  updates: count.describe('Updates made'),
  trainedTokens: count.describe('Tokens read in all passes'),
  best: count.describe('The update whose weights were kept'),
  metric: z.string().describe('The main score of the dataset'),
  curve: z
    .array(
      z.strictObject({ step: count.describe('Updates made'), score: z.number().describe('Score on its dev part') }),
    )
    .describe('The score along the way'),
  test: z.number().describe('The score on its test part'),
});

export const stageReportSchema = z.strictObject({
  name: z.string().describe('Name of the stage'),
  kind: z.enum(['domain', 'task', 'intermediate']).describe('What it does'),
  key: z.string().describe('Hash of everything that its result depends on: equal stages are trained once'),
  cached: z.boolean().describe('Whether the result was there from an earlier run'),
  seconds: seconds.describe('What training it took, then or now'),
  pretraining: pretrainingSchema
    .optional()
    .describe('What was read and learnt of text without labels; absent for a task'),
  finetuning: finetuningSchema.optional().describe('What was learnt of an intermediate task; absent for text'),
  general: z
    .array(
      z.strictObject({
        task: z.string().describe('Name of the dataset'),
        metric: z.string().describe('What is scored: labels are told by a linear probe, likeness by cosine'),
        before: z.number().describe('Score of the encoder’s vectors before the stage'),
        after: z.number().describe('The same after it'),
      }),
    )
    .optional()
    .describe(
      'What the encoder’s vectors say of general tasks on the machine, of which nothing is learnt; absent where there are none, and from scratch',
    ),
});

export type PretrainingReport = z.output<typeof pretrainingSchema>;
export type FinetuningReport = z.output<typeof finetuningSchema>;
export type StageReport = z.output<typeof stageReportSchema>;
