/** Code suggestions as a coder reviews them: what the model assigns, what it nearly did, and what only a title speaks for. */
import type { CodeGuess, CodePrediction, Evidence } from '@fieldcraft/core';

export interface CodeSuggestion {
  readonly code: string;
  /** What the code stands for; absent of a code that the model knows no title of. */
  readonly title?: string;
  readonly probability: number;
  /** The passage that the model looked at most: shown, not evaluated. */
  readonly evidence?: Evidence;
  /** Assigned by the model; likely but below its threshold; or without training examples, suggested by its title alone. */
  readonly from: 'assigned' | 'likely' | 'title';
}

/** Suggestions beyond those assigned. */
const mostLikely = 10;
const mostByTitle = 5;

/** Each code once, under the strongest of its reasons, the likelier first within each. */
export function suggestCodes(
  { codes, ranking, unseen }: CodePrediction,
  titles: Readonly<Record<string, string>> = {},
): CodeSuggestion[] {
  const taken = new Set<string>();
  const take = (guesses: readonly CodeGuess[], from: CodeSuggestion['from'], most: number): CodeSuggestion[] =>
    guesses
      .filter(({ code }) => !taken.has(code))
      .slice(0, most)
      .map(({ code, probability, evidence }) => {
        taken.add(code);
        const title = titles[code];
        return { code, probability, from, ...(title !== undefined && { title }), ...(evidence && { evidence }) };
      });
  const withoutExamples = new Set(unseen.map(({ code }) => code));
  return [
    ...take(codes, 'assigned', codes.length),
    ...take(
      ranking.filter(({ code }) => !withoutExamples.has(code)),
      'likely',
      mostLikely,
    ),
    ...take(unseen, 'title', mostByTitle),
  ];
}
