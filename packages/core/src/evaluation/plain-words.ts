/** The words of a text as its language is compared with that of other texts: letters alone, in lower case. */

/** "n't", "'s" and the like: some corpora have cut them off their words, others have not. */
const clitics = /(?:n['’]t|['’](?:s|re|ve|ll|d|m))\b/giu;

/** Runs of two and more letters, in lower case; figures, marks and what an apostrophe adds to a word are left out. */
export const plainWords = (text: string): string[] =>
  text
    .replace(clitics, ' ')
    .toLowerCase()
    .match(/\p{L}[\p{L}\p{M}]+/gu) ?? [];
