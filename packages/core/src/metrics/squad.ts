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
    const one = squadScore(prediction, references[i]!);
    exact += one.exactMatch;
    f1 += one.f1;
  });
  return { exactMatch: 100 * ratio(exact, predictions.length), f1: 100 * ratio(f1, predictions.length) };
}

/** Of one question, both from 0 to 1. As in the script for SQuAD 2.0, references that are empty after normalisation are left out. */
export function squadScore(prediction: string, references: readonly string[]): SquadScores {
  const written = references.map(normalizeAnswer).filter((answer) => answer !== '');
  const answers = written.length === 0 ? [''] : written;
  const guess = normalizeAnswer(prediction);
  return {
    exactMatch: answers.includes(guess) ? 1 : 0,
    f1: Math.max(...answers.map((answer) => tokenF1(guess, answer))),
  };
}

/** What is known of a question when it is decided whether to answer it. */
export interface AnswerChoice {
  /** How much the score of no answer exceeds that of the best answer. */
  readonly margin: number;
  /** F1 where the best answer is given, and where none is. */
  readonly answered: number;
  readonly silent: number;
}

/**
 * The margin up to which answers are given that has the best mean F1, as SQuAD 2.0's script finds it; of equally good ones the lowest, put
 * midway to the next question's margin. 0 for no questions.
 */
export function tuneNullThreshold(questions: readonly AnswerChoice[]): number {
  const sorted = [...questions].sort((a, b) => a.margin - b.margin);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return 0;
  let [gain, best, threshold] = [0, 0, first.margin - 1];
  for (const [i, { margin, answered, silent }] of sorted.entries()) {
    gain += answered - silent;
    const next = sorted[i + 1]?.margin ?? last.margin + 2;
    if (next === margin || gain <= best) continue;
    [best, threshold] = [gain, (margin + next) / 2];
  }
  return threshold;
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
