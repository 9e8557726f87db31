/**
 * Multi-label classification: any number of the task's labels a text, one yes-or-no question each; questions whose answer is not known
 * count in no score, and for the loss and the thresholds only what `unknownAsAbsent` says. A long text is read in overlapping windows, each
 * of which learns the text's labels; a label's logit is the largest of its windows, since one passage is enough for a label to apply.
 */
import type { MultiLabelExample } from '../data/index.js';
import { input } from '../graph/index.js';
import { fitLabelWeights, fitWords, majorityLabels, tfidfLabels, worstFirst } from '../evaluation/index.js';
import {
  applyThresholds,
  binaryCalibrationReport,
  bootstrapSums,
  fitBinaryTemperature,
  labelMatrix,
  multiLabelMetrics,
  multiLabelReport,
  multiLabelStatistics,
  sigmoidEach,
  tuneThresholds,
} from '../metrics/index.js';
import { binaryCrossEntropy, bitDivergence } from '../nn/index.js';
import { buildSequenceHead, priorLogOdds } from './heads.js';
import { classWeights, requireTraining } from './loss-options.js';
import { mixBits } from './mixtures.js';
import { addWords, type SharedWords } from './shared-words.js';
import { rowsOf, type Feature, type MultiLabelPrediction, type Task, type Unlabelled } from './task.js';
import { labelIndex, requireLabels, withoutTruth, type TaskOptions } from './task-options.js';
import type { TaskType } from './task-type.js';
import { readWindows, splitSequenceLogits, windowNotes } from './windows.js';

type MultiLabelTask = Task<MultiLabelExample, MultiLabelPrediction>;

/** Balanced weights stop here: a label of one example in a thousand would otherwise drown all others. */
const largestWeight = 20;

/**
 * The main score is micro F1: it pools all decisions, so that labels with a handful of dev examples do not decide when training stops.
 * @throws FieldcraftError FC_CONFIG for labels or loss options that do not make sense.
 */
function createMultiLabelTask(options: TaskOptions<MultiLabelExample>): MultiLabelTask {
  const { name, labels, loss = {}, settings: { vocabulary } = {}, trainExamples } = options;
  requireLabels(labels, name, 1);
  const indexOf = labelIndex(labels, name);
  const [targetName, weightName] = [`targets.${name}`, `weights.${name}`];
  const width = labels.length;
  const positiveWeights = classWeights(loss, labels, () =>
    countAnswers(requireTraining(trainExamples), labels).map(balancedPositive),
  );
  const unknownWeight = loss.unknownAsAbsent ?? 0;
  const initialBias = trainExamples && labelPriors(trainExamples, labels, { positiveWeights, unknownWeight });

  /** 1, 0, or -100 where the truth is not known. */
  function targetOf({ id, labels: borne, masked = [] }: MultiLabelExample): Float32Array {
    const target = new Float32Array(width);
    for (const label of borne) target[indexOf(label, id)] = 1;
    for (const label of masked) target[indexOf(label, id)] = -100;
    return target;
  }

  /** The logits of each example, its windows merged, and with what its words add: [examples, labels]. */
  function mergeWindows(
    examples: readonly Unlabelled[],
    features: readonly Feature[],
    logits: readonly Float32Array[],
    words: SharedWords | undefined,
  ): Float64Array {
    const merged = new Float64Array(examples.length * width).fill(-Infinity);
    for (const [i, { example }] of features.entries()) {
      logits[i]!.forEach((logit, l) => {
        const cell = example * width + l;
        merged[cell] = Math.max(merged[cell]!, logit);
      });
    }
    return addWords(merged, words, { examples, textsOf: (example) => [example], width, vocabulary });
  }

  /** By one rule for the model and its baseline. */
  function chooseThresholds(scores: Float64Array, examples: readonly MultiLabelExample[]): number[] {
    const truth = labelMatrix(examples, labels);
    return tuneThresholds({ scores, ...truth, maskedWeight: unknownWeight, labels: width }).perLabel;
  }

  function decided(probabilities: Float64Array, thresholds: readonly number[]): MultiLabelPrediction[] {
    const applied = applyThresholds(probabilities, thresholds);
    return rowsOf(probabilities, width).map((own, i) => ({
      labels: labels.filter((_label, l) => applied[i * width + l]),
      probabilities: own,
    }));
  }

  return {
    name,
    kind: 'multi-label',
    labels,
    outputs: labels,
    settings: {},
    mainMetric: 'microF1',

    async features(examples, tokenizer, { targets, ...lengths }) {
      const texts = examples.map((example) => example.text);
      const features = await readWindows(texts, tokenizer, lengths);
      if (!targets) return features;
      const truths = examples.map((example) => {
        if (!('labels' in example)) throw withoutTruth(example.id, name);
        return targetOf(example);
      });
      return features.map((feature) => ({ ...feature, target: truths[feature.example]! }));
    },

    notes: (examples, features) => windowNotes(examples.length, features),

    head: (b, encoded, config) =>
      buildSequenceHead(b, name, encoded, config, { labels: width, ...(initialBias && { initialBias }) }),

    loss(b, logits) {
      const targets = input(b.graph, targetName, ['batch', width]);
      const mask = input(b.graph, weightName, ['batch', width]);
      return binaryCrossEntropy(logits, targets, {
        ...(positiveWeights && { positiveWeights }),
        mask,
        smoothing: loss.labelSmoothing ?? 0,
        focus: loss.focalGamma ?? 0,
      });
    },

    divergence: (b, p, q) => bitDivergence(p, q, input(b.graph, weightName, ['batch', width])),

    targetFeeds(features) {
      const shape = [features.length, width];
      const targets = new Float32Array(features.length * width);
      const weights = new Float32Array(features.length * width);
      for (const [row, { target }] of features.entries()) {
        target?.forEach((value: number, l: number) => {
          const isKnown = value !== -100;
          targets[row * width + l] = isKnown ? value : 0;
          weights[row * width + l] = isKnown ? 1 : unknownWeight;
        });
      }
      return { [targetName]: { data: targets, shape }, [weightName]: { data: weights, shape } };
    },

    splitLogits: splitSequenceLogits,

    mix: (a, b, share) => a.map((row, i) => mixBits(row, b[i]!, share)),

    learnWords(examples) {
      const truth = labelMatrix(examples, labels);
      return fitWords(examples, {
        outputs: width,
        pairs: false,
        fit: (rows) => fitLabelWeights(rows, { ...truth, labels: width }),
      });
    },

    tune(examples, features, logits, words) {
      const merged = mergeWindows(examples, features, logits, words);
      const { gold, masked } = labelMatrix(examples, labels);
      const temperature = fitBinaryTemperature(merged, gold, masked);
      const scores = sigmoidEach(merged, temperature);
      return { temperature, thresholds: chooseThresholds(scores, examples), ...(words && { words }) };
    },

    decode(examples, features, logits, { temperature = 1, thresholds = labels.map(() => 0.5), words }) {
      return decided(sigmoidEach(mergeWindows(examples, features, logits, words), temperature), thresholds);
    },

    score(examples, predictions) {
      const { gold, masked } = labelMatrix(examples, labels);
      const predicted = labelMatrix(predictions, labels).gold;
      const probabilities = predictions.flatMap((prediction) => prediction.probabilities);
      const report = multiLabelReport({ gold, predicted, masked, labels, scores: probabilities });
      const calibration = binaryCalibrationReport({ probabilities, gold, masked });
      return {
        metrics: {
          microF1: report.micro.f1,
          macroF1: report.macro.f1,
          weightedF1: report.weighted.f1,
          samplesF1: report.samplesF1,
          microPrecision: report.micro.precision,
          microRecall: report.micro.recall,
          subsetAccuracy: report.subsetAccuracy,
          hammingLoss: report.hammingLoss,
          meanAveragePrecision: report.meanAveragePrecision ?? 0,
          ece: calibration.ece,
          brier: calibration.brier,
        },
        perLabel: report.perLabel,
        reliability: calibration.bins,
      };
    },

    intervals(examples, predictions, options) {
      const truth = labelMatrix(examples, labels);
      const predicted = labelMatrix(predictions, labels).gold;
      return bootstrapSums(multiLabelStatistics({ ...truth, predicted }, width), multiLabelMetrics(width), options);
    },

    baselines: () => [
      {
        name: 'majority',
        predict: (train, _, test) =>
          decided(
            majorityLabels(labels).fit(train)(test),
            labels.map(() => 0.5),
          ),
      },
      {
        name: 'tfidf',
        predict(train, dev, test) {
          const predict = tfidfLabels(labels).fit(train);
          return decided(predict(test), chooseThresholds(predict(dev), dev));
        },
      },
    ],

    mistakes: (examples, predictions) =>
      worstFirst(
        examples.flatMap(({ id, text, labels: gold, masked = [] }, i) => {
          const { labels: predicted, probabilities } = predictions[i]!;
          const wrong = labels.flatMap((label, l) => {
            if (masked.includes(label) || gold.includes(label) === predicted.includes(label)) return [];
            return [predicted.includes(label) ? probabilities[l]! : 1 - probabilities[l]!];
          });
          return wrong.length === 0 ? [] : [{ id, text, gold, predicted, confidence: Math.max(...wrong) }];
        }),
      ),
  };
}

export const multiLabelType: TaskType<'multi-label', MultiLabelPrediction> = {
  create: createMultiLabelTask,
  title: 'multi-label classification',
  use: (labels) => `gives a text any of ${labels}, or none`,
  published: {
    head: 'ForSequenceClassification',
    problem: 'multi_label_classification',
    pipeline: 'text-classification',
  },
};

/** How often training says of a label that it applies, that it does not, and nothing. */
interface Answers {
  yes: number;
  no: number;
  unknown: number;
}

function countAnswers(examples: readonly MultiLabelExample[], labels: readonly string[]): Answers[] {
  const { gold, masked } = labelMatrix(examples, labels);
  const counts = labels.map((): Answers => ({ yes: 0, no: 0, unknown: 0 }));
  for (let cell = 0; cell < gold.length; cell++) {
    counts[cell % labels.length]![masked[cell] ? 'unknown' : gold[cell] ? 'yes' : 'no'] += 1;
  }
  return counts;
}

/** What the biases of labels start from: see `priorLogOdds`. */
export const labelPriors = (
  examples: readonly MultiLabelExample[],
  labels: readonly string[],
  { positiveWeights, unknownWeight = 0 }: { positiveWeights?: number[] | undefined; unknownWeight?: number } = {},
): number[] =>
  countAnswers(examples, labels).map(({ yes, no, unknown }, l) =>
    priorLogOdds((positiveWeights?.[l] ?? 1) * yes, no + unknownWeight * unknown),
  );

/** Known examples without a label over those with it (PyTorch's advice for `pos_weight`), at most 20; 1 for a label that never applies. */
const balancedPositive = ({ yes, no }: Answers): number =>
  yes === 0 || no === 0 ? 1 : Math.min(no / yes, largestWeight);
