/** The part of a report that stands for one task: its data, its seeds, its scores and what they are compared with. */
import { z } from 'zod';
import { taskKinds } from '../data/index.js';
import { errorSchema } from './error-schema.js';
import { robustnessSchema } from './robustness-schema.js';

const count = z.int().nonnegative();
const share = z.number().min(0).max(1);
/** Between 0 and 1 but for rounding in single precision, over which no finished run shall fail. */
const probability = z.number();
const labelName = z.string().describe('The label');
const seconds = z.number().nonnegative();
/** A score that is undefined on some data, such as an AUROC without negatives, is left out. */
const metrics = z.record(z.string(), z.number());
const interval = z.tuple([z.number(), z.number()]);

const partSchema = z.strictObject({
  part: z.enum(['train', 'dev', 'test']).describe('Which part'),
  available: count.describe('Examples in the dataset'),
  used: count.describe('Examples that the run used'),
  groups: count.optional().describe('Documents (groups) that the available examples come from, where known'),
});

const findingSchema = z.strictObject({
  code: z.string().describe('Stable name of the check'),
  severity: z.enum(['info', 'warning', 'stop']).describe('`stop`: the run went on only because it was allowed to'),
  what: z.string().describe('One sentence with figures'),
  count: count.describe('Examples or labels concerned'),
  examples: z.array(z.string()).describe('Ids of a few of them'),
  allow: z.string().optional().describe('The `--allow` value that lets a run go on in spite of it'),
});

const dataSchema = z.strictObject({
  dataset: z.string().describe('Name of the dataset'),
  language: z.string().optional().describe('Language of the texts, as a code such as `en`'),
  origin: z.string().describe('Where the bytes came from: `mirror`, `cache`, `download`, `samples` or `files`'),
  source: z.string().optional().describe('Where the dataset is published'),
  licence: z.string().describe('Name of its licence'),
  splitRule: z.string().describe('How the parts were made, in one sentence'),
  parts: z.array(partSchema).describe('Sizes of the parts'),
  labelCounts: z
    .array(
      z.strictObject({
        label: labelName,
        train: count.describe('In train'),
        dev: count.describe('In dev'),
        test: count.describe('In test'),
      }),
    )
    .describe('Examples with each label, of entities the entities, in the parts as used'),
  extra: z
    .strictObject({
      file: z.string().describe('Its name'),
      sha256: z.string().describe('Its SHA-256'),
      used: z.int().min(0).describe('Examples that joined'),
      dropped: z
        .int()
        .min(0)
        .describe('Examples that were left out, since they stand in what is tested on, or nearly do'),
    })
    .exactOptional()
    .describe('File of one’s own whose examples joined the training part'),
  notes: z.array(z.string()).describe('What was repaired, dropped or decided while reading, one sentence each'),
  findings: z.array(findingSchema).describe('What the quality checks found'),
});

const scoresSchema = z.strictObject({
  metrics: metrics.describe('Scores by name'),
  perLabel: z
    .array(
      z.strictObject({
        label: labelName,
        precision: share.describe('Share of the predicted that is true'),
        recall: share.describe('Share of the true that is predicted'),
        f1: share.describe('Harmonic mean of both'),
        support: count.describe('True members in the test part'),
      }),
    )
    .describe('Scores of each label'),
  confusion: z
    .array(z.array(count))
    .optional()
    .describe('`[gold][predicted]` in the order of the task’s labels; single-label classification only'),
  reliability: z
    .array(
      z.strictObject({
        confidence: probability.describe('Mean confidence of the bin'),
        accuracy: probability.describe('Share of it that came true'),
        count: count.describe('Predictions in the bin'),
      }),
    )
    .optional()
    .describe('Reliability diagram: predictions in bins by confidence'),
});

const seedSchema = z.strictObject({
  seed: count.describe('The seed'),
  steps: count.describe('Updates of this task'),
  epochs: z.number().nonnegative().describe('Passes over the training part'),
  seconds: seconds.describe('Time of training, in seconds, evaluations included'),
  trainingTokens: count.describe('Real tokens trained on, padding not counted'),
  tokensPerSecond: z.number().nonnegative().describe('Real tokens a second while training'),
  curve: z
    .array(z.strictObject({ step: count.describe('Updates so far'), loss: z.number().describe('Mean training loss') }))
    .describe('Training loss, averaged between points; a few hundred points at most'),
  evaluations: z
    .array(z.strictObject({ step: count.describe('Updates so far'), value: z.number().describe('The score') }))
    .describe('The main metric on the dev part'),
  bestStep: count.optional().describe('The evaluation whose weights were kept'),
  tuning: z
    .strictObject({
      thresholds: z
        .array(probability)
        .optional()
        .describe('Decision threshold of each label, multi-label; one of all codes, code assignment'),
      temperature: z.number().positive().optional().describe('What logits are divided by'),
      wordShare: z
        .number()
        .min(0)
        .optional()
        .describe('What scores of words are multiplied by where they count beside the encoder'),
      agreement: z
        .number()
        .positive()
        .optional()
        .describe(
          'Temperature of the shares by which the answer is the span that agrees most with all, span selection only; absent: it is the best span',
        ),
      transitions: z
        .number()
        .positive()
        .optional()
        .describe(
          'What the log odds of tags after tags are multiplied by, entities only; absent: each word has its likeliest tag',
        ),
      titleOffset: z
        .number()
        .optional()
        .describe('What is added to the log-odds of codes that training does not have, code assignment only'),
      scopeThreshold: z
        .number()
        .optional()
        .describe('Probability of the likeliest label under which a text is out of scope, out-of-scope detection only'),
    })
    .describe('What was learnt on the dev part besides weights'),
  test: scoresSchema.optional().describe('Scores on the test part; absent while a partial run has none'),
});

const summarySchema = z.strictObject({
  mean: z.number().describe('Mean over the seeds'),
  std: z.number().nonnegative().optional().describe('Sample standard deviation over the seeds, from two seeds on'),
  interval: interval.optional().describe('95 % interval `[low, high]`, see `intervalRule`'),
  n: z.int().positive().describe('Number of seeds'),
});

const baselineSchema = z.strictObject({
  name: z.string().describe('Such as `majority`, `tfidf` or `dictionary`'),
  metrics: metrics.describe('Scores by name, on the same test part'),
  std: z.number().nonnegative().optional().describe('Sample standard deviation of the main metric over draws or folds'),
  interval: interval.optional().describe('95 % interval of the main metric'),
  seconds: seconds.optional().describe('Time it took to train'),
});

const ensembleSchema = z.strictObject({
  members: z.int().min(2).describe('Number of seeds'),
  metrics: metrics.describe('Scores by name, on the same test part'),
  interval: interval.optional().describe('95 % interval of the main metric'),
});

const aloneSchema = z.strictObject({
  mean: z.number().describe('The main score on the test part, mean over the seeds'),
  std: z.number().nonnegative().optional().describe('Sample standard deviation over the seeds, from two seeds on'),
  n: z.int().positive().describe('Number of seeds'),
  steps: count.describe('Updates of the first seed'),
  difference: z.number().describe('The main score among the other tasks minus that alone, of the first seed'),
  interval: interval.describe('Its 95 % interval by paired bootstrap'),
  p: z.number().describe('Of approximate randomisation, two-sided'),
  pAdjusted: z.number().describe('After Holm’s correction over the tasks'),
  better: z.enum(['shared', 'alone', 'neither']).describe('By `pAdjusted` below 0.05'),
});

const falseAlarmsSchema = z.strictObject({
  source: z.string().describe('Where the paragraphs come from'),
  paragraphs: z.int().positive().describe('Paragraphs that were looked at'),
  flagged: count.describe('Paragraphs with at least one label predicted that is not theirs'),
  rate: share.describe('`flagged` / `paragraphs`'),
  interval: interval.optional().describe('95 % interval of the rate'),
  perLabel: z
    .array(
      z.strictObject({
        label: labelName,
        flagged: count.describe('Paragraphs that wrongly got it'),
        rate: share.describe('The same as a share'),
      }),
    )
    .describe('The same by label; labels without false alarms may be left out'),
});

const crossValidationSchema = z.strictObject({
  folds: z
    .array(
      z.strictObject({
        fold: count.describe('Which round, from 1'),
        train: count.describe('Training examples'),
        test: count.describe('Test examples'),
        metrics: metrics.describe('Scores by name'),
      }),
    )
    .min(2)
    .describe('Sizes and scores of each round'),
  note: z.string().describe('How the folds were made, in one sentence'),
});

const meanSchema = z.strictObject({
  mean: z.number().describe('Mean of the main metric over the rounds'),
  std: z.number().nonnegative().optional().describe('Sample standard deviation, from two rounds on'),
});

const curvePointSchema = z.strictObject({
  train: count.describe('Training examples: of several seeds the mean'),
  dev: count.describe('Dev examples that chose when to stop and thresholds'),
  values: z.array(z.number()).min(1).describe('The main metric of each seed on the test part'),
  ...meanSchema.shape,
  baselines: z
    .array(z.strictObject({ name: z.string().describe('Name of the baseline'), ...meanSchema.shape }))
    .describe('The baselines with the same examples'),
});

const splitRowSchema = z.strictObject({
  trainedOn: z
    .enum(['cleaned', 'published'])
    .describe('`cleaned`: on what the data card’s rules leave of train and dev; `published`: on all, leaks included'),
  train: count.describe('Training examples'),
  n: z.int().positive().describe('Number of seeds'),
  test: meanSchema.describe('On the test part'),
  unseen: meanSchema
    .optional()
    .describe('On the test examples that do not stand in train or dev as published; absent where all do'),
  baselines: z
    .array(
      z.strictObject({
        name: z.string().describe('Name of the baseline'),
        test: meanSchema.describe('On the test part'),
        unseen: meanSchema.optional().describe('On the test examples that do not stand in train or dev as published'),
      }),
    )
    .describe('The baselines, trained on the same examples'),
});

const splitsSchema = z.strictObject({
  seen: count.describe(
    'Test examples of the run whose text, near duplicate or document stands in train or dev as published',
  ),
  test: count.describe('Test examples of the run'),
  rows: z.array(splitRowSchema).min(1).describe('This model first'),
});

const publishedSchema = z.strictObject({
  model: z.string().describe('What reached it'),
  metric: z.string().describe('The score, by the name that it has in `summary` where it is there'),
  value: z.number().describe('The figure, as a share'),
  source: z.string().describe('Who published it'),
  read: z.string().describe('Where it was read'),
  notComparable: z.string().optional().describe('Why this run’s score does not stand beside it; absent where it does'),
});

export const taskReportSchema = z.strictObject({
  name: z.string().describe('Name of the task'),
  kind: z.enum(taskKinds).describe('Kind of the task'),
  labels: z.array(z.string()).describe('The labels in the order of the model’s outputs'),
  titles: z
    .record(z.string(), z.string())
    .optional()
    .describe('What codes stand for, of those that some example bears'),
  mainMetric: z.string().describe('The score that tables lead with; larger is better'),
  data: dataSchema.describe('The data and its checks'),
  seeds: z.array(seedSchema).describe('One entry a training run'),
  summary: z.record(z.string(), summarySchema).describe('Scores on the test part over all seeds, by name'),
  intervalRule: z
    .string()
    .describe('How the intervals were made, such as `percentile bootstrap, 1,000 resamples of documents`'),
  ensemble: ensembleSchema
    .optional()
    .describe(
      'The models of all seeds answering together, by the mean of their probabilities; what is tuned was tuned on the dev part for them. Absent for one seed, folds and draws, and of kinds whose answers have no mean',
    ),
  baselines: z.array(baselineSchema).describe('What simple methods reach with the same training examples'),
  beats: z.record(z.string(), z.boolean()).describe('Whether the main metric is above the baseline’s, by its name'),
  notBeaten: z.string().optional().describe('Why a baseline was not beaten, as far as known'),
  alone: aloneSchema
    .optional()
    .describe('The same task trained alone, with the updates, data and seeds that it had among the others'),
  falseAlarms: falseAlarmsSchema.optional().describe('How often it raises an alarm where there is nothing to find'),
  errors: z
    .array(errorSchema)
    .max(100)
    .optional()
    .describe(
      'Wrong predictions on the test part, worst first: the worst, and one or more of each label. They quote the data',
    ),
  errorCount: count.optional().describe('How many there are; of several seeds those of the first, of folds all'),
  learningCurve: z
    .array(curvePointSchema)
    .optional()
    .describe('The main metric by how many examples were learnt from, ascending; the smaller are part of the larger'),
  published: z
    .array(publishedSchema)
    .optional()
    .describe('Figures that others published for the dataset, as its data card lists them'),
  splits: splitsSchema.optional().describe('The published split beside the cleaned one, where a published split leaks'),
  crossValidation: crossValidationSchema
    .optional()
    .describe('Rounds of cross-validation, where they take the place of a single test part'),
  robustness: robustnessSchema
    .optional()
    .describe('How the model stands attacks, once `fieldcraft attack` has tried; of several seeds that of the first'),
});

export type TaskReport = z.output<typeof taskReportSchema>;
export type SeedReport = TaskReport['seeds'][number];
export type PublishedFigure = z.output<typeof publishedSchema>;
export type CurvePoint = z.output<typeof curvePointSchema>;
export type EnsembleReport = NonNullable<TaskReport['ensemble']>;
export type AloneReport = NonNullable<TaskReport['alone']>;
