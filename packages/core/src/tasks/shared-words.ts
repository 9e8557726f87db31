/**
 * Words beside the encoder: of kinds that label texts a linear model of their words, of entities a dictionary of those that training has, of answers in a
 * text how much its sentences are like the question, of documents that are ranked how much they are like the query. What they say is added to what the
 * encoder says by a share that the dev part decides (the wide part of Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems"). They are learnt
 * alone: learnt together, words that tell training texts apart would leave the encoder nothing to learn.
 */
import { z } from 'zod';
import {
  compareWords,
  documentWordsSchema,
  findPhrases,
  knownPhrasesSchema,
  likenessToQueries,
  scoreWords,
  sentenceWordsSchema,
  wordModelSchema,
  type PickedSentence,
  type Words,
} from '../evaluation/index.js';
import { FieldcraftError } from '../foundation/index.js';
import type { Span } from '../metrics/index.js';
import { recogniseWords, type WordList } from '../text/index.js';

export const sharedWordsSchema = z.strictObject({
  /** What their scores are multiplied by; a dictionary scores 1 for each word's tag. */
  share: z.number().min(0).max(1_000),
  model: z.union([wordModelSchema, knownPhrasesSchema, sentenceWordsSchema, documentWordsSchema]),
});

export type SharedWords = Readonly<z.output<typeof sharedWordsSchema>>;
export type KnownWords = SharedWords['model'];

/**
 * Logits [rows, width] of examples, one after the other, with what their words add; `textsOf` gives the text of each row of an example. Words
 * are recognised by `vocabulary`, that of the task's settings.
 * @throws FieldcraftError FC_FILE_FORMAT for words that are damaged, or another task's
 */
export function addWords<E extends object>(
  logits: Float64Array,
  words: SharedWords | undefined,
  {
    examples,
    textsOf,
    width,
    vocabulary,
  }: {
    examples: readonly E[];
    textsOf: (example: E) => readonly Words[];
    width: number;
    vocabulary: WordList | undefined;
  },
): Float64Array {
  if (words === undefined || words.share === 0) return logits;
  const { share, model } = words;
  if (!('outputs' in model) || model.outputs !== width) throw notOfTask(`${width} numbers a text`, model);
  const recognised = (text: string) => recogniseWords(text, vocabulary)?.text ?? text;
  const read = ({ text, second }: Words): Words => ({
    text: recognised(text),
    second: second === undefined ? undefined : recognised(second),
  });
  const sums = Float64Array.from(logits);
  let at = 0;
  for (const example of examples) {
    const scores = once(known.scores, [model, example], () => scoreWords(model, textsOf(example).map(read)));
    for (const score of scores) sums[at++]! += share * score;
  }
  return sums;
}

/** The entities that a dictionary finds in a text, whose words are recognised by `vocabulary`. @throws FieldcraftError FC_FILE_FORMAT for another task's words */
export function findKnown(
  { model }: SharedWords,
  example: { readonly text: string },
  { labels, vocabulary }: { labels: readonly string[]; vocabulary: WordList | undefined },
): readonly Span[] {
  if (!('bears' in model)) throw notOfTask('entities', model);
  const found = once(known.entities, [model, example], () => {
    const recognised = recogniseWords(example.text, vocabulary);
    if (recognised === undefined) return findPhrases(model, example);
    return findPhrases(model, recognised).map((span) => ({
      ...span,
      start: recognised.starts[span.start]!,
      end: recognised.ends[span.end - 1]!,
    }));
  });
  if (found.some(({ label }) => !labels.includes(label))) throw notOfTask(labels.join(', '), model);
  return found;
}

/** Every sentence of a text with its likeness to the question about it. @throws FieldcraftError as `findKnown` */
export function compareKnown({ model }: SharedWords, example: Question): readonly PickedSentence[] {
  if (!('of' in model) || model.of !== 'sentences') throw notOfTask('words of sentences', model);
  const { text: passage, second: question = '' } = example;
  return once(known.sentences, [model, example], () => compareWords(model, { passage, question }));
}

/** How much documents are like a query, each from 0 to below 1. @throws FieldcraftError as `findKnown` */
export function likenessByWords({ model }: SharedWords, documents: readonly string[]): (query: string) => Float64Array {
  if (!('of' in model) || model.of !== 'documents') throw notOfTask('words of documents', model);
  return likenessToQueries(model, documents);
}

export interface Question {
  readonly text: string;
  readonly second?: string | undefined;
}

/** What words say of an example, by model and example. */
type Known<A> = WeakMap<object, WeakMap<object, A>>;

const known = {
  scores: new WeakMap() as Known<Float64Array>,
  entities: new WeakMap() as Known<readonly Span[]>,
  sentences: new WeakMap() as Known<readonly PickedSentence[]>,
};

/** An example is read once: a dev part is tuned on with many shares. */
function once<A>(answers: Known<A>, [model, example]: readonly [object, object], read: () => A): A {
  const ofModel = answers.get(model) ?? new WeakMap<object, A>();
  answers.set(model, ofModel);
  const answer = ofModel.get(example) ?? read();
  ofModel.set(example, answer);
  return answer;
}

const notOfTask = (expected: string, model: KnownWords): FieldcraftError =>
  new FieldcraftError('FC_FILE_FORMAT', {
    what: 'the words that a model keeps are not those of its task',
    expected,
    got:
      'outputs' in model
        ? `${model.outputs} numbers a text`
        : 'bears' in model
          ? `entities of ${model.labels.slice(1).join(', ')}`
          : `words of ${model.of}`,
  });
