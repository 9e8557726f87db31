/**
 * Regression: a number for a text, or for a pair of texts. The head learns the number in deviations from the training mean, whatever its
 * unit; the windows of a long text each learn its number, and its prediction is their mean, each weighed by its tokens.
 */
import type { RegressionExample } from '../data/index.js';
import { fitPairFeatures, fitRidge, fitTfidf, type SparseRows } from '../evaluation/index.js';
import { input } from '../graph/index.js';
import { meanAndDeviation } from '../metrics/index.js';
import { meanSquaredError, valueDivergence } from '../nn/index.js';
import { buildSequenceHead } from './heads.js';
import { numberIntervals, numberMistakes, scoreNumbers, valueOf } from './numbers.js';
import { defaultWindows, readPairs } from './pair-windows.js';
import { pairOf } from './pair-classification.js';
import type { RegressionPrediction, Task, TaskBaseline, Unlabelled } from './task.js';
import { withoutTruth, type TaskOptions } from './task-options.js';
import type { TaskType } from './task-type.js';
import { byExample, readWindows, splitSequenceLogits, windowNotes } from './windows.js';

type RegressionTask = Task<RegressionExample, RegressionPrediction>;

function createRegressionTask(options: TaskOptions<RegressionExample>): RegressionTask {
  const { name, labels, trainExamples = [] } = options;
  const settings = { ...scaleOf(trainExamples), ...options.settings };
  const { mean = 0, deviation = 1, pairs = false, windows = defaultWindows } = settings;
  const targetName = `targets.${name}`;

  return {
    name,
    kind: 'regression',
    labels,
    outputs: ['value'],
    settings,
    mainMetric: 'pearson',

    async features(examples, tokenizer, { targets, ...lengths }) {
      const features = pairs
        ? await readPairs(
            examples.map((example) => pairOf(example, name)),
            tokenizer,
            { ...lengths, windows },
          )
        : await readWindows(
            examples.map(({ text }) => text),
            tokenizer,
            lengths,
          );
      if (!targets) return features;
      const truths = examples.map((example: RegressionExample | Unlabelled) => {
        if (!('value' in example)) throw withoutTruth(example.id, name);
        return (example.value - mean) / deviation;
      });
      return features.map((feature) => ({ ...feature, target: Float32Array.of(truths[feature.example]!) }));
    },

    notes: (examples, features) => windowNotes(examples.length, features),

    head: (b, encoded, config) => buildSequenceHead(b, name, encoded, config, { labels: 1 }),

    loss: (b, logits) => meanSquaredError(logits, input(b.graph, targetName, ['batch', 1])),

    divergence: (_, p, q) => valueDivergence(p, q),

    targetFeeds: (features) => ({
      [targetName]: {
        data: Float32Array.from(features, ({ target }) => target?.[0] ?? 0),
        shape: [features.length, 1],
      },
    }),

    splitLogits: splitSequenceLogits,

    mix: (a, b, share) => a.map((row, i) => row.map((value, k) => (1 - share) * value + share * b[i]![k]!)),

    tune: () => ({}),

    decode: (examples, features, logits) =>
      byExample(examples.length, features).map((windows) => {
        const tokens = windows.reduce((sum, { feature }) => sum + feature.stretch.count, 0);
        const score = windows.reduce((sum, { feature, index }) => {
          const share = tokens === 0 ? 1 / windows.length : feature.stretch.count / tokens;
          return sum + share * logits[index]![0]!;
        }, 0);
        return { value: mean + deviation * score };
      }),

    score: scoreNumbers,
    intervals: numberIntervals,

    baselines: () => [meanBaseline, pairs ? tfidfPairBaseline : tfidfBaseline],

    mistakes: numberMistakes,

    publishedWeight: (parameter, data) => {
      if (parameter.endsWith('.classifier.weight')) return data.map((weight) => weight * deviation);
      return parameter.endsWith('.classifier.bias') ? data.map((weight) => mean + deviation * weight) : data;
    },
  };
}

/** What the numbers are measured in; nothing where there are no training examples. */
function scaleOf(examples: readonly RegressionExample[]): { mean?: number; deviation?: number; pairs?: boolean } {
  if (examples.length === 0) return {};
  const { mean, deviation } = meanAndDeviation(examples.map(valueOf));
  return { mean, deviation: deviation === null || deviation === 0 ? 1 : deviation, pairs: 'second' in examples[0]! };
}

type Baseline = TaskBaseline<RegressionExample, RegressionPrediction>;

/** Always the mean of training. */
const meanBaseline: Baseline = {
  name: 'mean',
  predict: (train, _, test) => test.map(() => ({ value: meanAndDeviation(train.map(valueOf)).mean })),
};

const ridge = (
  learn: (train: readonly RegressionExample[]) => (examples: readonly RegressionExample[]) => SparseRows,
): Baseline => ({
  name: 'tfidf',
  predict(train, _, test) {
    const featuresOf = learn(train);
    const model = fitRidge(featuresOf(train), Float64Array.from(train, valueOf));
    return Array.from(model(featuresOf(test)), (value) => ({ value }));
  },
});

const tfidfBaseline = ridge((train) => {
  const tfidf = fitTfidf(train.map(({ text }) => text));
  return (examples) => tfidf.transform(examples.map(({ text }) => text));
});

const tfidfPairBaseline = ridge((train) => {
  const asPairs = (examples: readonly RegressionExample[]) =>
    examples.map(({ text, second = '' }) => ({ text, second }));
  const featuresOf = fitPairFeatures(asPairs(train));
  return (examples) => featuresOf(asPairs(examples));
});

export const regressionType: TaskType<'regression', RegressionPrediction> = {
  create: createRegressionTask,
  title: 'regression',
  use: () => 'gives a text, or a pair of texts, a number',
  published: { head: 'ForSequenceClassification', problem: 'regression', pipeline: 'text-classification' },
};
