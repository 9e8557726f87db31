/** Numbers as texts write them: digits with separators of either custom, and English words. */

const units: Record<string, number> = Object.fromEntries(
  (
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen ' +
    'nineteen'
  )
    .split(' ')
    .map((word, value) => [word, value]),
);
const tens: Record<string, number> = Object.fromEntries(
  'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ').map((word, i) => [word, (i + 2) * 10]),
);
const scales: Record<string, number> = { hundred: 1e2, thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12 };

const word = [...Object.keys(units), ...Object.keys(tens), ...Object.keys(scales)]
  .sort((a, b) => b.length - a.length)
  .join('|');

/** Source of an expression for a number in words, such as "one hundred and eighty" or "twenty-five". */
export const wordNumber = `(?:${word})(?:(?:\\s{0,2}-\\s{0,2}|\\s{1,3}and\\s{1,3}|\\s{1,3})(?:${word})){0,9}`;

/** Source of an expression for a number in digits: 1,234.56, 1.234,56, 1 234 or 1234. */
export const digitNumber =
  '\\d{1,3}(?:[,.\\u00a0\\u202f ]\\d{3}(?!\\d)){1,6}(?:[.,]\\d{1,4})?(?!\\d)|\\d{1,15}(?:[.,]\\d{1,6})?(?!\\d)';

/** The value of a number in words; NaN for what is none. */
export function valueOfWords(text: string): number {
  let [total, part] = [0, 0];
  for (const piece of text.toLowerCase().split(/[\s-]+/)) {
    if (piece === 'and' || piece === '') continue;
    const value = units[piece] ?? tens[piece];
    const scale = scales[piece];
    if (value !== undefined) part += value;
    else if (scale === 100) part = (part || 1) * scale;
    else if (scale !== undefined) [total, part] = [total + (part || 1) * scale, 0];
    else return NaN;
  }
  return total + part;
}

/**
 * The value of a number in digits. Of one separator alone, three digits after a comma are thousands; after a full stop they are where
 * `threeAreThousands` (amounts of money have no thousandths).
 */
export function valueOfDigits(
  text: string,
  { threeAreThousands = false }: { threeAreThousands?: boolean } = {},
): number {
  const digits = text.replace(/[\s\u00a0\u202f]/g, '');
  const separators = digits.match(/[.,]/g) ?? [];
  const last = separators.at(-1);
  if (last === undefined) return Number(digits);
  const at = digits.lastIndexOf(last);
  const tail = digits.length - at - 1;
  const mixed = separators.some((separator) => separator !== last);
  const grouping = mixed ? false : separators.length > 1 || (tail === 3 && (last === ',' || threeAreThousands));
  if (grouping) return Number(digits.replace(/[.,]/g, ''));
  return Number(`${digits.slice(0, at).replace(/[.,]/g, '')}.${digits.slice(at + 1)}`);
}

const shortScales: Record<string, number> = { k: 1e3, m: 1e6, mm: 1e6, mn: 1e6, mio: 1e6, b: 1e9, bn: 1e9, tn: 1e12 };

/** What stands after a number and multiplies it: "million", "bn", "k". NaN for another word. */
export function scaleOf(text: string | undefined): number {
  const written = text?.trim().toLowerCase() ?? '';
  if (written === '') return 1;
  return shortScales[written] ?? scales[written] ?? NaN;
}
