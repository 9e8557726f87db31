/**
 * Multiple choice: the one of a question's choices that answers it. Each choice is a sequence of its own, the question (or its passage) with
 * it, and gets one number; the softmax over the numbers of a question is learnt, so that its choices stay in one batch. Of a long passage
 * the window that TF-IDF finds most like question and choice is read.
 */
import type { ChoiceExample } from '../data/index.js';
import { fitLogisticRegression, fitPairFeatures, worstFirst } from '../evaluation/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { add, input, transpose, type Value } from '../graph/index.js';
import {
  bootstrapSums,
  choiceMetrics,
  choiceStatistics,
  fitTemperature,
  reliabilityBins,
  softmaxRows,
  sumStatistics,
} from '../metrics/index.js';
import { classDivergence, crossEntropy, type Builder } from '../nn/index.js';
import { buildSequenceHead } from './heads.js';
import { mixAcross } from './mixtures.js';
import { readPairs, type TextPair } from './pair-windows.js';
import type { ChoicePrediction, Feature, Task, TaskBaseline, Unlabelled } from './task.js';
import { withoutTruth, type TaskOptions } from './task-options.js';
import type { TaskType } from './task-type.js';
import { byExample, splitSequenceLogits } from './windows.js';

/** Added to the numbers of other questions' choices: their share of the softmax is 0. */
const elsewhere = -10_000;

function createChoiceTask({ name, labels }: TaskOptions<ChoiceExample>): Task<ChoiceExample, ChoicePrediction> {
  const [targetName, siblingName] = [`targets.${name}`, `siblings.${name}`];

  /** The numbers of each question's choices. */
  const scoresOf = (examples: number, features: readonly Feature[], logits: readonly Float32Array[]): Float64Array[] =>
    byExample(examples, features).map((choices) => Float64Array.from(choices, ({ index }) => logits[index]![0]!));

  /** Row i holds the numbers of the choices of row i's question; only the rows of right choices count. */
  const amongSiblings = (b: Builder, logits: Value): Value =>
    add(input(b.graph, siblingName, ['batch', 'batch']), transpose(logits, [1, 0]));
  const targetOf = (b: Builder): Value => input(b.graph, targetName, ['batch'], 'int64');

  return {
    name,
    kind: 'multiple-choice',
    labels,
    outputs: ['choice'],
    settings: {},
    mainMetric: 'accuracy',

    async features(examples, tokenizer, { targets, ...lengths }) {
      const sequences = examples.flatMap((example, question) =>
        choicesOf(example, name).map((_, choice) => ({ question, choice, pair: pairOf(example, choice) })),
      );
      const read = await readPairs(
        sequences.map(({ pair }) => pair),
        tokenizer,
        { ...lengths, windows: 1 },
      );
      return read.map((feature) => {
        const { question, choice } = sequences[feature.example]!;
        const own = { ...feature, example: question, window: choice, group: question };
        if (!targets) return own;
        const example: ChoiceExample | Unlabelled = examples[question]!;
        if (!('answer' in example)) throw withoutTruth(example.id, name);
        return { ...own, target: Int32Array.of(example.answer === choice ? 1 : -100) };
      });
    },

    notes: () => [],

    head: (b, encoded, config) => buildSequenceHead(b, name, encoded, config, { labels: 1 }),

    loss: (b, logits) => crossEntropy(amongSiblings(b, logits), targetOf(b)),

    divergence: (b, p, q) => classDivergence(amongSiblings(b, p), amongSiblings(b, q), targetOf(b)),

    targetFeeds(features) {
      const rows = features.length;
      const siblings = Float32Array.from({ length: rows * rows }, (_, cell) =>
        features[Math.floor(cell / rows)]!.group === features[cell % rows]!.group ? 0 : elsewhere,
      );
      const targets = BigInt64Array.from(features, ({ target }, row) => BigInt(target?.[0] === 1 ? row : -100));
      return {
        [siblingName]: { data: siblings, shape: [rows, rows] },
        [targetName]: { data: targets, shape: [rows] },
      };
    },

    splitLogits: splitSequenceLogits,

    /** Of a question's choices together. */
    mix: mixAcross,

    /** A temperature from the questions that have as many choices as most have. */
    tune(examples, features, logits) {
      const scores = scoresOf(examples.length, features, logits);
      const counts = new Map<number, number>();
      for (const { length } of scores) counts.set(length, (counts.get(length) ?? 0) + 1);
      const [[width] = [0]] = [...counts].sort((a, b) => b[1] - a[1]);
      const usual = [...scores.keys()].filter((i) => scores[i]!.length === width);
      const rows = Float64Array.from(usual.flatMap((i) => Array.from(scores[i]!)));
      return {
        temperature: fitTemperature(
          rows,
          Int32Array.from(usual, (i) => examples[i]!.answer),
          width,
        ),
      };
    },

    decode: (examples, features, logits, { temperature = 1 }) =>
      scoresOf(examples.length, features, logits).map((scores) =>
        predictionOf(Array.from(softmaxRows(scores, scores.length, temperature))),
      ),

    score(examples, predictions) {
      const metrics = choiceMetrics(sumStatistics(choiceStatistics(...scored(examples, predictions))));
      const confidences = predictions.map(({ choice, probabilities }) => probabilities[choice]!);
      const right = predictions.map(({ choice }, i) => (choice === examples[i]!.answer ? 1 : 0));
      return { metrics, perLabel: [], reliability: reliabilityBins(confidences, right, 15) };
    },

    intervals: (examples, predictions, options) =>
      bootstrapSums(choiceStatistics(...scored(examples, predictions)), choiceMetrics, options),

    baselines: () => [majorityPlace, tfidfChoice],

    mistakes: (examples, predictions) =>
      worstFirst(
        examples.flatMap(({ id, text, context, choices, answer }, i) => {
          const { choice, probabilities } = predictions[i]!;
          if (choice === answer) return [];
          return [
            {
              id,
              text,
              ...(context === undefined ? {} : { context }),
              choices: choices.map((words, place) => ({ text: words, probability: probabilities[place]! })),
              gold: [choices[answer]!],
              predicted: [choices[choice]!],
              confidence: probabilities[choice]!,
            },
          ];
        }),
      ),
  };
}

/** @throws FieldcraftError FC_DATA for a question without choices */
function choicesOf({ id, choices = [] }: Unlabelled, task: string): readonly string[] {
  if (choices.length > 1) return choices;
  throw new FieldcraftError('FC_DATA', {
    what: `the task ${task} is about choices, and a text has fewer than two`,
    where: id,
    fix: 'give each with --choice, or as the list "choices" of JSON Lines',
  });
}

/** The question with a choice; where it has a passage, that one with both. */
function pairOf({ text, context, choices = [] }: Unlabelled, choice: number): TextPair {
  return context === undefined ? [text, choices[choice]!] : [context, `${text} ${choices[choice]!}`];
}

const predictionOf = (probabilities: number[]): ChoicePrediction => ({
  choice: probabilities.indexOf(Math.max(...probabilities)),
  probabilities,
});

const scored = (examples: readonly ChoiceExample[], predictions: readonly ChoicePrediction[]) =>
  [examples.map(({ answer }) => answer), predictions.map(({ probabilities }) => probabilities)] as const;

type Baseline = TaskBaseline<ChoiceExample, ChoicePrediction>;

/** The place where most right answers of training stand. */
const majorityPlace: Baseline = {
  name: 'majority',
  predict(train, _, test) {
    const counts: number[] = [];
    for (const { answer } of train) counts[answer] = (counts[answer] ?? 0) + 1;
    return test.map(({ choices }) => {
      const own = choices.map((_choice, place) => counts[place] ?? 0);
      const total = own.reduce((sum, count) => sum + count, 0);
      return predictionOf(own.map((count) => (total === 0 ? 1 / own.length : count / total)));
    });
  },
};

/** Counts the words of each choice with its question, and those that both have; the likeliest choice is taken. */
const tfidfChoice: Baseline = {
  name: 'tfidf',
  predict(train, _, test) {
    const pairs = (examples: readonly ChoiceExample[]) =>
      examples.flatMap(({ text, context = '', choices }) =>
        choices.map((second) => ({ text: `${context} ${text}`, second })),
      );
    const featuresOf = fitPairFeatures(pairs(train));
    const right = Int32Array.from(
      train.flatMap(({ choices, answer }) => choices.map((_c, i) => (i === answer ? 1 : 0))),
    );
    const probabilities = fitLogisticRegression(featuresOf(pairs(train)), right, { classes: 2 })(
      featuresOf(pairs(test)),
    );
    let at = 0;
    return test.map(({ choices }) => {
      const own = choices.map(() => probabilities[2 * at++ + 1]!);
      const total = own.reduce((sum, share) => sum + share, 0);
      return predictionOf(own.map((share) => share / total));
    });
  },
};

export const multipleChoiceType: TaskType<'multiple-choice', ChoicePrediction> = {
  create: createChoiceTask,
  title: 'multiple choice',
  use: () => 'answers a question with one of the choices that are given with it',
  published: { head: 'ForMultipleChoice', pipeline: 'multiple-choice', reads: 'choices' },
};
