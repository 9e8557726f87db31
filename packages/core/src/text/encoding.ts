/** What a tokenizer makes of a text: parallel arrays, one entry a token. */

/** Tokens of one text or pair. All arrays have the same length. */
export interface Encoding {
  readonly ids: Int32Array;
  /** Segment of each token as the model's token-type embedding wants it. */
  readonly typeIds: Uint8Array;
  /** First UTF-16 unit of each token in the text it came from; 0 for tokens that the tokenizer added. */
  readonly starts: Int32Array;
  /** One past the last UTF-16 unit; 0 for tokens that the tokenizer added. */
  readonly ends: Int32Array;
  /** 1 for tokens that the tokenizer added ([CLS], [SEP]), 0 for tokens of the text. */
  readonly specialMask: Uint8Array;
  /** Which pre-token ("word") of its text each token belongs to, from 0; -1 for added tokens. */
  readonly wordIds: Int32Array;
  /** 0 for tokens of the text, 1 for tokens of the pair, -1 for added tokens. */
  readonly sequenceIds: Int8Array;
}

/** The tokens of one text alone, before special tokens are put around them. */
export type TextTokens = Pick<Encoding, 'ids' | 'starts' | 'ends' | 'wordIds'>;

/** Tokens [start, end) of `tokens`, as views on the same memory. */
export function sliceTokens(tokens: TextTokens, start: number, end: number): TextTokens {
  return {
    ids: tokens.ids.subarray(start, end),
    starts: tokens.starts.subarray(start, end),
    ends: tokens.ends.subarray(start, end),
    wordIds: tokens.wordIds.subarray(start, end),
  };
}

/** Tokens of consecutive pieces of one text as one; `unitOffsets` says where in the text each piece begins. */
export function joinTokens(pieces: readonly TextTokens[], unitOffsets: readonly number[]): TextTokens {
  const first = pieces[0];
  if (pieces.length === 1 && first !== undefined) return first;
  const total = pieces.reduce((sum, piece) => sum + piece.ids.length, 0);
  const joined = {
    ids: new Int32Array(total),
    starts: new Int32Array(total),
    ends: new Int32Array(total),
    wordIds: new Int32Array(total),
  };
  let at = 0;
  let words = 0;
  for (const [index, piece] of pieces.entries()) {
    const unit = unitOffsets[index] ?? 0;
    joined.ids.set(piece.ids, at);
    for (let i = 0; i < piece.ids.length; i++) {
      joined.starts[at + i] = (piece.starts[i] ?? 0) + unit;
      joined.ends[at + i] = (piece.ends[i] ?? 0) + unit;
      joined.wordIds[at + i] = (piece.wordIds[i] ?? 0) + words;
    }
    at += piece.ids.length;
    words = at === 0 ? 0 : (joined.wordIds[at - 1] ?? -1) + 1;
  }
  return joined;
}
