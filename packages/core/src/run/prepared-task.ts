/** One task of a run with its data: everything the loop, the scoring and the report ask of it, whatever its kind. */
import { join } from 'node:path';
import { random, userCacheFolder } from '../foundation/index.js';
import {
  sampleTraining,
  textsOfExample,
  type Dataset,
  type Example,
  type ExampleOf,
  type RelationExample,
  type Splits,
  type TaskKind,
} from '../data/index.js';
import type { Mistake } from '../evaluation/index.js';
import type { Interval } from '../metrics/index.js';
import {
  createTask,
  endToEndScores,
  predictEndToEnd,
  readExamples,
  readWindows,
  type Feature,
  type KnownWords,
  type LossOptions,
  type Reading,
  type ReadyTask,
  type Scores,
  type SharedWords,
  type SequenceLayout,
  type Task,
  type TaskSettings,
  type Tuning,
} from '../tasks/index.js';
import { learnWordList, recogniseWords, withTextRules, type Tokenizer, type WordList } from '../text/index.js';
import { canMix, type Scorable } from '../training/index.js';
import type { Tensor } from '../runtime/index.js';
import { createChangedExamples, type Augmenting } from './changed-examples.js';
import type { Answered } from './kept-predictions.js';
import type { Profile } from './profiles.js';

/** What a task is made from. */
export interface TaskSource<K extends TaskKind = TaskKind> {
  readonly name: string;
  readonly dataset: Dataset<K>;
  readonly loss?: LossOptions | undefined;
  readonly settings?: TaskSettings | undefined;
  /** Default 1. */
  readonly weight?: number | undefined;
  readonly maxLength: number;
  /** Tokens that neighbouring windows share. */
  readonly stride: number;
}

export interface PartFeatures {
  readonly features: readonly Feature[];
  readonly examples: number;
  readonly tokens: number;
}

/** What predictions for the test part are worth. */
interface Judgement {
  readonly scores: Scores;
  readonly intervals: Record<string, Interval>;
  /** On the test examples that do not stand in train or dev as published; absent where all are such, or none. */
  readonly unseen?: { readonly examples: number; readonly scores: Scores } | undefined;
}

export interface BaselineResult extends Judgement {
  readonly name: string;
  readonly seconds: number;
}

export interface TestResult extends Judgement {
  readonly mistakes: Mistake[];
  /** Every test example with what was predicted for it. */
  readonly answers: readonly Answered[];
}

/** A task ready to be trained and scored. */
export interface PreparedTask {
  readonly name: string;
  readonly kind: TaskKind;
  readonly labels: readonly string[];
  readonly mainMetric: string;
  readonly settings: TaskSettings;
  /** How much the task counts among others. */
  readonly weight: number;
  /** Windows of a batch, where it is not for the run to say. */
  readonly batchWindows: number | undefined;
  readonly maxLength: number;
  readonly stride: number;
  readonly objective: Scorable<Feature>;
  /** Of the distribution that shares of mixed texts are drawn from; 0: they are learnt as they are. */
  readonly mixup: number;
  readonly notes: readonly string[];
  /** Every window of every part. */
  readonly windows: readonly Feature[];
  /** The windows of one epoch. */
  trainFeatures(epoch: number): readonly Feature[];
  /** Different training examples that so many epochs show. */
  trainExamples(epochs: number): number;
  readonly dev: PartFeatures;
  readonly test: PartFeatures;
  targetFeeds(features: readonly Feature[], layout: SequenceLayout): Record<string, Tensor>;
  /** Reads a part; `score` computes the logits of windows. */
  read(part: 'dev' | 'test', score: (features: readonly Feature[]) => Promise<Float32Array[]>): Promise<Reading>;
  /** The words of the training examples that so many epochs show, where they are to count beside the encoder and can. */
  learnWords?(epochs: number): KnownWords;
  tune(dev: Reading, words?: SharedWords): Tuning;
  scoreDev(dev: Reading, tuning: Tuning): Scores;
  scoreTest(test: Reading, tuning: Tuning, seed: number): TestResult;
  /** Scores of relations on the test part where their entities are found, not given. */
  scoreEndToEnd(
    tasks: { entities: ReadyTask; relations: ReadyTask },
    seed: number,
  ): Promise<{ metrics: Record<string, number>; intervals: Record<string, Interval> }>;
  /** The simple methods, on the training examples that so many epochs show, and the same test part. */
  baselines(seed: number, epochs: number): BaselineResult[];
  /** The largest number of windows that must be learnt from in one pass. */
  readonly largestGroup: number;
  /** What parameters of the head start from, by name, where that takes the encoder: `pool` gives the mean of each window's token rows. */
  startingWeights?(pool: PoolWindows): Promise<ReadonlyMap<string, Float32Array>>;
  /** Decodes features of other texts: false-alarm sets. */
  readonly task: Task<Example, unknown>;
}

export type PoolWindows = (features: readonly Feature[]) => Promise<Float32Array[]>;

export interface PrepareOptions {
  readonly tokenizer: Tokenizer;
  readonly profile: Profile;
  readonly seed: number;
  /** What training examples are changed by; default nothing. Dev and test never are. */
  readonly augment?: Augmenting;
  /** What training examples are mixed by, of kinds where they can be; default 0. */
  readonly mixup?: number;
  /** Whether words count beside the encoder, of kinds where they can; default false. */
  readonly lexical?: boolean;
  /** Whether words that are a slip away from one of training are read as it; default false. */
  readonly recogniseWords?: boolean;
}

/** Tokenises a task's parts and applies the profile's limits. */
export function prepareTask<K extends TaskKind>(
  source: TaskSource<K>,
  splits: Splits<ExampleOf<K>>,
  options: PrepareOptions,
): Promise<PreparedTask> {
  const { dataset, name, loss } = source;
  const { labels, titles } = dataset;
  const settings = {
    ...options.profile.windows[dataset.kind],
    ...source.settings,
    ...(titles && { titles }),
    ...(options.recogniseWords && {
      vocabulary: learnWordList(splits.train.flatMap(textsOfExample), options.tokenizer),
    }),
  };
  const task = createTask(dataset.kind, { name, labels, loss, settings, trainExamples: splits.train });
  return prepare(source, splits, task, options);
}

async function prepare<E extends Example, P>(
  { dataset, weight = 1, maxLength, stride }: TaskSource,
  splits: Splits<E>,
  task: Task<E, P>,
  { tokenizer, profile, seed, augment, mixup = 0, lexical = false }: PrepareOptions,
): Promise<PreparedTask> {
  const lengths = { maxLength, stride, targets: true, cacheFolder: join(userCacheFolder(), 'tokens') };
  const all = await task.features(splits.train, tokenizer, { ...lengths, learning: true });
  const changed = await createChangedExamples(splits.train, task, {
    ...{ tokenizer, lengths: { ...lengths, learning: true }, seed, augment },
  });
  const perExample = new Float64Array(splits.train.length);
  for (const { example, ids } of all) perExample[example] = (perExample[example] as number) + ids.length;
  const drawn = (epoch: number): ReadonlySet<number> =>
    new Set(
      sampleTraining(splits.train, perExample, {
        maxExamples: profile.maxExamples,
        maxTokens: profile.maxTokens,
        seed: seed + epoch,
      }),
    );
  // `quick` looks at one sample only; longer profiles draw another in each epoch.
  const fixed = Number.isFinite(profile.maxExamples);
  const firstEpoch = drawn(0);
  const seenIn = (epochs: number): E[] => {
    const seen = new Set(firstEpoch);
    // Once everything was seen, further epochs show nothing new.
    for (let epoch = 1; !fixed && epoch < epochs && seen.size < splits.train.length; epoch++)
      for (const example of drawn(epoch)) seen.add(example);
    return splits.train.filter((_, i) => seen.has(i));
  };

  const { examples: devExamples, features: devFeatures } = await capWindows(
    sampleExamples(splits.dev, profile.maxDev, seed),
    profile.maxDevWindows,
    (examples) => task.features(examples, tokenizer, lengths),
  );
  const { examples: testExamples, features: testFeatures } = await capWindows(
    splits.test,
    task.testedWhole ? Infinity : profile.maxTestWindows,
    (examples) => task.features(examples, tokenizer, lengths),
  );
  /** By epochs: seeds share them. */
  const learntWords = new Map<number, KnownWords>();
  const groups = testExamples.every(({ group }) => group !== undefined)
    ? testExamples.map(({ group }) => group as string)
    : undefined;
  const seen = new Set(dataset.seen);
  const unseen = [...testExamples.keys()].filter((i) => !seen.has((testExamples[i] as E).id));
  const test = (predictions: P[], intervalSeed: number): Judgement => ({
    scores: task.score(testExamples, predictions),
    intervals: task.intervals(testExamples, predictions, { seed: intervalSeed, groups }),
    ...(unseen.length === testExamples.length || unseen.length === 0
      ? {}
      : {
          unseen: {
            examples: unseen.length,
            scores: task.score(
              unseen.map((i) => testExamples[i] as E),
              unseen.map((i) => predictions[i] as P),
            ),
          },
        }),
  });

  return {
    name: task.name,
    kind: task.kind,
    labels: task.labels,
    mainMetric: task.mainMetric,
    settings: task.settings,
    weight,
    batchWindows: task.batchWindows,
    maxLength,
    stride,
    objective: task,
    mixup: canMix(task.kind) ? mixup : 0,
    notes: [
      ...task.notes(splits.train, all),
      ...recognitionNotes(task.settings.vocabulary, splits.dev),
      ...changed.notes,
      ...mixupNotes(task.kind, mixup),
    ],
    windows: [
      ...(fixed ? all.filter(({ example }) => firstEpoch.has(example)) : all),
      ...changed.windows,
      ...devFeatures,
      ...testFeatures,
    ],
    trainFeatures(epoch) {
      const chosen = epoch === 0 || fixed ? firstEpoch : drawn(epoch);
      const shown = changed.inEpoch(
        epoch,
        all.filter(({ example }) => chosen.has(example)),
      );
      return task.draw?.(shown, { seed, epoch }) ?? shown;
    },
    trainExamples: (epochs) => seenIn(epochs).length,
    dev: partOf(devFeatures, devExamples.length),
    test: partOf(testFeatures, testExamples.length),
    targetFeeds: (features, layout) => task.targetFeeds(features, layout),
    read: (part, score) =>
      part === 'dev'
        ? readExamples(task, devExamples, devFeatures, score)
        : readExamples(task, testExamples, testFeatures, score),
    ...(lexical &&
      task.learnWords && {
        learnWords(epochs) {
          const known = learntWords.get(epochs) ?? task.learnWords!(seenIn(epochs));
          learntWords.set(epochs, known);
          return known;
        },
      }),
    tune: ({ features, logits }, words) => task.tune(devExamples, features, logits, words),
    scoreDev: ({ features, logits }, tuning) =>
      task.score(devExamples, task.decode(devExamples, features, logits, tuning)),
    scoreTest({ features, logits }, tuning, intervalSeed) {
      const predictions = task.decode(testExamples, features, logits, tuning);
      return {
        ...test(predictions, intervalSeed),
        mistakes: task.mistakes(testExamples, predictions),
        answers: testExamples.map((example, i) => ({ example, prediction: predictions[i] })),
      };
    },
    async scoreEndToEnd(tasks, intervalSeed) {
      const examples = testExamples.filter((example): example is E & RelationExample => 'relations' in example);
      const texts = examples.map(({ id, text }) => ({ id, text }));
      const found = await predictEndToEnd(tasks, texts, tokenizer);
      return endToEndScores(examples, found, { labels: task.labels, seed: intervalSeed, groups });
    },
    baselines(intervalSeed, epochs) {
      const learnt = seenIn(epochs);
      return task.baselines().map(({ name, predict }) => {
        const started = performance.now();
        const predictions = predict(learnt, devExamples, testExamples);
        const seconds = (performance.now() - started) / 1000;
        return { name, ...test(predictions, intervalSeed), seconds };
      });
    },
    largestGroup: largestGroup(all),
    ...(task.startingWeights && {
      startingWeights: (pool) =>
        task.startingWeights!(async (texts) => {
          const ruled = withTextRules(tokenizer, task.settings.rules ?? [], task.settings.vocabulary);
          const windows = await readWindows(texts, ruled, { maxLength, stride: 0 });
          return pool(windows.filter(({ window }) => window === 0));
        }),
    }),
    task: task,
  };
}

/** How many texts that a model did not learn from it reads otherwise than they stand. */
function recognitionNotes(vocabulary: WordList | undefined, dev: readonly Example[]): string[] {
  if (vocabulary === undefined) return [];
  const texts = dev.flatMap(textsOfExample);
  const changed = texts.filter((text) => recogniseWords(text, vocabulary) !== undefined).length;
  return [
    `words that are not known are read as the known one that they are a slip away from, by Fieldcraft itself and not by other programs: in ${changed} of ${texts.length} dev texts`,
  ];
}

/** What a reader of results should know of mixing; nothing where it was not asked for. */
function mixupNotes(kind: TaskKind, alpha: number): string[] {
  if (alpha === 0) return [];
  if (!canMix(kind)) return [`training texts are not mixed: of the kind ${kind} their truths cannot be`];
  return [
    `training texts are learnt mixed in pairs, with their truths (mixup), by shares from Beta(${alpha}, ${alpha})`,
  ];
}

function largestGroup(features: readonly Feature[]): number {
  let [largest, count] = [1, 0];
  features.forEach(({ group }, i) => {
    count = group !== undefined && group === features[i - 1]?.group ? count + 1 : 1;
    largest = Math.max(largest, count);
  });
  return largest;
}

const partOf = (features: readonly Feature[], examples: number): PartFeatures => ({
  features,
  examples,
  tokens: features.reduce((sum, { ids }) => sum + ids.length, 0),
});

/** At most `limit` examples, drawn evenly, in their order: thresholds tuned on a part with more rare labels than there are would be too low. */
export function sampleExamples<E extends Example>(examples: readonly E[], limit: number, seed: number): readonly E[] {
  if (examples.length <= limit) return examples;
  const chosen = new Set(
    random(seed, 'dev sample')
      .shuffle([...examples.keys()])
      .slice(0, limit),
  );
  return examples.filter((_, i) => chosen.has(i));
}

/** Examples in a random order, always the same, until the next one's windows would be too many; in the part's order, and never none. */
export async function capWindows<E extends Example>(
  examples: readonly E[],
  limit: number,
  read: (examples: readonly E[]) => Promise<Feature[]>,
): Promise<{ examples: readonly E[]; features: Feature[] }> {
  const features = await read(examples);
  if (features.length <= limit) return { examples, features };
  const windows = new Uint32Array(examples.length);
  for (const { example } of features) windows[example] = (windows[example] as number) + 1;
  const chosen = new Set<number>();
  let total = 0;
  for (const i of random(0, 'capped part').shuffle([...examples.keys()])) {
    total += windows[i] as number;
    // Stops at the first that does not fit: going on would favour short texts.
    if (total > limit && chosen.size > 0) break;
    chosen.add(i);
  }
  const kept = examples.filter((_, i) => chosen.has(i));
  return { examples: kept, features: await read(kept) };
}
