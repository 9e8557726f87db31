/** Extractive question answering: exact match and token F1 of SQuAD's official script (Rajpurkar et al. 2016, 2018). */
import { requireLength } from './checks.js';
import { ratio, scoresOf } from './scores.js';

export interface SquadScores {
  /** Percent of answers equal to one of the references after normalisation. */
  exactMatch: number;
  /** Mean token F1 with the best reference, in percent. */
  f1: number;
}

/**
 * Scores of predicted answers; `references[i]` are all accepted answers of question i, an empty text (or none) meaning that there is no
 * answer. Where either side is empty after normalisation, F1 is 1 if both are, else 0. All 0 for no question.
 */
export function squadScores(predictions: readonly string[], references: readonly (readonly string[])[]): SquadScores {
  requireLength('squad: references', predictions.length, references.length);
  let exact = 0;
  let f1 = 0;
  predictions.forEach((prediction, i) => {
    const answers = references[i]!.length === 0 ? [''] : references[i]!;
    const guess = normalizeAnswer(prediction);
    exact += answers.some((answer) => normalizeAnswer(answer) === guess) ? 1 : 0;
    f1 += Math.max(...answers.map((answer) => tokenF1(guess, normalizeAnswer(answer))));
  });
  return { exactMatch: 100 * ratio(exact, predictions.length), f1: 100 * ratio(f1, predictions.length) };
}

/** Lowercase, without ASCII punctuation, the articles a, an and the, and surplus white space. */
export function normalizeAnswer(text: string): string {
  return text
    .toLowerCase()
    .replace(/[!-/:-@[-`{-~]/g, '')
    .replace(/(?<![\p{L}\p{N}_])(a|an|the)(?![\p{L}\p{N}_])/gu, ' ')
    .split(/\s+/u)
    .filter((word) => word !== '')
    .join(' ');
}

function tokenF1(guess: string, answer: string): number {
  if (guess === '' || answer === '') return guess === answer ? 1 : 0;
  const left = new Map<string, number>();
  for (const word of answer.split(' ')) left.set(word, (left.get(word) ?? 0) + 1);
  const words = guess.split(' ');
  let common = 0;
  for (const word of words) {
    const count = left.get(word) ?? 0;
    if (count > 0) common += 1;
    left.set(word, count - 1);
  }
  return scoresOf({ truePositives: common, predicted: words.length, support: answer.split(' ').length }).f1;
}
