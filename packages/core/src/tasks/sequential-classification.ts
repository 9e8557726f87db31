/**
 * Sequential sentence classification: one label a sentence of a document, read with its neighbours. The sentence stands between separators
 * and in a segment of its own, as much of its neighbours as fits around it, the nearest first (compare Cohan et al. 2019, who label all
 * sentences of such a window at once).
 */
import type { SequentialExample } from '../data/index.js';
import { majorityClass, tfidfPairClass, type Baseline, type LabelledPair } from '../evaluation/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { cachedEncode, type Encoding, type Tokenizer } from '../text/index.js';
import { createClassifier } from './classification.js';
import type { ClassificationPrediction, Feature, FeatureOptions, Task, Unlabelled } from './task.js';
import type { TaskOptions } from './task-options.js';
import type { TaskType } from './task-type.js';

const defaultNeighbours = 2;

function createSequentialTask(
  options: TaskOptions<SequentialExample>,
): Task<SequentialExample, ClassificationPrediction> {
  const { labels, settings: { neighbours = defaultNeighbours, ownTokens } = {} } = options;
  return createClassifier<SequentialExample>(
    { ...options, settings: { neighbours, ...(ownTokens && { ownTokens }) } },
    {
      kind: 'sequential-classification',
      read: (examples, tokenizer, lengths) => readSentences(examples, tokenizer, { ...lengths, neighbours }),
      show: (example) => near(example, neighbours),
      words: (example) => withNeighbours(example, neighbours),
      wordsOfTwo: true,
      baselines: [majorityClass(labels), tfidfNeighbours(labels, neighbours)],
    },
  );
}

/** Counts the words of the sentence, and apart from them those of its neighbours. */
function tfidfNeighbours(
  labels: readonly string[],
  neighbours: number,
): Baseline<SequentialExample, SequentialExample, Float64Array> {
  const { name, fit } = tfidfPairClass(labels);
  const pairsOf = (examples: readonly SequentialExample[]): LabelledPair[] =>
    examples.map((example) => ({ ...withNeighbours(example, neighbours), label: example.label }));
  return {
    name,
    fit(train) {
      const predict = fit(pairsOf(train));
      return (examples) => predict(pairsOf(examples));
    },
  };
}

/** A sentence, and its neighbours as one text. */
const withNeighbours = ({ text, ...around }: Unlabelled | SequentialExample, neighbours: number) => ({
  text,
  second: Object.values(near(around, neighbours)).flat().join(' '),
});

/** Up to `count` sentences on each side. */
const near = ({ before = [], after = [] }: Partial<Pick<Unlabelled, 'before' | 'after'>>, count: number) => ({
  before: before.slice(Math.max(0, before.length - count)),
  after: after.slice(0, count),
});

async function readSentences(
  examples: readonly Unlabelled[],
  tokenizer: Tokenizer,
  { maxLength, neighbours, cacheFolder }: Omit<FeatureOptions, 'targets'> & { neighbours: number },
): Promise<Feature[]> {
  const { clsId, sepId } = tokenizer;
  if (clsId === undefined || sepId === undefined) {
    throw new FieldcraftError('FC_TOKENIZER', {
      what: 'the vocabulary has no token that begins a text, or none between texts',
    });
  }
  const around = examples.map((example) => near(example, neighbours));
  const texts = [...new Set(examples.flatMap(({ text }, i) => [...around[i]!.before, text, ...around[i]!.after]))];
  const plain = { addSpecialTokens: false };
  const encodings =
    cacheFolder === undefined
      ? await tokenizer.encodeMany(texts, plain)
      : await cachedEncode(texts, tokenizer, { folder: cacheFolder, ...plain });
  const encodingOf = new Map(texts.map((text, i) => [text, encodings[i]!]));
  // Models of one segment have no second.
  const marked = Math.max(...(await tokenizer.encode('a', { pair: 'b' })).typeIds);
  return examples.map(({ text }, example) => {
    const own = encodingOf.get(text)!;
    const count = Math.min(own.ids.length, maxLength - 4);
    const sides = fitAround(around[example]!, encodingOf, maxLength - 4 - count);
    const head = Int32Array.of(clsId, ...sides.before, sepId);
    const tail = Int32Array.of(sepId, ...sides.after, sepId);
    const laidOut = (
      field: 'ids' | 'starts' | 'ends' | 'wordIds',
      [left, right]: readonly [Int32Array, Int32Array],
    ) => {
      const whole = new Int32Array(left.length + count + right.length);
      whole.set(left);
      whole.set(own[field].subarray(0, count), left.length);
      whole.set(right, left.length + count);
      return whole;
    };
    const empty = [new Int32Array(head.length), new Int32Array(tail.length)] as const;
    const ids = laidOut('ids', [head, tail]);
    return {
      example,
      window: 0,
      ids,
      typeIds: new Uint8Array(ids.length).fill(marked, head.length, head.length + count),
      starts: laidOut('starts', empty),
      ends: laidOut('ends', empty),
      wordIds: laidOut('wordIds', [empty[0].fill(-1), empty[1].fill(-1)]),
      stretch: { first: head.length, count, offset: 0 },
    };
  });
}

/** As many tokens of the neighbours as there is room for, the nearest sentences first; of the last one the part that is nearer. */
function fitAround(
  { before, after }: { before: readonly string[]; after: readonly string[] },
  encodingOf: ReadonlyMap<string, Encoding>,
  room: number,
): { before: number[]; after: number[] } {
  const kept = { before: [] as number[], after: [] as number[] };
  for (let distance = 0; distance < Math.max(before.length, after.length); distance++) {
    const [previous, next] = [before[before.length - 1 - distance], after[distance]];
    if (previous !== undefined) {
      const ids = encodingOf.get(previous)!.ids;
      const part = ids.subarray(Math.max(0, ids.length - room));
      kept.before.unshift(...part);
      room -= part.length;
    }
    if (next !== undefined) {
      const part = encodingOf.get(next)!.ids.subarray(0, room);
      kept.after.push(...part);
      room -= part.length;
    }
  }
  return kept;
}

export const sequentialClassificationType: TaskType<'sequential-classification', ClassificationPrediction> = {
  create: createSequentialTask,
  title: 'classification of sentences in sequence',
  ownTokens: true,
  use: (labels) => `gives each sentence of a document exactly one of ${labels}`,
  published: {
    head: 'ForSequenceClassification',
    problem: 'single_label_classification',
    pipeline: 'text-classification',
    reads: 'neighbours',
  },
};
