/** Words that a tokenizer shatters: found, counted, and put into its WordPiece vocabulary as pieces of their own. */
import { Tokenizer as NativeTokenizer } from 'tokenizers';
import { FieldcraftError } from '../foundation/index.js';
import { readTokenizerFolder, type TokenizerFolder } from './tokenizer-files.js';
import { createTokenizer, type Tokenizer } from './tokenizer.js';

export interface ShatteredWord {
  /** As the tokenizer sees it: in lower case where it lower-cases. */
  readonly word: string;
  readonly count: number;
  readonly pieces: readonly string[];
}

export interface ShatteredOptions {
  /** Fewer pieces are no shattering. Default 3. */
  readonly leastPieces?: number;
  /** Fewer times teach a new embedding nothing. Default 20. */
  readonly leastCount?: number;
  /** The words that save most tokens alone. Default 1,000. */
  readonly limit?: number;
}

/** The words of letters that a WordPiece tokenizer cuts into many pieces, those first that would save most tokens as a piece of their own. */
export async function shatteredWords(
  texts: readonly string[],
  tokenizer: Tokenizer,
  { leastPieces = 3, leastCount = 20, limit = 1000 }: ShatteredOptions = {},
): Promise<ShatteredWord[]> {
  const found = new Map<string, { ids: Int32Array; count: number }>();
  await eachWord(texts, tokenizer, (ids) => {
    if (ids.length < leastPieces) return;
    const key = ids.join(' ');
    const known = found.get(key);
    if (known === undefined) found.set(key, { ids: ids.slice(), count: 1 });
    else known.count++;
  });
  return [...found.values()]
    .filter(({ count }) => count >= leastCount)
    .map(({ ids, count }) => {
      const pieces = Array.from(ids, (id) => tokenizer.idToToken(id) ?? '');
      return { word: pieces.map((piece, i) => (i === 0 ? piece : piece.replace(/^##/, ''))).join(''), count, pieces };
    })
    .filter(({ word, pieces }) => /^\p{L}+$/u.test(word) && pieces.slice(1).every((piece) => piece.startsWith('##')))
    .sort((a, b) => saving(b) - saving(a) || (a.word < b.word ? -1 : 1))
    .slice(0, limit);
}

const saving = ({ count, pieces }: ShatteredWord): number => count * (pieces.length - 1);

async function eachWord(
  texts: readonly string[],
  tokenizer: Tokenizer,
  visit: (ids: Int32Array) => void,
): Promise<void> {
  const batch = 1000;
  for (let from = 0; from < texts.length; from += batch) {
    const encodings = await tokenizer.encodeMany(texts.slice(from, from + batch), { addSpecialTokens: false });
    for (const { ids, wordIds } of encodings) {
      for (let start = 0; start < ids.length;) {
        let end = start + 1;
        while (end < ids.length && wordIds[end] === wordIds[start]) end++;
        visit(ids.subarray(start, end));
        start = end;
      }
    }
  }
}

/** A new piece, and the ids of those that it was made of before. */
export interface AddedWord {
  readonly word: string;
  readonly id: number;
  readonly pieces: readonly number[];
}

/**
 * The tokenizer of a folder with words as further pieces of its vocabulary; ids go on after the largest. WordPiece takes the longest piece that fits, so a new word is one
 * token wherever it stands, and longer words that begin like it begin with it. Words that are one piece already, or that the tokenizer does not see as one word, are left out.
 * @throws FieldcraftError FC_CONFIG for a tokenizer of another kind; as `loadTokenizer`
 */
export async function extendWordPiece(
  folder: string,
  words: readonly string[],
): Promise<{ tokenizer: Tokenizer; added: AddedWord[] }> {
  const content = readTokenizerFolder(folder);
  const before = createTokenizer(content, folder);
  const { layout } = content;
  const { model } = layout;
  if (model.type !== 'WordPiece') {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'the vocabulary of this tokenizer cannot be extended',
      where: folder,
      expected: 'a WordPiece vocabulary (BERT and its kin)',
      got: model.type,
      fix: 'use a base of the BERT family, or leave the vocabulary as it is',
    });
  }
  const seen = normaliserOf(content);
  const vocab: Record<string, number> = { ...model.vocab };
  const added: AddedWord[] = [];
  for (const word of words) {
    const normal = seen(word);
    if (normal === undefined || Object.hasOwn(vocab, normal)) continue;
    const { ids } = await before.encode(word, { addSpecialTokens: false });
    if (ids.includes(before.unkId) || ids.length < 2) continue;
    const id = before.vocabularySize + added.length;
    vocab[normal] = id;
    added.push({ word: normal, id, pieces: [...ids] });
  }
  const extended: TokenizerFolder = { ...content, layout: { ...layout, model: { ...model, vocab } } };
  return { tokenizer: createTokenizer(extended, folder), added };
}

/** A word as the model's vocabulary would hold it; undefined where it is none or several. */
function normaliserOf({ layout }: TokenizerFolder): (word: string) => string | undefined {
  const native = NativeTokenizer.fromString(
    JSON.stringify({ version: '1.0', truncation: null, padding: null, ...layout }),
  );
  const [normalizer, preTokenizer] = [native.getNormalizer(), native.getPreTokenizer()];
  return (word) => {
    const normal = normalizer === null ? word : normalizer.normalizeString(word);
    const parts = preTokenizer === null ? [[normal]] : preTokenizer.preTokenizeString(normal);
    return parts.length === 1 ? parts[0]?.[0] : undefined;
  };
}
