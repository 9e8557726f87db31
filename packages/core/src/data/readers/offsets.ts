/** Character offsets at the file boundary: most formats count code points, JavaScript counts UTF-16 units. */

/** How a file counts characters. */
export type OffsetUnit = 'code-points' | 'utf-16';

/** A function from an offset in `unit` to a UTF-16 index of `text`; NaN for an offset outside the text. */
export function offsetReader(text: string, unit: OffsetUnit): (offset: number) => number {
  const inside = (offset: number) => (Number.isInteger(offset) && offset >= 0 && offset <= text.length ? offset : NaN);
  if (unit === 'utf-16' || !/[\ud800-\udfff]/.test(text)) return inside;
  const starts: number[] = [];
  for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) starts.push(at);
  starts.push(text.length);
  return (offset) => starts[offset] ?? NaN;
}
