/** From a number for each code of each document to what is assigned and suggested. */
import type { CodeExample } from '../data/index.js';
import type { CodedDocument } from '../metrics/index.js';
import { tuneThreshold } from '../metrics/index.js';
import type { CodeGuess, CodePrediction, Evidence } from './task.js';

/** Codes of a ranking that are kept: the likeliest. */
const longestRanking = 100;
/** Codes that training does not have whose evidence is kept. */
const shownUnseen = 3;

export interface GuessOptions {
  /** In the order of `probabilities`: those that training has first. */
  readonly codes: readonly string[];
  readonly seen: number;
  readonly threshold: number;
  readonly evidence?: (code: number) => Evidence | undefined;
}

/** `probabilities` is one a code. Of equally likely codes the earlier stands first. */
export function guessCodes(
  probabilities: ArrayLike<number>,
  { codes, seen, threshold, evidence }: GuessOptions,
): CodePrediction {
  const order = Array.from(codes.keys()).sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);
  const guess = (c: number): CodeGuess => ({ code: codes[c]!, probability: probabilities[c]! });
  const shown = (c: number): CodeGuess => {
    const found = evidence?.(c);
    return found === undefined ? guess(c) : { ...guess(c), evidence: found };
  };
  const unseen = order.filter((c) => c >= seen).slice(0, longestRanking);
  return {
    codes: order.filter((c) => probabilities[c]! >= threshold).map(shown),
    ranking: order.slice(0, longestRanking).map(guess),
    unseen: unseen.map((c, place) => (place < shownUnseen ? shown(c) : guess(c))),
  };
}

/** The threshold on the codes of the rankings with the best micro F1, and 0.5 without any true code. */
export function chooseThreshold(
  examples: readonly CodeExample[],
  predictions: readonly Pick<CodePrediction, 'ranking'>[],
): number {
  const scores: number[] = [];
  const applies: boolean[] = [];
  let positives = 0;
  examples.forEach(({ codes }, i) => {
    const gold = new Set(codes);
    positives += gold.size;
    for (const { code, probability } of predictions[i]!.ranking) {
      scores.push(probability);
      applies.push(gold.has(code));
    }
  });
  return tuneThreshold(scores, applies, positives);
}

export function codedDocuments(
  examples: readonly CodeExample[],
  predictions: readonly CodePrediction[],
): CodedDocument[] {
  const names = (guesses: readonly CodeGuess[]) => guesses.map(({ code }) => code);
  return examples.map(({ codes: gold }, i) => {
    const { codes, ranking, unseen } = predictions[i]!;
    return { gold, assigned: names(codes), ranking: names(ranking), unseen: names(unseen) };
  });
}
