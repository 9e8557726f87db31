/** Cutting a long text into pieces that can be tokenised one by one with exactly the tokens of the whole. */
import { FieldcraftError } from '../foundation/index.js';
import { bertNormalizer, preTokenizerOf, type TokenizerLayout } from './layout.js';

/** Pieces end at the last safe place before this many UTF-16 units: small enough to run beside each other, large enough to be rare. */
const pieceLength = 1 << 16;
/** A piece without a safe place to cut may grow to this many units, which takes the native library up to 600 MB. */
const pieceLimit = 1 << 20;

/**
 * Whether position `i` of a text is a place to cut; `undefined` for tokenizers that give no such guarantee.
 *
 * A single ASCII space or line feed between two visible characters is one for BERT and for byte-level tokenizers: normalisation
 * works on one character, or on a character and its combining marks, neither of which reaches across white space; both
 * pre-tokenizers begin a new word there; and models see one word at a time. The white space goes to the later piece, as byte-level
 * words begin with it. Added tokens are matched in the raw text and may swallow white space: no cut beside their first or last
 * character.
 */
export function cutRule(layout: TokenizerLayout): ((text: string, i: number) => boolean) | undefined {
  const pre = preTokenizerOf(layout);
  const bert = pre.type === 'BertPreTokenizer' && (layout.normalizer == null || bertNormalizer(layout) !== undefined);
  const post = layout.post_processor;
  // With add_prefix_space the first word of a piece would be treated unlike the same word inside a text.
  const byteLevel =
    pre.type === 'ByteLevel' &&
    pre.add_prefix_space === false &&
    pre.use_regex !== false &&
    layout.normalizer == null &&
    (post?.type === 'RobertaProcessing' || post?.type === 'ByteLevel') &&
    !post.add_prefix_space;
  const added = layout.added_tokens;
  const surprising = added.some(
    (token) => /\s/.test(token.content) || ((token.lstrip || token.rstrip) && token.normalized),
  );
  if ((!bert && !byteLevel) || surprising) return undefined;
  const edges = new Set(added.flatMap(({ content }) => [content[0], content.at(-1)]));
  return (text, i) => {
    const unit = text.charCodeAt(i);
    if (unit !== 0x20 && unit !== 0x0a) return false;
    const before = text[i - 1];
    const after = text[i + 1];
    if (before === undefined || after === undefined) return false;
    return !/\s/.test(before) && !/\s/.test(after) && !edges.has(before) && !edges.has(after);
  };
}

/**
 * Where the pieces of `text` begin, 0 first; a short text is one piece.
 * @throws FieldcraftError FC_DATA when a stretch of more than a million units has no place to cut.
 */
export function pieceStarts(text: string, canCut: ReturnType<typeof cutRule>): number[] {
  const starts = [0];
  for (let start = 0; text.length - start > pieceLength;) {
    const cut = canCut === undefined ? undefined : findCut(text, start, canCut);
    if (cut === undefined) {
      if (text.length - start > pieceLimit) throw tooLong(text.length - start);
      break;
    }
    starts.push(cut);
    start = cut;
  }
  return starts;
}

/** The last place to cut within `pieceLength` of `start`, or the first one after it and within `pieceLimit`. */
function findCut(text: string, start: number, canCut: (text: string, i: number) => boolean): number | undefined {
  const aim = start + pieceLength;
  for (let i = aim; i > start; i--) if (canCut(text, i)) return i;
  const limit = Math.min(start + pieceLimit, text.length);
  for (let i = aim + 1; i < limit; i++) if (canCut(text, i)) return i;
  return undefined;
}

function tooLong(length: number): FieldcraftError {
  return new FieldcraftError('FC_DATA', {
    what: 'a text is too long to be tokenised in one piece and cannot be cut without changing its tokens',
    expected: `at most ${pieceLimit} characters between two places where words are plainly separated`,
    got: `${length} characters`,
    fix: 'split the text into documents, or check that it is text at all',
  });
}
