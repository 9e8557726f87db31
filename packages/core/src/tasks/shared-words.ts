/**
 * Words beside the encoder: of kinds that label texts a linear model of their words, of entities a dictionary of those that training has. What they say
 * is added to the encoder's logits by a share that the dev part decides (the wide part of Cheng et al. 2016, "Wide & Deep Learning for Recommender
 * Systems"). They are learnt alone: learnt together, words that tell training texts apart would leave the encoder nothing to learn.
 */
import { z } from 'zod';
import {
  entityDictionarySchema,
  openDictionary,
  scoreWords,
  wordModelSchema,
  type WordedText,
  type WordModel,
  type Words,
} from '../evaluation/index.js';
import { FieldcraftError } from '../foundation/index.js';
import type { Span } from '../metrics/index.js';

export const sharedWordsSchema = z.strictObject({
  /** What their scores are multiplied by; a dictionary scores 1 for each word's tag. */
  share: z.number().min(0).max(1_000),
  model: z.union([wordModelSchema, entityDictionarySchema]),
});

export type SharedWords = Readonly<z.output<typeof sharedWordsSchema>>;
export type KnownWords = SharedWords['model'];

/**
 * Logits [rows, width] of examples, one after the other, with what their words add; `textsOf` gives the text of each row of an example.
 * @throws FieldcraftError FC_FILE_FORMAT for words that are damaged, or another task's
 */
export function addWords<E extends object>(
  logits: Float64Array,
  words: SharedWords | undefined,
  { examples, textsOf, width }: { examples: readonly E[]; textsOf: (example: E) => readonly Words[]; width: number },
): Float64Array {
  if (words === undefined || words.share === 0) return logits;
  const { share, model } = words;
  if (!('outputs' in model) || model.outputs !== width) throw notOfTask(`${width} numbers a text`, model);
  const known = scored.get(model) ?? new WeakMap<object, Float64Array>();
  scored.set(model, known);
  const sums = Float64Array.from(logits);
  let at = 0;
  for (const example of examples) {
    const scores = known.get(example) ?? scoreWords(model, textsOf(example));
    known.set(example, scores);
    for (const score of scores) sums[at++]! += share * score;
  }
  return sums;
}

/** The scores of examples: a dev part is tuned on with many shares. */
const scored = new WeakMap<WordModel, WeakMap<object, Float64Array>>();

/** The entities that a dictionary finds in a text, once for each. @throws FieldcraftError FC_FILE_FORMAT for another task's words */
export function findKnown(
  { model }: SharedWords,
  example: WordedText,
  labels: readonly string[],
): readonly Span[] {
  if (!('entries' in model)) throw notOfTask('entities', model);
  const known = dictionaries.get(model) ?? {
    find: openDictionary(model),
    found: new WeakMap<object, readonly Span[]>(),
  };
  dictionaries.set(model, known);
  const found = known.found.get(example) ?? known.find(example);
  known.found.set(example, found);
  if (found.some(({ label }) => !labels.includes(label))) throw notOfTask(labels.join(', '), model);
  return found;
}

const dictionaries = new WeakMap<
  object,
  { find: ReturnType<typeof openDictionary>; found: WeakMap<object, readonly Span[]> }
>();

const notOfTask = (expected: string, model: KnownWords): FieldcraftError =>
  new FieldcraftError('FC_FILE_FORMAT', {
    what: 'the words that a model keeps are not those of its task',
    expected,
    got: 'outputs' in model ? `${model.outputs} numbers a text` : `${model.entries.length} entities`,
  });
