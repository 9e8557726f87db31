/** The numbers and signs that clauses, sections and items of lists begin with. */

/** What a block begins with. */
interface Marker {
  /** Markers of one scheme are siblings: `article`, `decimal:2`, `letter`, ... */
  scheme: string;
  /** Without brackets' full stop: `2.3`, `(a)`, `IV`. Absent of bullets. */
  number?: string;
  /** UTF-16 units up to the words. */
  length: number;
}

const roman = '[IVXLC]{1,7}';
const named =
  /^(?:ARTICLE|Article|CHAPTER|Chapter|PART|Part|TITLE|Title)\s{1,4}((?:[IVXLC]{1,7}|\d{1,3}|[A-Z])(?:\.\d{1,3})?)(?![\w])[.:)]?\s{0,4}(?:[-–—]\s{0,4})?/;
const annexed =
  /^(?:EXHIBIT|Exhibit|SCHEDULE|Schedule|ANNEX|Annex|APPENDIX|Appendix|ATTACHMENT|Attachment)\s{1,4}([A-Z0-9]{1,3}(?:[-.]\d{1,3})?)(?![\w])[.:)]?\s{0,4}(?:[-–—]\s{0,4})?/;
const section =
  /^(?:SECTION|Section|SEC\.|Sec\.|CLAUSE|Clause|§{1,2})\s{0,4}(\d{1,4}[A-Z]?(?:\.\d{1,3}){0,5}(?:\([a-z0-9]{1,4}\)){0,4})(?![\w])[.:)]?\s{0,4}(?:[-–—]\s{0,4})?/;
const decimal = /^(\d{1,3}(?:\.\d{1,3}){0,5})([.)]?)(?:\s{1,8}|$)/;
const bracketed = /^(\((?:[a-z]{1,2}|[A-Z]|[ivxl]{1,6}|\d{1,2})\))(?:\s{1,8}|$)/;
const lettered = /^([a-z])[.)](?:\s{1,8})/;
const capital = new RegExp(`^(${roman}|[A-Z])\\.(?:\\s{1,8})`);
const bullet = /^[•◦▪‣·●○■□–—*+-](?:\s{1,8})(?=\S)/;

/**
 * What a text begins with, or undefined. `previous` are the last numbers of each scheme, which settle whether "(i)" follows "(h)", and whether
 * "53 Main Street" follows section 52; without them whatever may be a marker is one.
 */
export function markerOf(text: string, previous?: ReadonlyMap<string, string>): Marker | undefined {
  const article = named.exec(text);
  if (article) return { scheme: 'article', number: article[1]!, length: article[0].length };
  const annex = annexed.exec(text);
  if (annex) return { scheme: 'annex', number: annex[1]!, length: annex[0].length };
  const written = section.exec(text);
  if (written) return { scheme: decimalScheme(written[1]!), number: written[1]!, length: written[0].length };
  const numbered = decimal.exec(text);
  if (numbered) return decimalMarker(numbered, text, previous);
  const inBrackets = bracketed.exec(text);
  if (inBrackets) {
    const number = inBrackets[1]!;
    return { scheme: bracketScheme(number.slice(1, -1), previous ?? new Map()), number, length: inBrackets[0].length };
  }
  const small = lettered.exec(text);
  if (small) return { scheme: 'letter', number: small[1]!, length: small[0].length };
  const large = capital.exec(text);
  if (large) return capitalMarker(large, previous ?? new Map());
  const sign = bullet.exec(text);
  return sign === null ? undefined : { scheme: 'bullet', length: sign[0].length };
}

const decimalScheme = (number: string): string => `decimal:${number.replace(/\(.*$/, '').split('.').length}`;

function decimalMarker(
  [whole, number = '', closing = '']: RegExpExecArray,
  text: string,
  previous: ReadonlyMap<string, string> | undefined,
): Marker | undefined {
  const rest = text.slice(whole.length);
  // "5.1 million" and "10 days" are amounts: without a full stop a capital must follow.
  if (closing === '' && !/^["“‘'([]{0,2}\p{Lu}/u.test(rest)) return undefined;
  // A number alone is one of a page or of a table.
  if (rest === '') return undefined;
  // A bare number is one of a street as well, unless it begins a series or goes on with one.
  const isBare = closing === '' && !number.includes('.') && previous !== undefined;
  if (isBare && number !== '1' && Number(number) !== Number(previous.get('decimal:1')) + 1) return undefined;
  return { scheme: decimalScheme(number), number, length: whole.length };
}

function bracketScheme(inside: string, previous: ReadonlyMap<string, string>): string {
  if (/^\d/.test(inside)) return 'bracketed number';
  if (/^[A-Z]$/.test(inside)) return 'bracketed capital';
  if (!/^[ivxl]+$/.test(inside)) return 'bracketed letter';
  const before = previous.get('bracketed letter')?.slice(1, -1);
  const follows = before?.length === 1 && before.charCodeAt(0) + 1 === inside.charCodeAt(0) && inside.length === 1;
  return follows ? 'bracketed letter' : 'bracketed roman';
}

/** "J. Smith" is a person: a capital counts where it begins a series or goes on with one. */
function capitalMarker(
  [whole, number = '']: RegExpExecArray,
  previous: ReadonlyMap<string, string>,
): Marker | undefined {
  const marker = (scheme: string): Marker => ({ scheme, number, length: whole.length });
  const series = [
    { scheme: 'roman', first: 'I', valueOf: romanValue },
    { scheme: 'capital', first: 'A', valueOf: (letter: string) => (letter.length === 1 ? letter.charCodeAt(0) : NaN) },
  ];
  const next = series.find(({ scheme, valueOf }) => valueOf(number) === valueOf(previous.get(scheme) ?? '') + 1);
  const begun = next ?? series.find(({ first }) => number === first);
  return begun === undefined ? undefined : marker(begun.scheme);
}

const romanDigits: Record<string, number> = { I: 1, V: 5, X: 10, L: 50, C: 100 };

/** NaN for what is no Roman number. */
function romanValue(written: string): number {
  let value = 0;
  for (let i = 0; i < written.length; i++) {
    const digit = romanDigits[written[i]!] ?? NaN;
    value += digit < (romanDigits[written[i + 1] ?? ''] ?? 0) ? -digit : digit;
  }
  return value;
}
