/**
 * Single-label classification: one of the task's labels a text. A long text is read in overlapping windows, each of which learns the text's
 * label; its prediction is that of the windows' mean logits, each window weighed by its tokens of text.
 */
import type { ClassificationExample, TaskKind } from '../data/index.js';
import { input } from '../graph/index.js';
import {
  fitClassWeights,
  fitWords,
  majorityClass,
  tfidfClass,
  worstFirst,
  type Baseline,
  type Mistake,
  type SparseRows,
  type Words,
} from '../evaluation/index.js';
import {
  argmaxRows,
  bootstrapSums,
  calibrationReport,
  classificationMetrics,
  classificationReport,
  classificationStatistics,
  classIndices,
  fitTemperature,
  softmaxRows,
} from '../metrics/index.js';
import { classDivergence, crossEntropy } from '../nn/index.js';
import { buildSequenceHead } from './heads.js';
import { balancedWeights, classWeights, requireTraining } from './loss-options.js';
import { markNotes } from './marked-tokens.js';
import { mixClasses } from './mixtures.js';
import type { Tokenizer } from '../text/index.js';
import { withOutOfScope } from './out-of-scope.js';
import { addWords, type SharedWords } from './shared-words.js';
import {
  rowsOf,
  type ClassificationPrediction,
  type Feature,
  type FeatureOptions,
  type Task,
  type Unlabelled,
} from './task.js';
import { labelIndex, requireLabels, withoutTruth, type TaskOptions } from './task-options.js';
import type { TaskType } from './task-type.js';
import { byExample, readWindows, splitSequenceLogits, windowNotes } from './windows.js';

export type ClassificationTask = Task<ClassificationExample, ClassificationPrediction>;

/** An example of any kind that bears one label. */
type Labelled = Unlabelled & { label: string };

/** How a kind of classification reads its examples; all else they have in common. */
export interface Reading<E extends Labelled> {
  readonly kind: TaskKind;
  /** Windows of examples, without targets. */
  read(
    examples: readonly (E | Unlabelled)[],
    tokenizer: Tokenizer,
    options: Omit<FeatureOptions, 'targets'>,
  ): Promise<Feature[]>;
  /** What a prediction says beside its label, from the windows of its example and their logits. */
  explain?(example: Unlabelled, label: number, windows: readonly Read[]): Partial<ClassificationPrediction>;
  /** What a person reads of an example beside its text, to see why a prediction is wrong. */
  show?(example: E, prediction: ClassificationPrediction): Partial<Mistake>;
  /** The words of an example: of one text, or with `wordsOfTwo` of two. */
  words(example: Unlabelled): Words;
  readonly wordsOfTwo: boolean;
  /** Simple methods that give probabilities [examples, labels]. */
  readonly baselines: readonly Baseline<E, E, Float64Array>[];
}

/** A window and its logits. */
interface Read {
  readonly feature: Feature;
  readonly logits: Float32Array;
}

/** @throws FieldcraftError FC_CONFIG for labels or loss options that do not make sense. */
export function createClassifier<E extends Labelled>(
  options: TaskOptions<E>,
  { kind, read, explain, show, words: wordsOf, wordsOfTwo, baselines }: Reading<E>,
): Task<E, ClassificationPrediction> {
  const { name, labels, loss = {}, settings = {}, trainExamples } = options;
  requireLabels(labels, name, 2);
  const indexOf = labelIndex(labels, name);
  const targetName = `targets.${name}`;
  const about = settings.ownTokens ? 'second segment' : settings.markTokens;
  const weights = classWeights(loss, labels, () => {
    const counts = labels.map(() => 0);
    for (const c of classIndices(requireTraining(trainExamples), labels)) counts[c]! += 1;
    return balancedWeights(counts);
  });

  /** The logits of each example, its windows merged, and with what its words add: [examples, labels]. */
  function mergeWindows(
    examples: readonly Unlabelled[],
    features: readonly Feature[],
    logits: readonly Float32Array[],
    words: SharedWords | undefined,
  ): Float64Array {
    const merged = new Float64Array(examples.length * labels.length);
    for (const [example, windows] of byExample(examples.length, features).entries()) {
      const total = windows.reduce((sum, { feature }) => sum + feature.stretch.count, 0);
      for (const { feature, index } of windows) {
        const share = total === 0 ? 1 / windows.length : feature.stretch.count / total;
        logits[index]!.forEach((logit, c) => (merged[example * labels.length + c]! += share * logit));
      }
    }
    return addWords(merged, words, {
      examples,
      textsOf: (example) => [wordsOf(example)],
      width: labels.length,
      vocabulary: settings.vocabulary,
    });
  }

  return {
    name,
    kind,
    labels,
    outputs: labels,
    settings,
    mainMetric: 'macroF1',

    async features(examples, tokenizer, { targets, ...lengths }) {
      const features = await read(examples, tokenizer, lengths);
      if (!targets) return features;
      const truths = examples.map((example) => {
        if (!('label' in example) || typeof example.label !== 'string') throw withoutTruth(example.id, name);
        return indexOf(example.label, example.id);
      });
      return features.map((feature) => ({ ...feature, target: Int32Array.of(truths[feature.example]!) }));
    },

    notes: (examples, features) => [
      ...markNotes(settings, { examples: examples.length, features }),
      ...windowNotes(examples.length, features),
    ],

    head: (b, encoded, config) => buildSequenceHead(b, name, encoded, config, { labels: labels.length, about }),

    loss(b, logits) {
      const targets = input(b.graph, targetName, ['batch'], 'int64');
      return crossEntropy(logits, targets, {
        ...(weights && { weights }),
        smoothing: loss.labelSmoothing ?? 0,
        focus: loss.focalGamma ?? 0,
      });
    },

    divergence: (b, p, q) => classDivergence(p, q, input(b.graph, targetName, ['batch'], 'int64')),

    targetFeeds(features) {
      const data = BigInt64Array.from(features, ({ target }) => BigInt(target?.[0] ?? -100));
      return { [targetName]: { data, shape: [features.length] } };
    },

    splitLogits: splitSequenceLogits,

    mix: (a, b, share) => a.map((row, i) => mixClasses(row, b[i]!, labels.length, share)),

    learnWords(examples) {
      const fit = (rows: SparseRows) =>
        fitClassWeights(rows, classIndices(examples, labels), { classes: labels.length });
      return fitWords(examples.map(wordsOf), { outputs: labels.length, pairs: wordsOfTwo, fit });
    },

    tune(examples, features, logits, words) {
      const merged = mergeWindows(examples, features, logits, words);
      const temperature = fitTemperature(merged, classIndices(examples, labels), labels.length);
      return { temperature, ...(words && { words }) };
    },

    decode(examples, features, logits, { temperature = 1, words }) {
      const merged = mergeWindows(examples, features, logits, words);
      const probabilities = softmaxRows(merged, labels.length, temperature);
      const windows = byExample(examples.length, features);
      return Array.from(argmaxRows(merged, labels.length), (best, i) => ({
        label: labels[best]!,
        probabilities: Array.from(probabilities.subarray(i * labels.length, (i + 1) * labels.length)),
        ...explain?.(
          examples[i]!,
          best,
          windows[i]!.map(({ feature, index }) => ({ feature, logits: logits[index]! })),
        ),
      }));
    },

    score(examples, predictions) {
      const gold = classIndices(examples, labels);
      const report = classificationReport(gold, classIndices(predictions, labels), labels);
      const probabilities = predictions.flatMap((prediction) => prediction.probabilities);
      const calibration = calibrationReport({ probabilities, gold, classes: labels.length });
      return {
        metrics: {
          accuracy: report.accuracy,
          macroF1: report.macro.f1,
          microF1: report.micro.f1,
          weightedF1: report.weighted.f1,
          mcc: report.mcc,
          balancedAccuracy: report.balancedAccuracy,
          ece: calibration.ece,
          brier: calibration.brier,
        },
        perLabel: report.perClass,
        confusion: report.confusion,
        reliability: calibration.bins,
      };
    },

    intervals(examples, predictions, options) {
      const statistics = classificationStatistics(
        classIndices(examples, labels),
        classIndices(predictions, labels),
        labels.length,
      );
      return bootstrapSums(statistics, classificationMetrics(labels.length), options);
    },

    baselines: () =>
      baselines.map(({ name, fit }) => ({
        name,
        predict: (train, _, test) =>
          rowsOf(fit(train)(test), labels.length).map((probabilities) => ({
            label: labels[probabilities.indexOf(Math.max(...probabilities))]!,
            probabilities,
          })),
      })),

    mistakes: (examples, predictions) =>
      worstFirst(
        examples.flatMap((example, i) => {
          const prediction = predictions[i]!;
          const { label, probabilities } = prediction;
          if (label === example.label) return [];
          const [gold, predicted] = [[example.label], [label]];
          const confidence = probabilities[labels.indexOf(label)] ?? 0;
          return [{ id: example.id, text: example.text, ...show?.(example, prediction), gold, predicted, confidence }];
        }),
      ),
  };
}

function createClassification(options: TaskOptions<ClassificationExample>): ClassificationTask {
  const task = createClassifier(options, {
    kind: 'classification',
    read: (examples, tokenizer, lengths) =>
      readWindows(
        examples.map(({ text }) => text),
        tokenizer,
        lengths,
      ),
    words: ({ text }) => ({ text }),
    wordsOfTwo: false,
    baselines: [majorityClass(options.labels), tfidfClass(options.labels)],
  });
  const { outOfScope } = options.settings ?? {};
  return outOfScope === undefined ? task : withOutOfScope(task, outOfScope);
}

export const classificationType: TaskType<'classification', ClassificationPrediction> = {
  create: createClassification,
  title: 'classification',
  use: (labels) => `gives a text exactly one of ${labels}`,
  published: {
    head: 'ForSequenceClassification',
    problem: 'single_label_classification',
    pipeline: 'text-classification',
  },
};
