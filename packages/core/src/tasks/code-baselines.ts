/** The simple methods beside code assignment: the usual codes, counted words, and the titles of codes. */
import type { CodeExample } from '../data/index.js';
import { majorityLabels, matchTitles, tfidfLabels } from '../evaluation/index.js';
import { chooseThreshold, guessCodes } from './code-predictions.js';
import { rowsOf, type CodePrediction, type TaskBaseline } from './task.js';

type Baseline = TaskBaseline<CodeExample, CodePrediction>;

export interface BaselineCodes {
  /** Those that training has first. */
  readonly codes: readonly string[];
  readonly seen: number;
  readonly titles: Readonly<Record<string, string>> | undefined;
}

/** Each gives a number for each code; one threshold is tuned on dev, as the model's is. */
export function codeBaselines({ codes, seen, titles }: BaselineCodes): Baseline[] {
  const learnt = codes.slice(0, seen);
  const labelled = (examples: readonly CodeExample[]) => examples.map(({ text, codes: labels }) => ({ text, labels }));
  const decided = (
    dev: readonly CodeExample[],
    test: readonly CodeExample[],
    among: readonly string[],
    predict: (examples: readonly CodeExample[]) => Float64Array,
  ): CodePrediction[] => {
    const guess = (examples: readonly CodeExample[], threshold: number) =>
      rowsOf(predict(examples), among.length).map((own) => guessCodes(own, { codes: among, seen, threshold }));
    return guess(test, chooseThreshold(dev, guess(dev, Infinity)));
  };
  const majority: Baseline = {
    name: 'majority',
    predict: (train, dev, test) => decided(dev, test, learnt, majorityLabels(learnt).fit(labelled(train))),
  };
  const tfidf: Baseline = {
    name: 'tfidf',
    predict: (train, dev, test) => decided(dev, test, learnt, tfidfLabels(learnt).fit(labelled(train))),
  };
  if (titles === undefined) return [majority, tfidf];
  const dictionary: Baseline = {
    name: 'dictionary',
    predict(_, dev, test) {
      const match = matchTitles(codes.map((code) => titles[code] ?? ''));
      return decided(dev, test, codes, (examples) => match(examples.map(({ text }) => text)));
    },
  };
  return [majority, tfidf, dictionary];
}
