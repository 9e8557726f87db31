/** Documents ranked for a query by the words that both have: BM25 (Robertson & Zaragoza 2009, section 3.2) with k1 = 1.2 and b = 0.75. */

const [saturation, lengthShare] = [1.2, 0.75];

/**
 * Counts the words of `documents`, lowercased runs of two or more letters, digits and underscores, and returns a function that scores all of them
 * for a query. A word's weight is ln(1 + (N - n + 1/2) / (n + 1/2)), never negative; a word that a query repeats counts as often.
 */
export function fitBm25(documents: readonly string[]): (query: string) => Float64Array {
  const words = documents.map(wordsOf);
  const mean = Math.max(1, words.reduce((sum, { length }) => sum + length, 0) / Math.max(1, documents.length));
  const postings = new Map<string, { document: number; share: number }[]>();
  words.forEach((own, document) => {
    const counts = new Map<string, number>();
    for (const word of own) counts.set(word, (counts.get(word) ?? 0) + 1);
    const norm = saturation * (1 - lengthShare + (lengthShare * own.length) / mean);
    for (const [word, count] of counts) {
      const posting = { document, share: (count * (saturation + 1)) / (count + norm) };
      const known = postings.get(word);
      if (known) known.push(posting);
      else postings.set(word, [posting]);
    }
  });
  return (query) => {
    const scores = new Float64Array(documents.length);
    for (const word of wordsOf(query)) {
      const found = postings.get(word) ?? [];
      const weight = Math.log(1 + (documents.length - found.length + 0.5) / (found.length + 0.5));
      for (const { document, share } of found) scores[document]! += weight * share;
    }
    return scores;
  };
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? [];
