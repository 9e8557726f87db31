/** How many tokens of a text, or of a text and its pair, are kept when they must fit into a length: Hugging Face's three strategies. */
import { FieldcraftError } from '../foundation/index.js';

/** Which text loses tokens: the longer one until both are level, only the first, or only its pair. Tokens are cut at the end. */
export type Truncation = 'longest-first' | 'only-first' | 'only-second';

/**
 * How many tokens are kept of each of `lengths` (one or two), so that together they are at most `room`.
 * @throws FieldcraftError FC_CONFIG when the text that may be cut is too short to make the others fit.
 */
export function truncatedLengths(lengths: readonly number[], room: number, truncation: Truncation): number[] {
  const [first = 0, second] = lengths;
  const excess = first + (second ?? 0) - Math.max(room, 0);
  if (excess <= 0) return [...lengths];
  if (room <= 0) return lengths.map(() => 0);
  if (truncation === 'longest-first') {
    return second === undefined ? [first - excess] : levelled(first, second, room);
  }
  const cut = truncation === 'only-first' ? first : second;
  if (cut === undefined || cut <= excess) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'a text is too short to be cut to the maximum length',
      expected: `more than ${excess} tokens in the ${truncation === 'only-first' ? 'first' : 'second'} text`,
      got: cut === undefined ? 'no second text' : `${cut} tokens`,
      fix: "raise the maximum length or use 'longest-first'",
    });
  }
  return truncation === 'only-first'
    ? second === undefined
      ? [first - excess]
      : [first - excess, second]
    : [first, cut - excess];
}

/** Only the longer text is cut while the shorter fits into half of the room; otherwise both get half, the longer the odd token. */
function levelled(first: number, second: number, room: number): [number, number] {
  const shorter = Math.min(first, second, Math.floor(room / 2));
  return first > second ? [room - shorter, shorter] : [shorter, room - shorter];
}
