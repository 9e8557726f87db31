/** Pairs of texts as features: tokenised together, a pair that is too long read in the windows of its longer text that matter to the shorter. */
import { cosineRows, fitTfidf } from '../evaluation/index.js';
import { cachedEncode, planWindows, type Encoding, type Tokenizer } from '../text/index.js';
import type { Feature, FeatureOptions } from './task.js';

export type TextPair = readonly [text: string, second: string];

/** Windows of a long text that are read for one short text. */
export const defaultWindows = 4;

export interface PairWindowOptions extends Omit<FeatureOptions, 'targets'> {
  /** The most windows of a pair. */
  readonly windows: number;
}

/**
 * Features of pairs, without targets. A pair that fits has one. Of any other the shorter text stays whole, cut to half of the room where it
 * has more, and the longer one is cut into overlapping windows, of which those most like the shorter text by TF-IDF are read, in their order.
 */
export async function readPairs(
  pairs: readonly TextPair[],
  tokenizer: Tokenizer,
  { maxLength, stride, windows: most, cacheFolder }: PairWindowOptions,
): Promise<Feature[]> {
  const encodings =
    cacheFolder === undefined
      ? await tokenizer.encodeMany(pairs)
      : await cachedEncode(pairs, tokenizer, { folder: cacheFolder });
  return encodings.flatMap((encoding, example) => {
    const counts = [0, 1].map((id) => encoding.sequenceIds.reduce((sum, own) => sum + (own === id ? 1 : 0), 0));
    const [first = 0, second = 0] = counts;
    const sliding = first >= second ? 0 : 1;
    const room = maxLength - (encoding.ids.length - first - second);
    const [longer, shorter] = [Math.max(first, second), Math.min(first, second)];
    const fixed = first + second <= room ? shorter : Math.min(shorter, Math.floor(room / 2));
    const length = Math.max(room - fixed, 1);
    const planned = planWindows(longer, { maxLength: length, stride: Math.min(stride, length - 1) });
    const begins = encoding.sequenceIds.indexOf(sliding);
    const spanOf = ({ start, end }: { start: number; end: number }): string =>
      start === end
        ? ''
        : (pairs[example]?.[sliding] ?? '').slice(encoding.starts[begins + start], encoding.ends[begins + end - 1]);
    const read =
      planned.length <= most
        ? planned
        : bestLike(pairs[example]?.[1 - sliding] ?? '', planned.map(spanOf), most).map((w) => planned[w]!);
    return read.map((range, window) => windowOf(encoding, { example, window, sliding, fixed, ...range }));
  });
}

interface Cut {
  readonly example: number;
  readonly window: number;
  /** The text that is cut into windows, 0 or 1, and its tokens [start, end) that this one holds. */
  readonly sliding: number;
  readonly start: number;
  readonly end: number;
  /** Tokens of the other text that stay. */
  readonly fixed: number;
}

function windowOf(encoding: Encoding, { example, window, sliding, start, end, fixed }: Cut): Feature {
  const kept: number[] = [];
  const seen = [0, 0];
  let first = 0;
  encoding.sequenceIds.forEach((sequence, position) => {
    if (sequence !== -1) {
      const token = seen[sequence]!++;
      if (sequence === sliding ? token < start || token >= end : token >= fixed) return;
      if (sequence === sliding && token === start) first = kept.length;
    }
    kept.push(position);
  });
  const pick = (values: ArrayLike<number>) => Int32Array.from(kept, (position) => values[position]!);
  return {
    example,
    window,
    ids: pick(encoding.ids),
    typeIds: pick(encoding.typeIds),
    starts: pick(encoding.starts),
    ends: pick(encoding.ends),
    wordIds: pick(encoding.wordIds),
    stretch: { first, count: end - start, offset: start, of: sliding === 0 ? 'text' : 'second' },
  };
}

/** The indices of the `most` passages that are most like the query, in the order of the passages; of equal ones the earlier. */
export function bestLike(query: string, passages: readonly string[], most: number): number[] {
  const tfidf = fitTfidf(passages, { minDocuments: 1 });
  const likeness = cosineRows(tfidf.transform(passages), tfidf.transform(passages.map(() => query)));
  return [...passages.keys()]
    .sort((a, b) => likeness[b]! - likeness[a]! || a - b)
    .slice(0, most)
    .sort((a, b) => a - b);
}
