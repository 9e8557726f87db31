/**
 * Reads BibTeX: entries, strings, concatenation, braces, and the LaTeX that titles and abstracts hold. Our own because a library of thousands of
 * entries must be read while others wait: the kept parser that was tried took eleven seconds for two thousand.
 */

export interface BibEntry {
  readonly type: string;
  readonly key: string;
  /** Names in small letters; values as plain text. */
  readonly fields: Readonly<Record<string, string>>;
}

interface Bibliography {
  readonly entries: readonly BibEntry[];
  /** Entries that could not be read, by the line they begin in. */
  readonly unread: readonly { line: number; reason: string }[];
}

const months = Object.fromEntries(
  'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ').map((month) => [month, month]),
);

/** What cannot be read is left out and told of; the entries after it are read. */
export function readBibtex(source: string): Bibliography {
  const strings: Record<string, string> = { ...months };
  const entries: BibEntry[] = [];
  const unread: { line: number; reason: string }[] = [];
  // Text between entries is a comment by BibTeX's rules.
  const opening = /@\s*([A-Za-z]+)\s*[{(]/g;
  for (let match = opening.exec(source); match; match = opening.exec(source)) {
    const type = match[1]!.toLowerCase();
    const start = opening.lastIndex;
    if (type === 'comment' || type === 'preamble') {
      opening.lastIndex = skipBraces(source, start - 1) ?? start;
      continue;
    }
    try {
      const cursor = { at: start };
      if (type === 'string') {
        const { name, value } = readField(source, cursor, strings);
        strings[name] = value;
      } else {
        entries.push(readEntry(source, cursor, type, strings));
      }
      opening.lastIndex = cursor.at;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      unread.push({ line: source.slice(0, match.index).split('\n').length, reason: error.message });
    }
  }
  return { entries, unread };
}

interface Cursor {
  at: number;
}

function readEntry(source: string, cursor: Cursor, type: string, strings: Record<string, string>): BibEntry {
  const key = /[^,\s})]*/y;
  skipSpace(source, cursor);
  key.lastIndex = cursor.at;
  const [name = ''] = key.exec(source) ?? [];
  cursor.at += name.length;
  const fields: Record<string, string> = {};
  for (;;) {
    skipSpace(source, cursor);
    const next = source[cursor.at];
    if (next === '}' || next === ')') break;
    if (next !== ',') throw new SyntaxError(next === undefined ? 'it does not end' : `"," expected before "${next}"`);
    cursor.at++;
    skipSpace(source, cursor);
    if (source[cursor.at] === '}' || source[cursor.at] === ')') break;
    const field = readField(source, cursor, strings);
    fields[field.name] ??= latexText(field.value);
  }
  cursor.at++;
  return { type, key: name, fields };
}

function readField(source: string, cursor: Cursor, strings: Record<string, string>): { name: string; value: string } {
  const pattern = /\s*([A-Za-z][\w:.+/-]*)\s*=/y;
  pattern.lastIndex = cursor.at;
  const [matched, name] = pattern.exec(source) ?? [];
  if (matched === undefined || name === undefined) throw new SyntaxError('a field has no name and "="');
  cursor.at += matched.length;
  let value = '';
  do {
    skipSpace(source, cursor);
    value += readPart(source, cursor, strings);
    skipSpace(source, cursor);
  } while (source[cursor.at] === '#' && cursor.at++ >= 0);
  return { name: name.toLowerCase(), value };
}

function readPart(source: string, cursor: Cursor, strings: Record<string, string>): string {
  const first = source[cursor.at];
  if (first === '{' || first === '"') {
    const end = first === '{' ? skipBraces(source, cursor.at) : skipQuotes(source, cursor.at);
    if (end === undefined) throw new SyntaxError('a value does not end');
    const value = source.slice(cursor.at + 1, end - 1);
    cursor.at = end;
    return value;
  }
  const word = /[^\s,#{}()"=]+/y;
  word.lastIndex = cursor.at;
  const [found] = word.exec(source) ?? [];
  if (found === undefined) throw new SyntaxError('a field has no value');
  cursor.at += found.length;
  return strings[found.toLowerCase()] ?? found;
}

function skipSpace(source: string, cursor: Cursor): void {
  while (/\s/.test(source[cursor.at] ?? '')) cursor.at++;
}

/** Where the braces that open at `start` are closed, after it. */
function skipBraces(source: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < source.length; at++) {
    const sign = source[at];
    if (sign === '\\') at++;
    else if (sign === '{') depth++;
    else if (sign === '}' && --depth === 0) return at + 1;
  }
  return undefined;
}

/** A quotation mark inside braces does not end a value. */
function skipQuotes(source: string, start: number): number | undefined {
  for (let at = start + 1; at < source.length; at++) {
    const sign = source[at];
    if (sign === '\\') at++;
    else if (sign === '"') return at + 1;
    else if (sign === '{') {
      const end = skipBraces(source, at);
      if (end === undefined) return undefined;
      at = end - 1;
    }
  }
  return undefined;
}

/** Combining characters of LaTeX's accents. */
const accents: Readonly<Record<string, string>> = {
  ...{
    '`': '\u0300',
    "'": '\u0301',
    '^': '\u0302',
    '~': '\u0303',
    '=': '\u0304',
    u: '\u0306',
    '.': '\u0307',
    '"': '\u0308',
  },
  ...{ r: '\u030a', H: '\u030b', v: '\u030c', c: '\u0327', k: '\u0328', d: '\u0323', b: '\u0331' },
};

const letters: Readonly<Record<string, string>> = {
  ...{ ss: 'ß', ae: 'æ', AE: 'Æ', oe: 'œ', OE: 'Œ', o: 'ø', O: 'Ø', l: 'ł', L: 'Ł', aa: 'å', AA: 'Å', i: 'i', j: 'j' },
  ...{
    alpha: 'α',
    beta: 'β',
    gamma: 'γ',
    delta: 'δ',
    epsilon: 'ε',
    lambda: 'λ',
    mu: 'μ',
    pi: 'π',
    rho: 'ρ',
    sigma: 'σ',
  },
  ...{ tau: 'τ', phi: 'φ', chi: 'χ', psi: 'ψ', omega: 'ω', Delta: 'Δ', Sigma: 'Σ', Omega: 'Ω', kappa: 'κ', theta: 'θ' },
  ...{ times: '×', pm: '±', leq: '≤', le: '≤', geq: '≥', ge: '≥', approx: '≈', sim: '∼', rightarrow: '→', to: '→' },
  ...{ infty: '∞', cdot: '·', degree: '°', ldots: '…', dots: '…', textendash: '–', textemdash: '—' },
};

/** Follows a sign that was written with a backslash, and so stands for itself; of the private use area. */
const escaped = '\uE000';

/** Plain text of LaTeX as bibliographies hold it. Commands that are not known leave their argument. */
export function latexText(latex: string): string {
  return latex
    .replace(
      /\\([`'^~="._uvHcdbrk])\s*(?:\{\\?([A-Za-z])\}|\\?([A-Za-z]))/g,
      (whole, accent: string, braced?: string, bare?: string) => {
        const mark = accents[accent];
        // "\cite" is a command, and no letter with a cedilla.
        if (mark === undefined || (/[a-zA-Z]/.test(accent) && braced === undefined && !/^\\[a-zA-Z]\s/.test(whole)))
          return whole;
        return `${braced ?? bare ?? ''}${mark}`;
      },
    )
    .replace(/\\([A-Za-z]+)\s?(?:\{\})?/g, (_, name: string) => letters[name] ?? '')
    .replace(/\\([&%$#_{}])/g, `$1${escaped}`)
    .replace(new RegExp(`[{}$](?!${escaped})`, 'g'), '')
    .replaceAll(escaped, '')
    .replace(/\\[\\ ,;!]?/g, ' ')
    .replace(/---/g, '—')
    .replace(/--/g, '–')
    .replace(/``|''/g, '"')
    .replace(/~|\s+/g, ' ')
    .normalize('NFC')
    .trim();
}
