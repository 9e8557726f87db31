/** A smaller vocabulary: of a tokenizer's pieces those that cover given texts best, so that a small model need not carry all of them. */
import { FieldcraftError } from '../foundation/index.js';
import { countWords } from './count-words.js';
import type { PostProcessor, TokenizerLayout } from './layout.js';
import { createTokenizer, type Tokenizer } from './tokenizer.js';
import { readTokenizerFolder, type TokenizerFolder } from './tokenizer-files.js';

export interface PrunedVocabulary {
  readonly tokenizer: Tokenizer;
  /** The number that each piece had before, ascending. */
  readonly kept: Int32Array;
  /** Tokens a word of the texts, each word counted as often as it occurs. */
  readonly fertility: { readonly before: number; readonly after: number };
}

/** Words whose longer pieces are gone fall apart into shorter ones, which then occur more often: they are counted anew so many times. */
const rounds = 4;

/**
 * Keeps `size` pieces of the WordPiece tokenizer in `folder`. Special tokens and single characters always stay, so that whatever could be read can
 * still be read; of the others the most used in `texts`, of equally used ones the earlier. Fewer pieces than that are all kept.
 * @throws FieldcraftError FC_TOKENIZER for a tokenizer of another kind; FC_CONFIG where `size` has no room for what always stays; FC_DATA for no words
 */
export async function pruneVocabulary(
  folder: string,
  { texts, size }: { texts: Iterable<string>; size: number },
): Promise<PrunedVocabulary> {
  const content = readTokenizerFolder(folder);
  const { model } = content.layout;
  if (model.type !== 'WordPiece') {
    throw new FieldcraftError('FC_TOKENIZER', {
      what: 'only vocabularies of WordPiece can be made smaller',
      where: folder,
      got: model.type,
      fix: 'keep the whole vocabulary',
    });
  }
  const pieces = Object.entries(model.vocab).sort(([, a], [, b]) => a - b);
  const special = new Set([
    ...content.layout.added_tokens.map(({ content: token }) => token),
    ...Object.values(content.specialTokens),
    model.unk_token,
  ]);
  const always = new Set(pieces.flatMap(([piece]) => (special.has(piece) || isLetter(piece, model) ? [piece] : [])));
  if (size < always.size) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'a vocabulary too small for its special tokens and single characters',
      expected: `${always.size} pieces or more`,
      got: String(size),
    });
  }
  const words = countWords(texts, content.layout);
  if (words.length === 0) throw new FieldcraftError('FC_DATA', { what: 'the texts hold no words to choose pieces by' });

  let tokenizer = createTokenizer(content, folder);
  let left = pieces.map(([piece]) => piece);
  const before = await countPieces(tokenizer, words);
  let counts = before;
  for (let round = 1; round <= rounds && left.length > size; round++) {
    const wanted = Math.max(size, Math.round(pieces.length * (size / pieces.length) ** (round / rounds)));
    left = mostUsed(left, { wanted, always, counts });
    tokenizer = createTokenizer(keepPieces(content, left), folder);
    counts = await countPieces(tokenizer, words);
  }
  const total = words.reduce((sum, [, count]) => sum + count, 0);
  const perWord = (of: ReadonlyMap<string, number>) => [...of.values()].reduce((sum, count) => sum + count, 0) / total;
  return {
    tokenizer,
    kept: Int32Array.from(left, (piece) => model.vocab[piece] as number),
    fertility: { before: perWord(before), after: perWord(counts) },
  };
}

type WordPiece = Extract<TokenizerLayout['model'], { type: 'WordPiece' }>;

function isLetter(piece: string, { continuing_subword_prefix: prefix }: WordPiece): boolean {
  const bare = piece.startsWith(prefix) ? piece.slice(prefix.length) : piece;
  return Array.from(bare).length <= 1;
}

/** Words encoded at a time. */
const batchSize = 50_000;

/** How often each piece is used for the words, each as often as it occurs. */
async function countPieces(tokenizer: Tokenizer, words: readonly [string, number][]): Promise<Map<string, number>> {
  const counts = new Map<number, number>();
  for (let start = 0; start < words.length; start += batchSize) {
    const batch = words.slice(start, start + batchSize);
    const encodings = await tokenizer.encodeMany(
      batch.map(([word]) => word),
      { addSpecialTokens: false },
    );
    encodings.forEach(({ ids }, i) => {
      for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + (batch[i]?.[1] ?? 0));
    });
  }
  return new Map([...counts].map(([id, count]) => [tokenizer.idToToken(id) as string, count]));
}

/** So many of the pieces, in their order. */
function mostUsed(
  pieces: readonly string[],
  { wanted, always, counts }: { wanted: number; always: ReadonlySet<string>; counts: ReadonlyMap<string, number> },
): string[] {
  const used = pieces
    .filter((piece) => !always.has(piece))
    .map((piece, order) => ({ piece, order, count: counts.get(piece) ?? 0 }))
    .sort((a, b) => b.count - a.count || a.order - b.order);
  const chosen = new Set(used.slice(0, wanted - always.size).map(({ piece }) => piece));
  return pieces.filter((piece) => always.has(piece) || chosen.has(piece));
}

/** The same tokenizer with these pieces alone, numbered anew in their order. */
function keepPieces({ layout, ...rest }: TokenizerFolder, pieces: readonly string[]): TokenizerFolder {
  const vocab = Object.fromEntries(pieces.map((piece, number) => [piece, number]));
  const added = layout.added_tokens.filter(({ content }) => !Object.hasOwn(vocab, content));
  const numbers = new Map([
    ...Object.entries(vocab),
    ...added.map(({ content }, i): [string, number] => [content, pieces.length + i]),
  ]);
  const numberOf = (token: string) => numbers.get(token) as number;
  return {
    ...rest,
    layout: {
      ...layout,
      model: { ...(layout.model as WordPiece), vocab },
      added_tokens: layout.added_tokens.map((token) => ({ ...token, id: numberOf(token.content) })),
      post_processor: layout.post_processor && renumberProcessor(layout.post_processor, numberOf),
    },
  };
}

function renumberProcessor(
  processor: NonNullable<TokenizerLayout['post_processor']>,
  numberOf: (token: string) => number,
): NonNullable<TokenizerLayout['post_processor']> {
  const one = (part: PostProcessor): PostProcessor => {
    if (part.type === 'TemplateProcessing') {
      const tokens = Object.entries(part.special_tokens).map(([name, token]) => [
        name,
        { ...token, ids: token.tokens.map(numberOf) },
      ]);
      return { ...part, special_tokens: Object.fromEntries(tokens) as typeof part.special_tokens };
    }
    if (part.type === 'ByteLevel') return part;
    const named = ([token]: readonly [string, number]): [string, number] => [token, numberOf(token)];
    return { ...part, sep: named(part.sep), cls: named(part.cls) };
  };
  return processor.type === 'Sequence' ? { ...processor, processors: processor.processors.map(one) } : one(processor);
}
