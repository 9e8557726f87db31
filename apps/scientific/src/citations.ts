/** Where a text cites: numbers in brackets, names with years, and LaTeX's commands. */

export interface Citation {
  /** UTF-16 indices in the text, `end` exclusive. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const year = String.raw`(?:1[89]|20)\d\d[a-z]?`;
/** Letters, with the particles and hyphens of names. */
const name = String.raw`(?:(?:van|von|der|den|de|da|di|la|le)\s){0,3}\p{Lu}[\p{L}'’-]+`;
const names = String.raw`${name}(?:\s+et\s+al\.?|(?:,\s+${name}){0,4},?\s+(?:and|&)\s+${name})?`;
const number = String.raw`\d{1,3}(?:\s*[-–]\s*\d{1,3})?`;

const patterns = [
  // [1], [2, 4-6]
  String.raw`\[${number}(?:\s*[,;]\s*${number}){0,30}\]`,
  // (Smith et al., 2019; Lee and Wu, 2020), (see Smith, 2019)
  String.raw`\([^()]{0,200}?\p{Lu}[^()]{0,200}?,?\s${year}(?:[^()]{0,300}?)\)`,
  // Smith et al. (2019), Lee and Wu [2020]
  String.raw`${names}\s*[([]\s*${year}(?:\s*[,;]\s*${year}){0,5}\s*[)\]]`,
  String.raw`\\cite[a-z]*\*?(?:\[[^\]]{0,100}\]){0,2}\{[^}]{1,300}\}`,
];
const anyCitation = new RegExp(patterns.join('|'), 'gu');

/** In order, none within another. */
export function findCitations(text: string): Citation[] {
  return [...text.matchAll(anyCitation)].map(({ 0: found, index }) => {
    return { start: index, end: index + found.length, text: found };
  });
}

/** The sentence with the cited work marked, as the task of purposes reads it. */
export function markCitation(sentence: string, { start, end }: Pick<Citation, 'start' | 'end'>): string {
  return `${sentence.slice(0, start)}<cite>${sentence.slice(start, end)}</cite>${sentence.slice(end)}`;
}
