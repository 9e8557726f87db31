/** How well a tokenizer knows the words of texts: tokens a word, words that are one token, and those that fall to pieces. */
import type { Encoding } from './encoding.js';
import type { Tokenizer } from './tokenizer.js';

/** A word is a run of letters, digits and marks with a letter in it, as the tokenizers of the BERT family cut words too. */
export interface KnownWords {
  /** Running words. */
  readonly words: number;
  /** Tokens a running word: "fertility" (Ács 2019; Rust et al. 2021, section 4.1). 1 where every word is one token; 0 where there are no words. */
  readonly fertility: number;
  /** Share of running words that are one token. */
  readonly whole: number;
  /** Share of running words in which the tokenizer knows a character not at all. */
  readonly unknown: number;
  /** Words of three pieces and more, those that cost the most tokens first; lower case. */
  readonly shattered: readonly { readonly word: string; readonly pieces: number; readonly count: number }[];
}

/** From so many pieces on a word is said to be shattered; two are often a stem and its ending. */
const manyPieces = 3;
/** Shattered words that are listed. */
const mostListed = 20;

const words = /[\p{L}\p{M}\p{N}]+/gu;

/** `encodings[i]` is that of `texts[i]` alone, special tokens or not; `unkId` is the tokenizer's. */
export function measureWords(
  texts: readonly string[],
  encodings: readonly Pick<Encoding, 'ids' | 'starts' | 'ends' | 'specialMask'>[],
  { unkId }: { readonly unkId: number },
): KnownWords {
  const shattered = new Map<string, { pieces: number; count: number }>();
  let [running, tokens, whole, unknown] = [0, 0, 0, 0];
  texts.forEach((text, i) => {
    const encoding = encodings[i];
    if (encoding === undefined) return;
    const { ids, starts, ends, specialMask } = encoding;
    let token = 0;
    for (const { 0: word, index } of text.matchAll(words)) {
      if (!/\p{L}/u.test(word)) continue;
      const end = index + word.length;
      while (token < ids.length && (specialMask[token] === 1 || (ends[token] ?? 0) <= index)) token++;
      let [pieces, isUnknown] = [0, false];
      for (let at = token; at < ids.length && specialMask[at] !== 1 && (starts[at] ?? 0) < end; at++) {
        pieces++;
        isUnknown ||= ids[at] === unkId;
      }
      // Characters that a tokenizer leaves out altogether.
      if (pieces === 0) continue;
      running++;
      tokens += pieces;
      if (isUnknown) unknown++;
      else if (pieces === 1) whole++;
      if (pieces < manyPieces) continue;
      const key = word.toLowerCase();
      shattered.set(key, { pieces, count: (shattered.get(key)?.count ?? 0) + 1 });
    }
  });
  const share = (count: number) => (running === 0 ? 0 : count / running);
  return {
    words: running,
    fertility: share(tokens),
    whole: share(whole),
    unknown: share(unknown),
    shattered: [...shattered]
      .map(([word, found]) => ({ word, ...found }))
      .sort((a, b) => b.count * (b.pieces - 1) - a.count * (a.pieces - 1) || (a.word < b.word ? -1 : 1))
      .slice(0, mostListed),
  };
}

/** Tokens a word, on average over the words of the texts; 0 where there are none. */
export async function measureFertility(texts: readonly string[], tokenizer: Tokenizer): Promise<number> {
  const batch = 1000;
  let [words, tokens] = [0, 0];
  for (let from = 0; from < texts.length; from += batch) {
    const some = texts.slice(from, from + batch);
    const known = measureWords(some, await tokenizer.encodeMany(some, { addSpecialTokens: false }), tokenizer);
    words += known.words;
    tokens += known.words * known.fertility;
  }
  return words === 0 ? 0 : tokens / words;
}
