/** Exact conversion between the two ways to count characters: Unicode code points (files, Hugging Face) and UTF-16 code units (JavaScript). */

const surrogate = /[\ud800-\udfff]/;

/** Whether the unit at `index` and the next one form one code point. A lone surrogate is a code point of its own. */
function isPair(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  if (unit < 0xd800 || unit > 0xdbff || index + 1 >= text.length) return false;
  const next = text.charCodeAt(index + 1);
  return next >= 0xdc00 && next <= 0xdfff;
}

/**
 * Where each code point of `text` begins, in UTF-16 units, with `text.length` at the end: `table[codePoint]` is its unit.
 * `undefined` when both ways of counting agree (no surrogates), which one scan by the regular-expression engine decides.
 */
export function codeUnitTable(text: string): Int32Array | undefined {
  if (!surrogate.test(text)) return undefined;
  const table = new Int32Array(text.length + 1);
  let points = 0;
  for (let unit = 0; unit < text.length; unit += isPair(text, unit) ? 2 : 1) table[points++] = unit;
  table[points++] = text.length;
  return table.slice(0, points);
}

/** UTF-16 offsets within `text` as code points. An offset in the middle of a surrogate pair counts the code point it cuts. */
export function unitsToCodePoints(text: string, offsets: Iterable<number>): Int32Array {
  if (!surrogate.test(text)) return Int32Array.from(offsets, (offset) => Math.min(offset, text.length));
  const points = new Int32Array(text.length + 1);
  for (let unit = 0, point = 0; unit < text.length; point++) {
    const width = isPair(text, unit) ? 2 : 1;
    points.fill(point + 1, unit + 1, unit + width + 1);
    unit += width;
  }
  return Int32Array.from(offsets, (offset) => points[Math.min(offset, text.length)] ?? 0);
}
