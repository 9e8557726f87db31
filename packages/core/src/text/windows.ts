/** Long texts as overlapping windows: where they lie, and which window's prediction counts for a token. */
import { FieldcraftError } from '../foundation/index.js';

/** Tokens [start, end) of a text. */
export interface TokenRange {
  start: number;
  end: number;
}

/**
 * Windows of at most `maxLength` tokens over a text of `tokenCount`, each sharing `stride` tokens with the one before: Hugging
 * Face's overflow windows. The last one is the rest; a text that fits, and an empty one, is one window.
 * @throws FieldcraftError FC_CONFIG unless 0 <= stride < maxLength.
 */
export function planWindows(tokenCount: number, options: { maxLength: number; stride: number }): TokenRange[] {
  const { maxLength, stride } = options;
  if (!Number.isInteger(maxLength) || !Number.isInteger(stride) || stride < 0 || stride >= maxLength) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'windows that cannot move on',
      expected: 'a stride (overlap in tokens) of at least 0 and below the room that special tokens leave',
      got: `a stride of ${stride} in windows with room for ${maxLength} tokens`,
      fix: 'lower the stride or raise the maximum length',
    });
  }
  const windows: TokenRange[] = [];
  for (let start = 0; ; start += maxLength - stride) {
    const end = Math.min(start + maxLength, tokenCount);
    windows.push({ start, end });
    if (end === tokenCount) return windows;
  }
}

/**
 * For each token of a text, the index of the window whose prediction counts: the one in which the token has the most context,
 * that is, the largest distance to the nearer cut. The text's own beginning and end are no cuts. Ties go to the earlier window.
 * @param windows as `planWindows` gives them; together they must cover all `tokenCount` tokens, otherwise FC_INTERNAL.
 */
export function chooseWindows(tokenCount: number, windows: readonly TokenRange[]): Int32Array {
  const chosen = new Int32Array(tokenCount).fill(-1);
  const best = new Float64Array(tokenCount).fill(-1);
  for (const [index, { start, end }] of windows.entries()) {
    for (let token = start; token < end; token++) {
      const left = start === 0 ? Infinity : token - start;
      const right = end === tokenCount ? Infinity : end - 1 - token;
      const context = Math.min(left, right);
      if (context > (best[token] ?? Infinity)) {
        best[token] = context;
        chosen[token] = index;
      }
    }
  }
  const missing = chosen.indexOf(-1);
  if (missing !== -1) {
    throw new FieldcraftError('FC_INTERNAL', { what: `no window holds token ${missing} of ${tokenCount}` });
  }
  return chosen;
}
