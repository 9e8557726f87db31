/**
 * Semantic similarity of scored pairs by a bi-encoder: each text becomes a vector by itself, and the cosine of two vectors is how alike they are
 * (Sentence-BERT; Reimers & Gurevych 2019). Learnt is the squared error of cosines, where the least score of training stands for 0 and the
 * largest for 1.
 */
import type { SimilarityExample } from '../data/index.js';
import { cosineRows, fitTfidf } from '../evaluation/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { input, type Value } from '../graph/index.js';
import { cosines, meanSquaredError, valueDivergence, type Builder } from '../nn/index.js';
import { numberIntervals, numberMistakes, scoreNumbers, valueOf } from './numbers.js';
import type { SimilarityPrediction, Task, Unlabelled } from './task.js';
import { withoutTruth, type TaskOptions } from './task-options.js';
import type { TaskType } from './task-type.js';
import {
  bothVectors,
  dot,
  longTextNotes,
  pairFeeds,
  readBothTexts,
  vectorsOf,
  vectorTask,
  withTargets,
} from './text-vectors.js';

type SimilarityTask = Task<SimilarityExample, SimilarityPrediction>;

function createSimilarityTask(options: TaskOptions<SimilarityExample>): SimilarityTask {
  const { name, labels, trainExamples = [] } = options;
  const settings = { ...rangeOf(trainExamples), ...options.settings };
  const { least = 0, most = 1, windows } = settings;
  const targetName = `targets.${name}`;
  const predicted = (cosine: number): SimilarityPrediction => ({ value: least + (most - least) * cosine, cosine });

  /** [pairs] */
  function cosinesOf(b: Builder, rows: Value): Value {
    const { texts, seconds } = bothVectors(b, rows, name);
    return cosines(texts, seconds);
  }

  return {
    ...vectorTask,
    name,
    kind: 'similarity',
    labels,
    outputs: [],
    settings,
    mainMetric: 'pearson',

    async features(examples, tokenizer, { targets, ...lengths }) {
      const features = await readBothTexts(examples, tokenizer, { ...lengths, windows });
      if (!targets) return features;
      return withTargets(features, (i) => {
        const example: SimilarityExample | Unlabelled = examples[i]!;
        if (!('value' in example)) throw withoutTruth(example.id, name);
        return Float32Array.of((example.value - least) / (most - least));
      });
    },

    notes: (_, features) => longTextNotes(features),

    loss: (b, rows) => meanSquaredError(cosinesOf(b, rows), input(b.graph, targetName, ['pairs'])),

    divergence: (b, p, q) => valueDivergence(cosinesOf(b, p), cosinesOf(b, q)),

    targetFeeds(features) {
      const { pairs, feeds } = pairFeeds(features, name);
      const data = Float32Array.from(pairs, ({ target }) => target?.[0] ?? 0);
      return { ...feeds, [targetName]: { data, shape: [pairs.length] } };
    },

    tune: () => ({}),

    decode(examples, features, rows) {
      const texts = vectorsOf(examples.length, 'text', features, rows);
      const seconds = vectorsOf(examples.length, 'second', features, rows);
      return examples.map(({ id }, i) => {
        const [text, second] = [texts[i], seconds[i]];
        if (text === undefined || second === undefined) throw withoutSecond(id, name);
        return predicted(dot(text, second));
      });
    },

    score: scoreNumbers,
    intervals: numberIntervals,

    baselines: () => [
      {
        name: 'tfidf',
        predict(train, _, test) {
          const tfidf = fitTfidf(train.flatMap(({ text, second }) => [text, second]));
          const rows = (side: 'text' | 'second') => tfidf.transform(test.map((example) => example[side]));
          return Array.from(cosineRows(rows('text'), rows('second')), predicted);
        },
      },
    ],

    mistakes: numberMistakes,
  };
}

const withoutSecond = (where: string, task: string): FieldcraftError =>
  new FieldcraftError('FC_DATA', {
    what: `the task ${task} compares two texts, and there is only one`,
    where,
    fix: 'give the other one with --second, or as the field "second" of JSON Lines',
  });

/** What scores are measured in; nothing where there are no training examples. */
function rangeOf(examples: readonly SimilarityExample[]): { least?: number; most?: number } {
  if (examples.length === 0) return {};
  const values = examples.map(valueOf);
  const [least, most] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  return { least, most: most > least ? most : least + 1 };
}

export const similarityType: TaskType<'similarity', SimilarityPrediction> = {
  create: createSimilarityTask,
  title: 'semantic similarity',
  use: () => 'gives a text a vector, and says how alike two texts are by the cosine of theirs',
  published: { head: 'Model', vectors: true, pipeline: 'feature-extraction', reads: 'pairs' },
};
