/**
 * Retrieval by a bi-encoder: queries and documents become vectors by themselves, and documents are ranked by the cosine of theirs with the query's.
 * Learnt from pairs of a query and a document that answers it, the documents of a batch being each other's negatives (Henderson et al. 2017;
 * InfoNCE), at a scale of 20 as Sentence-BERT's authors have it. A document that also answers a query, as far as the data says, is no negative for it.
 * The corpus of a part is all its documents. Where words count beside the encoder, likeness by words is added to the cosine (Karpukhin et al. 2020,
 * section 5).
 */
import type { RetrievalExample } from '../data/index.js';
import { fitBm25, fitTfidf, learnDocumentWords, productsWith, worstFirst } from '../evaluation/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { input, type Value } from '../graph/index.js';
import {
  bootstrapSums,
  relevantRanks,
  retrievalMetrics,
  retrievalStatistics,
  sumStatistics,
} from '../metrics/index.js';
import { classDivergence, contrastive, contrastiveScores, type Builder } from '../nn/index.js';
import { likenessByWords, type SharedWords } from './shared-words.js';
import type { RetrievalPrediction, Task, TaskBaseline, Unlabelled } from './task.js';
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

type RetrievalTask = Task<RetrievalExample, RetrievalPrediction>;

const scale = 20;
const defaultPairs = 32;
/** Added to the score of a document that is no negative: its share of the softmax is 0. */
const noNegative = -10_000;
/** Documents of a ranking that are kept. */
const kept = 10;

function createRetrievalTask({ name, labels, settings = {} }: TaskOptions<RetrievalExample>): RetrievalTask {
  const { windows, batchPairs = defaultPairs, symmetric = false } = settings;
  const biasName = `negatives.${name}`;

  /** [pairs, pairs] */
  function scoresOf(b: Builder, rows: Value): Value {
    const { texts, seconds } = bothVectors(b, rows, name);
    return contrastiveScores(texts, seconds, { scale, bias: input(b.graph, biasName, ['pairs', 'pairs']) });
  }

  return {
    ...vectorTask,
    name,
    kind: 'retrieval',
    labels,
    outputs: [],
    settings,
    mainMetric: 'meanReciprocalRank',
    batchWindows: 2 * batchPairs,
    testedWhole: true,

    /** Targets are numbers of documents: that of the pair, then those that answer its query, the same among them. */
    async features(examples, tokenizer, { targets, ...lengths }) {
      const features = await readBothTexts(examples, tokenizer, { ...lengths, windows });
      if (!targets) return features;
      const numbers = new Map<string, number>();
      const numberOf = (document: string): number => {
        const number = numbers.get(document) ?? numbers.size;
        numbers.set(document, number);
        return number;
      };
      return withTargets(features, (i) => {
        const example: RetrievalExample | Unlabelled = examples[i]!;
        if (!('document' in example)) throw withoutTruth(example.id, name);
        return Int32Array.from([example.document, ...example.relevant], numberOf);
      });
    },

    notes: (_, features) => longTextNotes(features),

    loss: (b, rows) => contrastive(scoresOf(b, rows), { symmetric }),

    /** Of which document answers each query. */
    divergence: (b, p, q) => classDivergence(scoresOf(b, p), scoresOf(b, q)),

    targetFeeds(features) {
      const { pairs, feeds } = pairFeeds(features, name);
      const answers = pairs.map(({ target }) => new Set(target?.subarray(1)));
      const data = Float32Array.from({ length: pairs.length ** 2 }, (_, cell) => {
        const [query, document] = [Math.floor(cell / pairs.length), cell % pairs.length];
        return query !== document && answers[query]!.has(pairs[document]!.target![0]!) ? noNegative : 0;
      });
      return { ...feeds, [biasName]: { data, shape: [pairs.length, pairs.length] } };
    },

    learnWords: (examples) => learnDocumentWords(examples.map(({ second }) => second)),

    tune: (_examples, _features, _rows, words) => ({ ...(words && { words }) }),

    decode(examples, features, rows, { words }) {
      const queries = vectorsOf(examples.length, 'text', features, rows);
      const seconds = vectorsOf(examples.length, 'second', features, rows);
      const corpus = corpusOf(examples, name);
      const documents = corpus.first.map((i) => ({ text: examples[i]!.second ?? '', vector: seconds[i]! }));
      const scoresFor = scoreDocuments(documents, words);
      return rankAll(examples, corpus, (i) => scoresFor({ text: examples[i]!.text, vector: queries[i]! }));
    },

    score: (_, predictions) => ({
      metrics: retrievalMetrics(sumStatistics(retrievalStatistics(predictions.map(ranksOf)))),
      perLabel: [],
    }),

    intervals: (_, predictions, options) =>
      bootstrapSums(retrievalStatistics(predictions.map(ranksOf)), retrievalMetrics, options),

    baselines: () => [lexical('tfidf', tfidfScorer), lexical('bm25', fitBm25)],

    mistakes(examples, predictions) {
      const texts = new Map(examples.map(({ document, second }) => [document, second]));
      return worstFirst(
        examples.flatMap(({ id, text, second, relevant }, i) => {
          const prediction = predictions[i]!;
          const [first] = prediction.nearest;
          const [rank = Infinity] = ranksOf(prediction);
          if (first === undefined || relevant.includes(first.document)) return [];
          const found = texts.get(first.document) ?? first.document;
          // So many others stand before the right one.
          return [{ id, text, gold: [second], predicted: [found], error: rank - 1 }];
        }),
      );
    },
  };
}

const ranksOf = ({ ranks = [] }: RetrievalPrediction): readonly number[] => ranks;

/** The different documents of a part, and of each the first example that has it. */
interface Corpus {
  readonly keys: readonly string[];
  readonly first: readonly number[];
}

type Query = RetrievalExample | Unlabelled;

/** @throws FieldcraftError FC_DATA for an example without a document */
function corpusOf(examples: readonly Query[], task: string): Corpus {
  const first = new Map<string, number>();
  examples.forEach((example, i) => {
    if (example.second === undefined) {
      throw new FieldcraftError('FC_DATA', {
        what: `the task ${task} ranks documents, and there are none`,
        where: example.id,
        fix: 'give a file of them with --candidates',
      });
    }
    const key = 'document' in example ? example.document : example.id;
    if (!first.has(key)) first.set(key, i);
  });
  return { keys: [...first.keys()], first: [...first.values()] };
}

/** A text and its vector of length 1. */
export interface ReadText {
  readonly text: string;
  readonly vector: Float32Array;
}

/**
 * Scores documents for a query: the cosine of its vector with theirs, and where words count beside the encoder their likeness times its share.
 * @throws FieldcraftError FC_FILE_FORMAT for words that are damaged, or another task's
 */
export function scoreDocuments(
  documents: readonly ReadText[],
  words: SharedWords | undefined,
): (query: ReadText) => Float64Array {
  const likeness =
    words &&
    likenessByWords(
      words,
      documents.map(({ text }) => text),
    );
  return ({ text, vector }) => {
    const scores = Float64Array.from(documents, (document) => dot(vector, document.vector));
    if (!words || !likeness) return scores;
    const ofWords = likeness(text);
    return scores.map((cosine, i) => cosine + words.share * ofWords[i]!);
  };
}

/** The documents with the highest scores, of equal ones the earlier, the best first. */
export function topOf(scores: Float64Array, most: number): number[] {
  const best: number[] = [];
  for (let i = 0; i < scores.length; i++) {
    if (best.length === most && scores[i]! <= scores[best[most - 1]!]!) continue;
    let at = best.length;
    while (at > 0 && scores[best[at - 1]!]! < scores[i]!) at--;
    best.splice(at, 0, i);
    if (best.length > most) best.pop();
  }
  return best;
}

/** `scoresOf` gives the scores of all documents of the corpus for the query of an example. */
function rankAll(
  examples: readonly Query[],
  { keys }: Corpus,
  scoresOf: (example: number) => Float64Array,
): RetrievalPrediction[] {
  return examples.map((example, i) => {
    const scores = scoresOf(i);
    const nearest = topOf(scores, kept).map((d) => ({ document: keys[d]!, score: scores[d]! }));
    if (!('relevant' in example)) return { nearest };
    const answers = new Set(example.relevant);
    return { nearest, ranks: relevantRanks({ scores, relevant: keys.map((key) => (answers.has(key) ? 1 : 0)) }) };
  });
}

type Baseline = TaskBaseline<RetrievalExample, RetrievalPrediction>;

/** Ranks by words alone: nothing is learnt, words are counted in the documents that are ranked. */
const lexical = (name: string, fit: (documents: string[]) => (query: string) => Float64Array): Baseline => ({
  name,
  predict(_train, _dev, test) {
    const corpus = corpusOf(test, name);
    const scoresOf = fit(corpus.first.map((i) => test[i]!.second));
    return rankAll(test, corpus, (i) => scoresOf(test[i]!.text));
  },
});

function tfidfScorer(documents: string[]): (query: string) => Float64Array {
  const tfidf = fitTfidf(documents, { minDocuments: 1 });
  const products = productsWith(tfidf.transform(documents));
  return (query) => products(tfidf.transform([query]), 0);
}

export const retrievalType: TaskType<'retrieval', RetrievalPrediction> = {
  create: createRetrievalTask,
  title: 'retrieval',
  use: () => 'gives a text a vector, and ranks texts for a query by how like its own theirs are',
  published: { head: 'Model', vectors: true, pipeline: 'feature-extraction', reads: 'candidates' },
};
