/**
 * Which tag follows which. A head gives each word its tags without knowing what those beside it bear, so one that learnt from little breaks names into
 * pieces of several types; tags are then chosen together (the decoding of Viterbi 1967; odds over priors beside a network's posteriors: Bourlard and
 * Morgan 1994, chapter 7).
 */
import { z } from 'zod';
import { FieldcraftError } from '../foundation/index.js';
import { argmaxRows } from '../metrics/index.js';

export const tagTransitionsSchema = z.strictObject({
  /** What the log odds are multiplied by, beside the logarithms of the head's probabilities. */
  weight: z.number().positive().max(10),
  /** [tags, tags], row by row: how much likelier than anywhere a tag is after another one. A text begins as after O. */
  logOdds: z.array(z.number()).max(1_000_000),
});
export type TagTransitions = Readonly<z.output<typeof tagTransitionsSchema>>;

/**
 * The log odds of tags after tags in training, of the words of each text in order. A pair of tags that was never seen counts as a part of one, divided
 * over all tags as they are frequent, so that nothing is impossible.
 */
export function countTransitions(texts: Iterable<ArrayLike<number>>, width: number): number[] {
  const pairs = new Float64Array(width * width);
  const frequency = new Float64Array(width).fill(1);
  for (const tags of texts) {
    for (let w = 0; w < tags.length; w++) {
      pairs[(w === 0 ? 0 : tags[w - 1]!) * width + tags[w]!]! += 1;
      frequency[tags[w]!]! += 1;
    }
  }
  const all = frequency.reduce((sum, count) => sum + count, 0);
  return Array.from(pairs, (count, at) => {
    const from = Math.floor(at / width) * width;
    const after = pairs.subarray(from, from + width).reduce((sum, one) => sum + one, 0);
    const prior = frequency[at % width]! / all;
    return Number(Math.log((count / prior + 1) / (after + 1)).toFixed(3));
  });
}

/** @throws FieldcraftError FC_FILE_FORMAT for those of another number of tags */
export function requireTransitions(transitions: TagTransitions | undefined, width: number): void {
  if (transitions === undefined || transitions.logOdds.length === width * width) return;
  throw new FieldcraftError('FC_FILE_FORMAT', {
    what: 'the transitions that a model keeps are not those of its task',
    expected: `${width * width} log odds of ${width} tags`,
    got: `${transitions.logOdds.length}`,
  });
}

/** The likeliest tags of the words of a text, of whose probabilities [words, tags] each row is one; without transitions each word's own. */
export function likeliestTags(
  probabilities: ArrayLike<number>,
  width: number,
  transitions: TagTransitions | undefined,
): Int32Array {
  if (transitions === undefined) return argmaxRows(probabilities, width);
  const { weight, logOdds } = transitions;
  const words = probabilities.length / width;
  const cameFrom = new Int32Array(words * width);
  let scores = Float64Array.from({ length: width }, (_, tag) => (tag === 0 ? 0 : -Infinity));
  for (let w = 0; w < words; w++) {
    const next = new Float64Array(width);
    for (let to = 0; to < width; to++) {
      let best = 0;
      let most = -Infinity;
      for (let from = 0; from < width; from++) {
        const score = scores[from]! + weight * logOdds[from * width + to]!;
        if (score > most) [best, most] = [from, score];
      }
      cameFrom[w * width + to] = best;
      next[to] = most + Math.log(Math.max(probabilities[w * width + to]!, Number.MIN_VALUE));
    }
    scores = next;
  }
  const tags = new Int32Array(words);
  let tag = scores.indexOf(Math.max(...scores));
  for (let w = words - 1; w >= 0; w--) {
    tags[w] = tag;
    tag = cameFrom[w * width + tag]!;
  }
  return tags;
}
