/** Which short lines are headings, and which words a clause opens with are its title. */

/** Headings of papers, abstracts and clinical notes that stand alone, in lower case. */
const known = new Set(
  (
    'abstract|introduction|background|related work|methods|method|materials and methods|methodology|experiments|experimental setup|results|' +
    'results and discussion|discussion|conclusion|conclusions|limitations|acknowledgements|acknowledgments|references|bibliography|appendix|' +
    'objective|objectives|summary|purpose|design|setting|findings|interpretation|funding|ethics statement|keywords|' +
    'chief complaint|history of present illness|past medical history|past surgical history|family history|social history|medications|' +
    'current medications|allergies|physical examination|physical exam|vital signs|laboratory data|assessment|assessment and plan|plan|' +
    'hospital course|discharge diagnosis|discharge medications|impression|indication|recitals|definitions|preamble|whereas|background facts'
  ).split('|'),
);

/** Words that titles leave in lower case. */
const small = new Set(
  'a an and as at but by for from in into nor of off on onto or over per the to up upon via vs with within without not its our your'.split(
    ' ',
  ),
);

/** Whether it is one of those headings: nothing but text stands under them. */
export const isKnownHeading = (text: string): boolean => known.has(text.trim().replace(/[:.]$/, '').toLowerCase());

const longestHeading = 110;
const mostWords = 14;

/** Whether a text, standing alone, reads as a heading; `numbered` ones need no capitals. */
export function readsAsHeading(text: string, { numbered = false } = {}): boolean {
  const line = text.trim();
  if (line === '' || line.length > longestHeading || line.includes('\n\n')) return false;
  const words = line.split(/\s+/);
  if (words.length > mostWords || !/^["“‘'([]?[\p{Lu}\d]/u.test(line) || !/\p{L}{2}/u.test(line)) return false;
  if (isKnownHeading(line)) return true;
  // A full stop ends a sentence, unless after a few capitalised words.
  if (/[;,]$/.test(line) || (/\.$/.test(line) && words.length > 6)) return false;
  if (/[.!?]["”’)]*\s+\p{Lu}/u.test(line)) return false;
  if (isCapitals(line) || isTitleCase(words)) return numbered || !/\.$/.test(line);
  return numbered && words.length <= 7 && !/\.$/.test(line);
}

/** Whether an unnumbered block is a heading: it reads as one, and longer text follows. */
export function isBareHeading(text: string, next: string | undefined): boolean {
  const line = text.trim();
  if (isKnownHeading(line)) return true;
  // A question over its answer, as in terms and policies.
  if (/\?$/.test(line))
    return line.length <= 90 && next !== undefined && next.length > line.length && !/[.!?]\s/.test(line);
  if (!readsAsHeading(line)) return false;
  const words = line.split(/\s+/);
  if (isCapitals(line)) return line.length <= 90 && /\p{Lu}{3}/u.test(line);
  if (/:$/.test(line)) return words.length <= 6 && line.length <= 50;
  return (
    words.length <= 9 && line.length <= 70 && next !== undefined && next.length > line.length && /\p{L}{4}/u.test(line)
  );
}

const isCapitals = (line: string): boolean => /\p{Lu}{2}/u.test(line) && !/\p{Ll}/u.test(line);

function isTitleCase(words: readonly string[]): boolean {
  const content = words.map((word) => word.replace(/^["“‘'([]+/, '')).filter((word) => /^\p{L}/u.test(word));
  return (
    content.length > 0 &&
    content.every(
      (word, i) => /^\p{Lu}/u.test(word) || (i > 0 && small.has(word.replace(/[^\p{L}]+$/u, '').toLowerCase())),
    )
  );
}

const runIn = /^(["“]?\p{Lu}[^.:;\n]{1,70})([.:]|\s[-–—](?=\s))["”]?\s+(?=\S)/u;

/** The title that a paragraph opens with: "Termination. Either party may ...". */
export function runInTitle(text: string, { numbered }: { numbered: boolean }): string | undefined {
  const found = runIn.exec(text);
  if (!found) return undefined;
  const title = found[1]!.trim().replace(/^["“]/, '');
  const words = title.split(/\s+/);
  // After a full stop a sentence begins; after a colon anything may.
  if (found[2] === '.' && !/^["“‘'(]?[\p{Lu}\d]/u.test(text.slice(found[0].length))) return undefined;
  if (words.length > 8 || abbreviated.test(title)) return undefined;
  const label = !numbered && found[2] === ':' && words.length <= 3;
  const sure =
    label || isCapitals(title) || (isTitleCase(words) && (numbered || (found[2] === ':' && words.length <= 4)));
  return sure ? title : undefined;
}

const abbreviated = /(?:^|\s)(?:Mr|Mrs|Ms|Dr|Prof|St|No|Inc|Ltd|Co|Corp|v|vs|Fig|Sec|Art|al|cf|[A-Z])$/;
