/** Finds codes by what a coder types: a code, its beginning, or words of its title. */

interface FoundCode {
  readonly code: string;
  readonly title: string;
}

export interface CodeSearch {
  /** How many codes there are to find. */
  readonly size: number;
  /** The best first; nothing for a query without letters or digits. */
  find(query: string, limit?: number): FoundCode[];
}

interface Entry extends FoundCode {
  /** The code without its full stop, in small letters. */
  readonly key: string;
  readonly words: readonly string[];
}

/**
 * Searches codes by their titles. Every word of a query must begin the code or a word of the title; where no code has them all, those with the
 * most come first. Accents and letter case do not matter, and "E11.9" finds what begins with E11 where codes are cut to their category.
 */
export function createCodeSearch(titles: Readonly<Record<string, string>>): CodeSearch {
  const entries = Object.entries(titles)
    .map(([code, title]): Entry => ({ code, title, key: keyOf(code), words: wordsOf(title) }))
    .sort((a, b) => a.code.localeCompare(b.code, 'en'));
  const longest = Math.max(0, ...entries.map(({ key }) => key.length));

  return {
    size: entries.length,
    find(query, limit = 20) {
      const asked = wordsOf(query);
      const code = keyOf(query.trim().split(/\s+/)[0] ?? '');
      if (asked.length === 0) return [];
      const byCode = /^[a-z]\d/.test(code) ? code.slice(0, longest) : undefined;
      return entries
        .map((entry) => ({ entry, score: scoreOf(entry, asked, byCode) }))
        .filter(({ score }) => score > 0)
        .sort((a, b) => b.score - a.score)
        .slice(0, limit)
        .map(({ entry: { code: found, title } }) => ({ code: found, title }));
    },
  };
}

/** Of the words asked for, how many the title has, whole ones before beginnings; then titles of few other words. 0: none. */
function scoreOf({ key, words }: Entry, asked: readonly string[], code: string | undefined): number {
  if (code !== undefined && key.startsWith(code)) return 1_000 - key.length;
  let [found, whole] = [0, 0];
  for (const word of asked) {
    if (words.includes(word)) whole++;
    else if (!words.some((one) => one.startsWith(word))) continue;
    found++;
  }
  if (found === 0) return 0;
  // A title with one of four words is no answer beside one with all four, but better than none.
  return 100 * (found / asked.length) + 10 * (whole / asked.length) - words.length / 100;
}

const keyOf = (code: string): string => code.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Words without accents; those of one letter say nothing. */
function wordsOf(text: string): string[] {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return [...plain.matchAll(/[\p{L}\p{N}]+/gu)].map(([word]) => word).filter((word) => word.length > 1);
}
