/** Documents as windows for masked language modelling: the tokens of paragraphs in sequence, as many as a window holds, so that nothing is padding. */
import { FieldcraftError } from '../foundation/index.js';
import {
  cachedEncode,
  joinTokens,
  sliceTokens,
  type Encoding,
  type TextTokens,
  type Tokenizer,
} from '../text/index.js';
import type { CorpusDocument } from './read-corpus.js';

export interface PackOptions {
  /** Most tokens of a window, special tokens included. */
  readonly maxLength: number;
  /** Folder of the token cache. Default: nothing is cached. */
  readonly cacheFolder?: string | undefined;
}

/** A window: offsets are into `document.paragraphs.join('\n')`, word numbers go on from paragraph to paragraph. */
export interface PackedWindow extends Encoding {
  /** Which of the documents it is from. */
  readonly document: number;
}

/**
 * Windows of at most `maxLength` tokens over each document, special tokens around each. They follow one another without overlap and never cut a word,
 * unless it is longer than a window; the last of a document is the rest. No window holds text of two documents (the DOC-SENTENCES of RoBERTa, Liu et al. 2019,
 * section 4.2): batches are formed without padding, so short ones cost nothing.
 * @throws FieldcraftError FC_CONFIG where special tokens leave no room
 */
export async function packDocuments(
  documents: readonly CorpusDocument[],
  tokenizer: Tokenizer,
  { maxLength, cacheFolder }: PackOptions,
): Promise<PackedWindow[]> {
  const room = maxLength - tokenizer.specialTokenCount(false);
  if (!(room >= 1)) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'the maximum length leaves no room for text',
      expected: 'more tokens than the special tokens need',
      got: `maxLength ${maxLength}`,
    });
  }
  const texts = documents.flatMap(({ paragraphs }) => paragraphs);
  const plain = { addSpecialTokens: false };
  const encodings =
    cacheFolder === undefined
      ? await tokenizer.encodeMany(texts, plain)
      : await cachedEncode(texts, tokenizer, { folder: cacheFolder, ...plain });
  const windows: PackedWindow[] = [];
  let next = 0;
  for (const [document, { paragraphs }] of documents.entries()) {
    const pieces: TextTokens[] = encodings.slice(next, (next += paragraphs.length));
    const tokens = joinTokens(pieces, startsOf(paragraphs));
    for (let start = 0; start < tokens.ids.length;) {
      const end = endOfWindow(tokens.wordIds, start, room);
      windows.push({ ...tokenizer.assembleText(sliceTokens(tokens, start, end)), document });
      start = end;
    }
  }
  return windows;
}

/** Where each paragraph begins when they are joined by line ends. */
function startsOf(paragraphs: readonly string[]): number[] {
  let at = 0;
  return paragraphs.map((paragraph) => {
    const start = at;
    at += paragraph.length + 1;
    return start;
  });
}

/** The last place at most `room` tokens on where a word begins; in a word that long, `room` tokens on. */
function endOfWindow(wordIds: Int32Array, start: number, room: number): number {
  const limit = start + room;
  if (limit >= wordIds.length) return wordIds.length;
  let end = limit;
  while (end > start && wordIds[end] === wordIds[end - 1]) end--;
  return end > start ? end : limit;
}
