/** How far the language of a task's texts is from general text: by frequent words, and by a classifier that tells the two apart. */
import {
  cutStretches,
  domainDistance,
  mostFrequentWords,
  overlapOfWords,
  tellingWords,
  type DomainDistance,
} from '../evaluation/index.js';
import { random } from '../foundation/index.js';
import type { GeneralText } from './general-text.js';

export interface Language {
  /** The general text that it was held against. */
  readonly general: string;
  /** Running words of each side whose frequent words were compared, and how many frequent words these are. */
  readonly runningWords: number;
  readonly frequentWords: number;
  /** Share of the task's frequent words that are frequent in general text, */
  readonly overlap: number;
  /** and what two halves of the general text share when as many words are compared: what would be nearness itself. */
  readonly ceiling: number;
  /** Undefined where there is too little text. */
  readonly domain?: DomainDistance;
  /** Words that most tell the task's texts from general ones, but those that every text has. */
  readonly telling: readonly string[];
}

/** Words so frequent in general text that every text has them. */
const functionWords = 100;
/** Words that are listed. */
const mostTelling = 12;
/** Fewer running words have no frequent ones. */
const fewestWords = 1_000;

/** `documents` are those of the task, each as its words. */
export function measureLanguage(
  documents: readonly (readonly string[])[],
  general: GeneralText | undefined,
  seed: number,
): Language | { readonly why: string } {
  if (general === undefined) return { why: 'no general text to compare with is on this machine' };
  const own = random(seed, 'words').shuffle(documents).flat();
  const [first, second] = [0, 1].map((half) => general.documents.filter((_, i) => i % 2 === half).flat()) as [
    string[],
    string[],
  ];
  const runningWords = Math.min(own.length, first.length, second.length);
  if (runningWords < fewestWords) return { why: `fewer than ${fewestWords} words to compare` };
  const [task, here, there] = [own, first, second].map((words) => words.slice(0, runningWords)) as [
    string[],
    string[],
    string[],
  ];
  const leaveOut = new Set(
    mostFrequentWords(here)
      .slice(0, functionWords)
      .map(({ word }) => word),
  );
  const { share: overlap, compared } = overlapOfWords(task, here, { leaveOut });
  const { share: ceiling } = overlapOfWords(there, here, { leaveOut, most: compared });
  const domain = domainDistance(cutStretches(documents, { seed }), cutStretches(general.documents, { seed }), { seed });
  return {
    ...{ general: general.name, runningWords, frequentWords: compared, overlap, ceiling },
    ...(domain === undefined ? {} : { domain }),
    telling: tellingWords(task, here, { most: mostTelling, leaveOut }),
  };
}

/** How far the language of a task is from general text. */
export type Distance = 'near' | 'some way' | 'far';

/**
 * By the share of frequent words, set against what general text shares with itself, and for `far` by a classifier too. The borders were laid through
 * the tasks of this workspace: see docs/advise.md.
 */
export function distanceOf({ overlap, ceiling, domain }: Language): Distance {
  const near = ceiling === 0 ? 0 : overlap / ceiling;
  if (near >= 0.8) return 'near';
  return near < 0.7 && (domain === undefined || domain.distance >= 1.1) ? 'far' : 'some way';
}
