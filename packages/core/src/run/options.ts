/** The options of a training run: one schema gives the type, the command line's flags, the Nx executor's schema and the docs. */
import { z } from 'zod';
import { allowances, taskKinds } from '../data/index.js';
import { arithmetics, linearRoles } from '../nn/index.js';
import { adversarialMethods, norms } from '../tasks/index.js';
import { augmentations } from '../evaluation/index.js';
import { averagings, balanceNames } from '../training/index.js';
import { samplings } from './plan.js';

/** `90s`, `20m`, `1.5h` -> seconds. */
export const duration = z
  .string()
  .regex(/^\d+(\.\d+)?(s|m|h)$/, 'a number followed by s, m or h, such as 20m')
  .transform((text) => Number(text.slice(0, -1)) * { s: 1, m: 60, h: 3600 }[text.slice(-1) as 's' | 'm' | 'h']);

export const profiles = ['quick', 'standard', 'thorough'] as const;
export const devices = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const;

/** Options that a vertical and a run on one's own files share. */
export const runOptionsSchema = z.strictObject({
  base: z
    .string()
    .optional()
    .describe(
      'Pretrained encoder: a hub id, a folder, field for the one that the vertical recommends, or scratch for a small one with random weights. Default: the vertical’s own',
    ),
  profile: z
    .enum(profiles)
    .default('standard')
    .describe('How much data and how many passes: quick, standard or thorough'),
  timeBudget: duration
    .optional()
    .describe('Fit the run into this time, such as 20m: speed is probed first, then data and epochs are chosen'),
  seeds: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(1)
    .describe('Train this many times with different seeds and report mean and spread'),
  seed: z.number().int().min(0).default(1).describe('The first seed'),
  seedList: z
    .array(z.coerce.number().int().min(0))
    .min(1)
    .max(20)
    .refine((seeds) => new Set(seeds).size === seeds.length, 'seeds that differ')
    .optional()
    .describe('These seeds, such as 13,21,42, instead of --seed and --seeds'),
  shots: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe(
      'Few-shot: learn from so many examples of each class, drawn anew with each seed from train and from dev; the test part stays whole',
    ),
  curve: z
    .array(z.union([z.literal('all'), z.coerce.number().int().min(1)]))
    .min(1)
    .max(12)
    .optional()
    .describe('Learning curve: train with so many examples a task, such as 50,200,1000,all, with each seed'),
  split: z
    .enum(['cleaned', 'published', 'both'])
    .default('cleaned')
    .describe(
      'Where a published split leaks: train on what cleaning leaves of it (cleaned), on all of it (published), or on each in turn (both)',
    ),
  resume: z.boolean().default(false).describe('Go on with the newest unfinished run'),
  out: z.string().optional().describe('Run folder to create. Default: runs/<vertical>/<time>'),
  tasks: z.array(z.string()).min(1).optional().describe('Only these tasks of the vertical'),
  extraData: z
    .array(z.string().regex(/^[^=]+=.+$/, 'TASK=FILE'))
    .min(1)
    .optional()
    .describe(
      'Labelled examples that join the training part of a task, such as unfair-terms=corrected.jsonl, as feedback export writes them; those that the task is tested on are left out',
    ),
  addTo: z
    .string()
    .optional()
    .describe(
      'Finished run whose encoder and heads are kept as they are: only heads of the other tasks are trained on it',
    ),
  stages: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'Stages that the encoder goes through before the tasks are learnt, such as domain,task; all or none. Default: those of the vertical, but none with the profile quick',
    ),
  stageSeed: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe(
      'Seed of those stages, by which runs with other seeds share the encoder that comes of them. Default: the first seed',
    ),
  corpus: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Unlabelled text to adapt the encoder to first: names of corpora, or paths of your own text'),
  adaptTokens: z
    .number()
    .int()
    .min(1_000)
    .max(1_000_000_000)
    .optional()
    .describe('Tokens of unlabelled text that one pass of such a stage reads. Default: the stage’s own, 1 million'),
  intermediate: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Task to learn first, of which the encoder is kept: one of a vertical, such as scientific/citation-intent, or a file of your own, after its kind where that is not --task: token-classification=entities.jsonl',
    ),
  teacher: z
    .string()
    .optional()
    .describe(
      'Finished run to learn from: a student with fewer layers learns its tasks on the same data, and from what it says of each text',
    ),
  studentLayers: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe('With --teacher: layers of the student, taken evenly from those of the teacher. Default: half of them'),
  studentVocabulary: z
    .number()
    .int()
    .min(100)
    .max(10_000_000)
    .optional()
    .describe(
      'With --teacher: pieces of its vocabulary that the student keeps, those that cover the training texts best. Default: all',
    ),
  temperature: z
    .number()
    .min(1)
    .max(100)
    .default(2)
    .describe('With --teacher: both sides’ logits are divided by it (Hinton et al. 2015)'),
  alpha: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('With --teacher: share of its answers in the loss; the labels have the rest'),
  epochs: z
    .number()
    .positive()
    .max(1000)
    .optional()
    .describe('Passes over the training data, instead of the profile’s'),
  batchSize: z
    .number()
    .int()
    .min(1)
    .max(1024)
    .default(16)
    .describe('Windows a step; down to a quarter where a task’s share of the profile quick makes too few steps'),
  accumulate: z
    .number()
    .int()
    .min(1)
    .max(256)
    .default(1)
    .describe('Batches whose gradients are averaged into one update'),
  learningRate: z
    .number()
    .positive()
    .max(1)
    .optional()
    .describe('Peak learning rate. Default: 1e-4 for encoders up to 512 wide, 3e-5 for wider ones, 5e-4 from scratch'),
  headRate: z
    .number()
    .positive()
    .max(1000)
    .default(10)
    .describe('Heads start from nothing: their learning rate is the encoder’s times this'),
  headPasses: z
    .number()
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe(
      'Passes in which heads alone learn first, on the encoder as it is. Default: 10 with the profile quick, else none',
    ),
  tune: z
    .string()
    .regex(/^(full|head|gradual|lora|(top|lora):[1-9]\d{0,2})$/, 'full, head, top:N, lora, lora:N or gradual')
    .default('full')
    .describe(
      'What learns: full, head (heads alone), top:N (and the last N layers), lora or lora:N (heads, and adapters in all or the last N layers), or gradual (layers from the top, one group after the other)',
    ),
  loraRank: z.number().int().min(1).max(1024).optional().describe('Rank of adapters. Default: 8'),
  loraAlpha: z
    .number()
    .positive()
    .max(10_000)
    .optional()
    .describe('What adapters add is multiplied by this / rank. Default: twice the rank'),
  loraDropout: z.number().min(0).max(0.9).optional().describe('Dropout of what adapters read. Default: 0.1'),
  loraTargets: z
    .array(z.enum([...linearRoles, 'all']))
    .min(1)
    .optional()
    .describe('Layers that have adapters. Default: query,value'),
  adapter: z
    .string()
    .optional()
    .describe(
      'Folder of a LoRA adapter to start from, PEFT’s or a run’s: trained on with --tune lora, else merged into its base first',
    ),
  adapterRate: z
    .number()
    .positive()
    .max(1000)
    .default(10)
    .describe('Adapters start from nothing too: their learning rate is the encoder’s times this'),
  layerDecay: z
    .number()
    .min(0.1)
    .max(1)
    .default(1)
    .describe('Each layer learns at this share of the rate of the one above; the last at the rate itself'),
  reinitLayers: z
    .number()
    .int()
    .min(0)
    .max(100)
    .default(0)
    .describe(
      'Last layers of the encoder that start from random weights, and the poolers of heads that have one (Zhang et al. 2021)',
    ),
  l2Start: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      'Holds the encoder near its start by a penalty of half this times the squared distance, instead of weight decay (L2-SP, Li et al. 2018)',
    ),
  schedule: z
    .enum(['linear', 'cosine', 'constant', 'polynomial'])
    .default('linear')
    .describe('How the learning rate falls after the warm-up'),
  warmup: z.number().min(0).max(1).default(0.1).describe('Share of the updates over which the learning rate rises'),
  weightDecay: z.number().min(0).max(1).default(0.01).describe('Decoupled weight decay; biases and norms have none'),
  clipNorm: z.number().positive().default(1).describe('Largest norm of an update’s gradient'),
  dropout: z
    .number()
    .min(0)
    .max(0.9)
    .optional()
    .describe('Dropout of the encoder and heads, instead of the base’s own'),
  labelSmoothing: z.number().min(0).max(0.9).optional().describe('Spread this share of each target over all classes'),
  focalGamma: z.number().min(0).max(10).optional().describe('Focal loss with this exponent (Lin et al. 2017)'),
  classWeights: z.enum(['none', 'balanced']).optional().describe('Weigh classes by the inverse of their frequency'),
  adversarial: z
    .enum(['none', ...adversarialMethods])
    .optional()
    .describe(
      'Harden against small changes of the texts by this method, which perturbs word embeddings. Default: the vertical’s own, or none',
    ),
  adversarialNorm: z.enum(norms).optional().describe('What bounds a perturbation: l2 over a window’s tokens, or linf'),
  adversarialRadius: z.number().positive().optional().describe('How far a perturbation goes, in units of embeddings'),
  adversarialSteps: z.number().int().min(1).max(100).optional().describe('Steps that search the worst perturbation'),
  adversarialStepSize: z.number().positive().optional().describe('How far each of them goes'),
  adversarialWeight: z
    .number()
    .min(0)
    .optional()
    .describe('fgm, smart, r3f, vat: what is learnt from the perturbed text counts so much'),
  adversarialProximal: z
    .number()
    .min(0)
    .optional()
    .describe('smart: the distance of answers from those by the moving average of the weights counts so much'),
  adversarialMomentum: z.number().min(0).lt(1).optional().describe('smart: how much that average keeps at each update'),
  dann: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'Domain-adversarial training: text of the domain that the model should work in besides that of its tasks, as names of corpora or data cards, or paths of your own text',
    ),
  dannWeight: z
    .number()
    .min(0)
    .max(10)
    .default(1)
    .describe(
      'With --dann: how much of the discriminator’s gradient is turned round in the end, rising from 0; 0 measures alone',
    ),
  augment: z
    .array(z.enum(augmentations))
    .default([])
    .describe(
      'Change about half of the training examples of each epoch, of tasks that label texts or entities: synonyms (WordNet), swaps of entities for others of training, deletions of words, letters of words as people, scanners and attackers write them',
    ),
  augmentRate: z
    .number()
    .positive()
    .max(0.5)
    .default(0.1)
    .describe('With --augment: the share of words, or with swaps of entities, that is changed; at least one is'),
  recogniseWords: z
    .boolean()
    .default(false)
    .describe(
      'Read words that nobody knows, neither training nor the base nor WordNet, as the frequent word of training that they are a slip away from: misspelt, misread or disguised (Pruthi et al. 2019). Kept with the model, and done with every text that its encoder reads; students do as their teacher. For English',
    ),
  mixup: z
    .number()
    .min(0)
    .max(100)
    .default(0)
    .describe(
      'Learn texts mixed in pairs, and their truths with them (mixup, Zhang et al. 2018), of tasks that give a text labels or a number: shares are drawn from Beta(this, this); 0 mixes nothing',
    ),
  lexical: z
    .boolean()
    .optional()
    .describe(
      'Let words count beside the encoder: in tasks that give texts or pairs labels a linear model of them, for entities a dictionary of those in training, for answers how much sentences are like the question, for documents that are ranked how much they are like the query, with the share that the dev part decides (Cheng et al. 2016). Default: with the profile quick',
    ),
  maxLength: z.number().int().min(8).max(8192).optional().describe('Tokens a window. Default: 256, or the task’s own'),
  sampling: z
    .enum(samplings)
    .default('size')
    .describe(
      'How updates are shared out among tasks: by size, its square root, a temperature, or the same for all in turn',
    ),
  samplingTemperature: z
    .number()
    .min(1)
    .max(100)
    .default(5)
    .describe('With --sampling temperature: updates go by size to the power of 1 / this'),
  balance: z
    .enum(balanceNames)
    .default('fixed')
    .describe(
      'How losses of tasks are weighed: fixed (the vertical’s weights), uncertainty (Kendall et al. 2018) or gradnorm (Chen et al. 2018)',
    ),
  compareSingle: z
    .boolean()
    .default(false)
    .describe('Also train each task alone, with its updates, data and seeds, and report where sharing helps and hurts'),
  ensemble: z
    .boolean()
    .default(false)
    .describe(
      'With several seeds: also keep the models of all of them, to predict by the mean of their probabilities, in the run’s folder ensemble',
    ),
  average: z
    .enum(averagings)
    .default('none')
    .describe(
      'Weights that are kept: of the best evaluation (none), their moving average (ema), or a greedy soup of the best five (soup)',
    ),
  patience: z
    .number()
    .int()
    .min(0)
    .default(4)
    .describe('Evaluations without a better dev score before a run stops; 0 never stops early'),
  arithmetic: z
    .enum(arithmetics)
    .default('fp32')
    .describe(
      'How the encoder’s layers are multiplied while they learn: in single precision, or int8, forward products and those of input gradients in 8 bits (SwitchBack, Wortsman et al. 2023), faster on a CPU with VNNI',
    ),
  device: z.enum(devices).default('cpu').describe('Where to compute'),
  threads: z.number().int().min(1).max(256).optional().describe('Threads of the engine. Default: one a physical core'),
  allow: z.array(z.enum(allowances)).default([]).describe('Go on in spite of these findings of the data checks'),
  licence: z
    .enum(['any', 'commercial'])
    .default('any')
    .describe('commercial: leave out data whose licence does not permit commercial use'),
});

/** Options of a run on one's own files. */
export const fileOptionsSchema = z.strictObject({
  task: z.enum(taskKinds).describe('What kind of task the files hold'),
  taskName: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]*$/, 'letters, digits, dots, hyphens and underscores')
    .optional()
    .describe('Name of the task. Default: its kind'),
  train: z.string().optional().describe('Training file'),
  dev: z.string().optional().describe('Development file; default: a part of the training file'),
  test: z.string().optional().describe('Test file, with --train'),
  data: z.string().optional().describe('One file that is split for you'),
  textColumn: z.string().optional().describe('Column or field with the text'),
  secondColumn: z.string().optional().describe('Column or field with the second text, of tasks on pairs'),
  labelColumn: z.string().optional().describe('Column or field with the label'),
  outOfScope: z.string().min(1).optional().describe('Classification: the label of texts that none of the others fits'),
  groupColumn: z
    .string()
    .optional()
    .describe('Column whose equal values stay on one side of a split, such as a document'),
  dateColumn: z.string().optional().describe('Column with a date: train on the past, test on the newest'),
});

/** All that `fieldcraft train` takes. `vertical` and the file options exclude one another. */
export const trainOptionsSchema = z
  .strictObject({
    vertical: z.string().optional().describe('Name of a vertical of this workspace'),
    ...fileOptionsSchema.partial().shape,
    ...runOptionsSchema.shape,
  })
  .refine(({ shots, curve }) => shots === undefined || curve === undefined, {
    message: '--shots and --curve exclude one another: a curve says how many examples in all',
  })
  .refine(
    ({ stages, corpus, intermediate, addTo, teacher }) =>
      (addTo ?? teacher) === undefined || (stages ?? corpus ?? intermediate) === undefined,
    {
      message:
        '--stages, --corpus and --intermediate adapt a base, which neither --add-to nor --teacher starts from: leave them out',
    },
  )
  .refine(({ arithmetic, device }) => arithmetic === 'fp32' || device === 'cpu', {
    message: '--arithmetic int8 is for the CPU: leave out --device, or --arithmetic',
  })
  .refine(({ mixup, batchSize }) => mixup === 0 || batchSize > 1, {
    message: '--mixup mixes the texts of a batch: --batch-size must be at least 2',
  })
  .refine(({ split, curve }) => split !== 'both' || curve === undefined, {
    message: '--split both and --curve exclude one another: draw a curve of one split at a time',
  });

/** Options as a person gives them. */
export type TrainOptionsInput = z.input<typeof trainOptionsSchema>;
/** Options with every default filled in: what is saved with the run. */
export type TrainOptions = z.output<typeof trainOptionsSchema>;
