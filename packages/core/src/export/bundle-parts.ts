/** What a bundle says of its model beside the numbers: its scores, where it came from, how sure its answers are, and what INT8 costs. */
import { z } from 'zod';

const share = z.number();
const hash = z.string().max(200);

/** A share of cases, and the number that decides there. */
const levels = z.array(z.strictObject({ coverage: z.number().gt(0).lt(1), threshold: z.number() })).max(100);

export const calibrationSchema = z.strictObject({
  version: z.literal(1),
  tasks: z.record(
    z.string(),
    z.strictObject({
      /** Of the dev part, which the temperature was chosen on too. */
      examples: z.int().min(1),
      /** Sets of the labels at least as likely as `threshold` (LAC). */
      lac: levels,
      /** Sets of the likeliest labels until their sum reaches `threshold` (APS). */
      aps: levels,
      /** The same sets on the test part, which nothing was chosen on: the share that holds the truth, and the mean size. */
      test: z
        .array(
          z.strictObject({
            method: z.enum(['lac', 'aps']),
            coverage: share,
            reached: share,
            size: z.number(),
            examples: z.int(),
          }),
        )
        .exactOptional(),
    }),
  ),
  /** Why tasks are not there, a sentence each. */
  notes: z.array(z.string()),
});
export type Calibration = Readonly<z.output<typeof calibrationSchema>>;

const figure = z.strictObject({ mean: z.number(), interval: z.tuple([z.number(), z.number()]).exactOptional() });

export const bundleScoresSchema = z.strictObject({
  version: z.literal(1),
  tasks: z.record(
    z.string(),
    z.strictObject({
      kind: z.string(),
      mainMetric: z.string(),
      /** Where the data came from, such as `mirror` or `samples`. */
      origin: z.string(),
      /** Examples of the test part. */
      test: z.int().min(0),
      seeds: z.int().min(0),
      metrics: z.record(z.string(), figure),
      /** Of the simple methods, by their names. */
      baselines: z.record(z.string(), z.record(z.string(), z.number())),
      /** The worst that attacks did, by the set of what was allowed: the share of right answers that were made wrong. */
      attackSuccess: z.record(z.string(), z.number()).exactOptional(),
    }),
  ),
  licences: z.array(
    z.strictObject({ name: z.string(), of: z.string(), commercial: z.union([z.boolean(), z.literal('unknown')]) }),
  ),
  trainingSeconds: z.number().min(0),
});
export type BundleScores = Readonly<z.output<typeof bundleScoresSchema>>;

export const lineageSchema = z.strictObject({
  version: z.literal(1),
  run: z.string().nullable(),
  started: z.string().nullable(),
  command: z.string().nullable(),
  /** Of the source that trained it; `+` behind it where files differed. */
  commit: z.string().nullable(),
  /** SHA-256 of the run's config.json. */
  config: hash.nullable(),
  /** Of each task: a hash over its examples, and what they are. */
  data: z.record(
    z.string(),
    z.strictObject({
      hash: hash.nullable(),
      dataset: z.string().nullable(),
      licence: z.string().nullable(),
      source: z.string().nullable(),
      /** File of one's own whose examples joined the training part. */
      extra: z.strictObject({ file: z.string(), sha256: hash, used: z.int(), dropped: z.int() }).exactOptional(),
    }),
  ),
  base: z.strictObject({ id: z.string(), revision: z.string().exactOptional() }).nullable(),
  tokenizer: hash,
  /** The run that its encoder and heads, or its answers, were taken from. */
  parent: z.string().nullable(),
});
export type Lineage = Readonly<z.output<typeof lineageSchema>>;

export const quantisationSchema = z.strictObject({
  /** As of `QuantiseLimits`. */
  limits: z.strictObject({ points: z.number(), equal: z.number(), moved: z.number(), smaller: z.number() }),
  weightBits: z.union([z.literal(7), z.literal(8)]),
  bytes: z.strictObject({ fp32: z.number(), int8: z.number(), ratio: z.number() }),
  tasks: z.array(
    z.strictObject({
      task: z.string(),
      mainMetric: z.string(),
      fp32: z.number(),
      int8: z.number(),
      /** Hundredths of the metric; negative where INT8 scored better. */
      pointsLost: z.number(),
      /** Share of equal predictions, where they can be compared. */
      equal: z.number().exactOptional(),
      /** Predictions that were compared: examples, or what was found in them. */
      compared: z.int().exactOptional(),
      /** How far its logits moved, as a share of their size, where a baseline is as good or the score next to 0. */
      moved: z.number().exactOptional(),
    }),
  ),
  /** Where the columns of rows were evened out, the first weights that multiply them. */
  smoothed: z.array(z.string()).exactOptional(),
  /** Factors that are held by blocks, the most sensitive first. */
  blocks: z.array(z.string()).exactOptional(),
  /** Weights that stayed in single precision besides small ones, the most sensitive first. */
  kept: z.array(z.string()),
  /**
   * How far logits move, as a share of their spread, when a weight alone is in INT8; per million elements, the largest first. Empty where
   * everything is in INT8.
   */
  sensitivity: z.array(z.strictObject({ weight: z.string(), error: z.number() })),
  /** Models that were measured. */
  tried: z.int(),
});
export type QuantisationReport = Readonly<z.output<typeof quantisationSchema>>;
export type TaskLoss = QuantisationReport['tasks'][number];
