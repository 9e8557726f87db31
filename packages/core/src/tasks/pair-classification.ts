/**
 * Classification of pairs: one label for a text and a second one. A contract with a statement about it is read in the windows that TF-IDF
 * finds most like the statement; each learns the pair's label, the prediction is that of their mean logits, and the window that speaks most
 * for it is its evidence.
 */
import type { PairExample } from '../data/index.js';
import { majorityClass, tfidfPairClass } from '../evaluation/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { softmaxRows } from '../metrics/index.js';
import { createClassifier } from './classification.js';
import { defaultWindows, readPairs, type TextPair } from './pair-windows.js';
import type { ClassificationPrediction, Evidence, Feature, Task, Unlabelled } from './task.js';
import type { TaskOptions } from './task-options.js';
import type { TaskType } from './task-type.js';

const createPairTask = (options: TaskOptions<PairExample>): Task<PairExample, ClassificationPrediction> => {
  const { name, labels, trainExamples = [], settings: { windows = defaultWindows, ...given } = {} } = options;
  const settings = { ...(given.keepStatements && statementsOf(trainExamples, name)), ...given, windows };
  return createClassifier<PairExample>(
    { ...options, settings },
    {
      kind: 'pair-classification',
      read: (examples, tokenizer, lengths) =>
        readPairs(
          examples.map((example) => pairOf(example, name)),
          tokenizer,
          { ...lengths, windows },
        ),
      explain(example, label, read) {
        const support = read.map(({ logits }) => softmaxRows(logits, labels.length)[label]!);
        const { feature } = read[support.indexOf(Math.max(...support))]!;
        const evidence = evidenceOf(example, feature);
        return evidence === undefined ? {} : { evidence };
      },
      show: ({ second }, { evidence }) => ({
        second,
        ...(evidence && { evidence: { of: evidence.of, start: evidence.start, end: evidence.end } }),
      }),
      words: ({ text, second }) => ({ text, second }),
      wordsOfTwo: true,
      baselines: [majorityClass(labels), tfidfPairClass(labels)],
    },
  );
};

/** More are not a fixed list that a person would go through. */
const mostStatements = 100;

/** The different second texts of training; none where there is no training. @throws FieldcraftError FC_DATA for too many of them */
function statementsOf(examples: readonly PairExample[], task: string): { statements?: string[] } {
  const statements = new Set(examples.map(({ second }) => second));
  if (statements.size === 0) return {};
  if (statements.size <= mostStatements) return { statements: [...statements].sort() };
  throw new FieldcraftError('FC_DATA', {
    what: `the statements of the task ${task} are too many to be kept with its model`,
    expected: `at most ${mostStatements} different second texts`,
    got: `${statements.size}`,
    fix: 'declare the task without keepStatements',
  });
}

/** @throws FieldcraftError FC_DATA for an example without a second text */
export function pairOf({ id, text, second }: Unlabelled, task: string): TextPair {
  if (second !== undefined && second.trim() !== '') return [text, second];
  throw new FieldcraftError('FC_DATA', {
    what: `the task ${task} is about pairs, and a second text is missing`,
    where: id,
    fix: 'give it with --second, or as the field "second" of JSON Lines',
  });
}

/** The passage that a window holds; none where it holds its whole text. */
export function evidenceOf(example: Unlabelled, feature: Feature): Evidence | undefined {
  const { first, count, of = 'text' } = feature.stretch;
  const whole = example[of] ?? '';
  const [start, end] = [feature.starts[first] ?? 0, feature.ends[first + count - 1] ?? 0];
  const text = whole.slice(start, end);
  return count === 0 || text.trim() === whole.trim() ? undefined : { of, start, end, text };
}

export const pairClassificationType: TaskType<'pair-classification', ClassificationPrediction> = {
  create: createPairTask,
  title: 'classification of pairs',
  use: (labels) => `gives two texts together exactly one of ${labels}`,
  published: {
    head: 'ForSequenceClassification',
    problem: 'single_label_classification',
    pipeline: 'text-classification',
    reads: 'pairs',
  },
};
