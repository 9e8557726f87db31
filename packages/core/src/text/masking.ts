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
}

/**
 * BERT's masking (Devlin et al. 2019, "BERT: Pre-training of deep bidirectional transformers"): of the tokens to predict, 80 %
 * become [MASK], 10 % a random token, 10 % stay. Special tokens are never chosen, and of a text that has tokens at least one is.
 * @returns new `ids`, and `labels`: the true id where a token is to be predicted, -100 elsewhere.
 * @throws FieldcraftError FC_TOKENIZER when the tokenizer has no mask token.
 */
export function maskTokens(encoding: Encoding, options: MaskingOptions): { ids: Int32Array; labels: Int32Array } {
  const { tokenizer, seed, draw, probability = 0.15, wholeWords = false } = options;
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
  let chosen = units.filter(() => stream.uniform() < probability);
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
