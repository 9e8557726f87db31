/** Masked-language-model examples: which tokens are hidden, behind what, drawn anew for every pass over the data. */
import { FieldcraftError, random } from '../foundation/index.js';
import type { Encoding } from './encoding.js';
import type { Tokenizer } from './tokenizer.js';

/** The label that losses ignore. */
export const ignoredLabel = -100;

export interface MaskingOptions {
  tokenizer: Pick<Tokenizer, 'maskId' | 'vocabularySize'>;
  seed: number;
  /** What tells this draw from others: the epoch and the example's index, say. */
  draw: readonly number[];
  /** Share of the text's tokens (or words) to predict. Default 0.15. */
  probability?: number;
  /** Hide all pieces of a word or none. Default false. */
  wholeWords?: boolean;
  /** Words to hide more often than others, which are hidden the less for it: the expected share of hidden tokens stays. Default: none. */
  terms?: PreferredTerms;
}

/** Terms by the pieces that they are made of, and how much oftener than another word one is to be hidden. */
export interface PreferredTerms {
  readonly pieces: ReadonlySet<string>;
  readonly preference: number;
}

/** Above this a term's surroundings would be hidden with it. */
const mostHidden = 0.5;

/** Terms as `maskTokens` wants them: a term counts wherever its pieces are a word's, at the beginning of a text or after a space. */
export async function preferTerms(
  terms: readonly string[],
  tokenizer: Pick<Tokenizer, 'encodeMany'>,
  { preference = 3 }: { preference?: number } = {},
): Promise<PreferredTerms> {
  const inputs = terms.flatMap((term) => [term, ` ${term}`]);
  const encodings = await tokenizer.encodeMany(inputs, { addSpecialTokens: false });
  return { pieces: new Set(encodings.map(({ ids }) => ids.join(' '))), preference };
}

/**
 * BERT's masking (Devlin et al. 2019, "BERT: Pre-training of deep bidirectional transformers"): of the tokens to predict, 80 %
 * become [MASK], 10 % a random token, 10 % stay. Special tokens are never chosen, and of a text that has tokens at least one is.
 * @returns new `ids`, and `labels`: the true id where a token is to be predicted, -100 elsewhere.
 * @throws FieldcraftError FC_TOKENIZER when the tokenizer has no mask token.
 */
export function maskTokens(encoding: Encoding, options: MaskingOptions): { ids: Int32Array; labels: Int32Array } {
  const { tokenizer, seed, draw, probability = 0.15, wholeWords = false, terms } = options;
  const { maskId, vocabularySize } = tokenizer;
  if (maskId === undefined) {
    throw new FieldcraftError('FC_TOKENIZER', {
      what: 'the tokenizer has no mask token, which masked language modelling needs',
      fix: 'use a base that was pretrained with one (the BERT or RoBERTa family)',
    });
  }
  const units = maskableUnits(encoding, wholeWords);
  const ids = encoding.ids.slice();
  const labels = new Int32Array(ids.length).fill(ignoredLabel);
  const stream = random(seed, 'masking', ...draw);
  const shareOf = terms === undefined ? () => probability : preferring(terms, encoding, units, probability);
  let chosen = units.filter((unit) => stream.uniform() < shareOf(unit));
  if (chosen.length === 0 && units.length > 0) chosen = units.slice(stream.integer(units.length)).slice(0, 1);
  for (const unit of chosen) {
    for (const token of unit) {
      labels[token] = encoding.ids[token] ?? ignoredLabel;
      const fate = stream.uniform();
      if (fate < 0.8) ids[token] = maskId;
      else if (fate < 0.9) ids[token] = stream.integer(vocabularySize);
    }
  }
  return { ids, labels };
}

/**
 * How likely each unit is chosen, so that the expected number of chosen tokens is `probability` of all. Terms are chosen `preference` times as often as the
 * rest, but at most half of the time, or as often as `probability` says where that is more.
 */
function preferring(
  { pieces, preference }: PreferredTerms,
  encoding: Encoding,
  units: readonly (readonly number[])[],
  probability: number,
): (unit: readonly number[]) => number {
  const preferred = termTokens(encoding, pieces);
  const isTerm = (unit: readonly number[]) => preferred[unit[0] ?? 0] === 1;
  let [inTerms, all] = [0, 0];
  for (const unit of units) {
    all += unit.length;
    if (isTerm(unit)) inTerms += unit.length;
  }
  const others = all - inTerms;
  if (inTerms === 0 || others === 0) return () => probability;
  const wanted = probability * all;
  const even = (preference * wanted) / (others + preference * inTerms);
  const ofTerms = Math.min(even, Math.max(mostHidden, probability), wanted / inTerms);
  const ofOthers = (wanted - ofTerms * inTerms) / others;
  return (unit) => (isTerm(unit) ? ofTerms : ofOthers);
}

/** 1 for each token of a word that is a term. */
function termTokens({ ids, wordIds, sequenceIds, specialMask }: Encoding, pieces: ReadonlySet<string>): Uint8Array {
  const marks = new Uint8Array(ids.length);
  for (let start = 0; start < ids.length;) {
    let end = start + 1;
    while (end < ids.length && wordIds[end] === wordIds[start] && sequenceIds[end] === sequenceIds[start]) end++;
    if (specialMask[start] !== 1 && pieces.has(ids.subarray(start, end).join(' '))) marks.fill(1, start, end);
    start = end;
  }
  return marks;
}

/** The text's tokens, alone or gathered by word. */
function maskableUnits(encoding: Encoding, wholeWords: boolean): number[][] {
  const units: number[][] = [];
  for (let token = 0; token < encoding.ids.length; token++) {
    if (encoding.specialMask[token] === 1) continue;
    const continues =
      wholeWords &&
      token > 0 &&
      encoding.wordIds[token] === encoding.wordIds[token - 1] &&
      encoding.sequenceIds[token] === encoding.sequenceIds[token - 1];
    if (continues) units.at(-1)?.push(token);
    else units.push([token]);
  }
  return units;
}
