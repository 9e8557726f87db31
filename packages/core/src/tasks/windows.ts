/** Texts as features: tokenised, long ones cut into overlapping windows, and what windows say brought together again. */
import { FieldcraftError } from '../foundation/index.js';
import { rowOf } from '../models/index.js';
import { cachedEncode, chooseWindows, planWindows, type Encoding, type Tokenizer } from '../text/index.js';
import type { Feature, FeatureOptions, SequenceLayout } from './task.js';

/** Features of texts, without targets. A text that fits, and one without any token, has one. */
export async function readWindows(
  texts: readonly string[],
  tokenizer: Tokenizer,
  { maxLength, stride, cacheFolder }: Omit<FeatureOptions, 'targets'>,
): Promise<Feature[]> {
  const room = maxLength - tokenizer.specialTokenCount(false);
  const encodings =
    cacheFolder === undefined
      ? await tokenizer.encodeMany(texts)
      : await cachedEncode(texts, tokenizer, { folder: cacheFolder });
  return encodings.flatMap((encoding, example) => {
    const first = Math.max(0, encoding.sequenceIds.indexOf(0));
    const count = encoding.sequenceIds.reduce((sum, id) => sum + (id === 0 ? 1 : 0), 0);
    return planWindows(count, { maxLength: room, stride }).map(({ start, end }, window): Feature => {
      const cut = cutter(encoding, { first, count, start, end });
      return {
        example,
        window,
        ids: cut(encoding.ids),
        typeIds: cut(encoding.typeIds),
        starts: cut(encoding.starts),
        ends: cut(encoding.ends),
        wordIds: cut(encoding.wordIds),
        stretch: { first, count: end - start, offset: start },
      };
    });
  });
}

interface Cut {
  /** Where the text begins, and how many tokens it has. */
  first: number;
  count: number;
  /** The tokens of the text that stay. */
  start: number;
  end: number;
}

/** Takes tokens [start, end) of the text and the special tokens around it: a window as `Tokenizer.encodeWindows` makes it. */
function cutter({ ids }: Encoding, { first, count, start, end }: Cut) {
  const kept = end - start;
  const specialsAfter = ids.length - first - count;
  return <A extends Int32Array | Uint8Array>(values: A): A => {
    if (kept === count) return values;
    // A long text has many windows: each may cost what it holds, not what the text does.
    const window = values.slice(0, first + kept + specialsAfter) as A;
    window.set(values.subarray(first + start, first + end), first);
    window.set(values.subarray(first + count), first + kept);
    return window;
  };
}

/** The features of each example, with their indices among all features; examples without any have an empty list. */
export function byExample(examples: number, features: readonly Feature[]): { feature: Feature; index: number }[][] {
  const groups: { feature: Feature; index: number }[][] = Array.from({ length: examples }, () => []);
  for (const [index, feature] of features.entries()) {
    const group = groups[feature.example];
    if (group === undefined) {
      throw new FieldcraftError('FC_INTERNAL', {
        what: `a feature of example ${feature.example}, which is not among ${examples}`,
      });
    }
    group.push({ feature, index });
  }
  return groups;
}

/** The tokens of a whole text out of its windows, and where each token's logits are. */
export interface JoinedWindows {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly wordIds: Int32Array;
  /** For each token the window in which it has the most context, and its position there. */
  readonly window: Int32Array;
  readonly position: Int32Array;
}

/** Brings the windows of one text together, given in order. */
export function joinWindows(windows: readonly Feature[]): JoinedWindows {
  const ranges = windows.map(({ stretch: { offset, count } }) => ({ start: offset, end: offset + count }));
  const count = ranges.at(-1)?.end ?? 0;
  const window = chooseWindows(count, ranges);
  const position = window.map((w, token) => token - windows[w]!.stretch.offset + windows[w]!.stretch.first);
  const gather = (field: 'starts' | 'ends' | 'wordIds') =>
    window.map((w, token) => windows[w]![field][position[token]!]!);
  return { starts: gather('starts'), ends: gather('ends'), wordIds: gather('wordIds'), window, position };
}

/** A batch's logits of sequences [batch, width] cut apart: one row a feature. */
export function splitSequenceLogits(logits: Float32Array, features: readonly Feature[]): Float32Array[] {
  const width = logits.length / features.length;
  return features.map((_, row) => logits.slice(row * width, (row + 1) * width));
}

/** A batch's logits of tokens [tokens, width], rows position first, cut apart: [its tokens, width] a feature, in reading order. */
export function splitTokenLogits(
  logits: Float32Array,
  features: readonly Feature[],
  { batch, tokens }: SequenceLayout,
): Float32Array[] {
  const width = logits.length / tokens;
  return features.map(({ ids }, sequence) => {
    const rows = new Float32Array(ids.length * width);
    for (let position = 0; position < ids.length; position++) {
      const from = rowOf(position, sequence, batch) * width;
      rows.set(logits.subarray(from, from + width), position * width);
    }
    return rows;
  });
}

/** A sentence about the texts that are read in several windows; none where all fit. */
export function windowNotes(examples: number, features: readonly Feature[]): string[] {
  const long = new Set(features.filter(({ window }) => window > 0).map(({ example }) => example)).size;
  return long === 0
    ? []
    : [
        `${long} of ${examples} texts are longer than one window and are read in ${features.length - examples + long} windows`,
      ];
}
