/** The baseline that looks for the titles of codes in a document: it learns nothing, and so knows every code alike. */

/** Words of titles that say nothing of what is meant. */
const empty = new Set(
  'and or of in the a an to by with without due for from on at not other unspecified specified elsewhere classified nec nos'.split(
    ' ',
  ),
);

/**
 * The share of a title's words that stand in the text, rare words counting more: sum of ln(titles / titles with it) over the words that
 * stand there, by the sum over all. In [0, 1]: `[texts, titles]`, row-major; 0 for a title without a word.
 */
export function matchTitles(titles: readonly string[]): (texts: readonly string[]) => Float64Array {
  const words = titles.map((title) => [...wordsOf(title)].filter((word) => !empty.has(word)));
  const holders = new Map<string, number>();
  for (const word of words.flat()) holders.set(word, (holders.get(word) ?? 0) + 1);
  const weightOf = (word: string) => Math.log((titles.length + 1) / holders.get(word)!);
  const totals = words.map((own) => own.reduce((sum, word) => sum + weightOf(word), 0));
  return (texts) => {
    const shares = new Float64Array(texts.length * titles.length);
    texts.forEach((text, i) => {
      const there = wordsOf(text);
      words.forEach((own, t) => {
        const found = own.reduce((sum, word) => sum + (there.has(word) ? weightOf(word) : 0), 0);
        shares[i * titles.length + t] = totals[t] === 0 ? 0 : found / totals[t]!;
      });
    });
    return shares;
  };
}

/** Words in lower case, a plural s aside. */
const wordsOf = (text: string): Set<string> =>
  new Set(
    (text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? []).map((word) => word.replace(/(?<=\p{L}{3})(?<!s)s$/u, '')),
  );
