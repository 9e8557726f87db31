/** What metrics, baselines and kinds of tasks are called in text. */
import { taskTypes } from '../tasks/index.js';
import type { TaskReport } from './task-schema.js';

const metricNames: Readonly<Record<string, string>> = {
  accuracy: 'accuracy',
  balancedAccuracy: 'balanced accuracy',
  subsetAccuracy: 'exact match',
  macroF1: 'macro F1',
  microF1: 'micro F1',
  weightedF1: 'weighted F1',
  samplesF1: 'F1 per text',
  lenientF1: 'lenient F1',
  entityF1: 'entity F1',
  hammingLoss: 'Hamming loss',
  macroAuroc: 'macro AUROC',
  mcc: 'Matthews correlation',
  ece: 'calibration error (ECE)',
  mce: 'largest calibration gap',
  brier: 'Brier score',
  nll: 'negative log-likelihood',
  pearson: 'Pearson correlation',
  spearman: 'Spearman correlation',
  outOfScopeAuroc: 'AUROC out of scope',
  falseAcceptRate: 'false-accept rate',
  falseRejectRate: 'false-reject rate',
  inScopeAccuracy: 'accuracy in scope',
  meanReciprocalRank: 'mean reciprocal rank',
  meanAveragePrecision: 'mean average precision',
  ndcgAt10: 'nDCG at 10',
  recallAt1: 'recall at 1',
  recallAt5: 'recall at 5',
  recallAt10: 'recall at 10',
  mse: 'mean squared error',
  mae: 'mean absolute error',
  r2: 'R²',
  f1: 'answer F1',
  relationF1: 'relation F1',
  slotF1: 'slot F1',
  slotMacroF1: 'slot macro F1',
  intentMacroF1: 'intent macro F1',
  endToEndF1: 'relation F1 end to end',
  endToEndPrecision: 'relation precision end to end',
  endToEndRecall: 'relation recall end to end',
  endToEndBoundariesF1: 'relation F1 end to end by boundaries alone',
  foundEntityF1: 'F1 of the entities found for it',
  boundariesF1: 'relation F1 by boundaries alone',
  boundariesPrecision: 'relation precision by boundaries alone',
  boundariesRecall: 'relation recall by boundaries alone',
  microPrecision: 'micro precision',
  microRecall: 'micro recall',
  documentMap: 'MAP over documents',
  precisionAt5: 'precision at 5',
  precisionAt15: 'precision at 15',
  seenF1: 'micro F1 of codes seen in training',
  seenPrecision: 'precision of codes seen in training',
  seenRecall: 'recall of codes seen in training',
  seenMap: 'MAP among codes seen in training',
  unseenF1: 'micro F1 of codes never seen',
  unseenPrecision: 'precision of codes never seen',
  unseenRecall: 'recall of codes never seen',
  unseenMap: 'MAP among codes never seen',
  exactMatch: 'exact match',
  hasAnswerF1: 'F1 where there is an answer',
  hasAnswerExactMatch: 'exact match where there is an answer',
  forcedF1: 'F1 where an answer must be given',
  forcedExactMatch: 'exact match where an answer must be given',
  noAnswerAccuracy: 'no answer where there is none',
  foreignAccuracy: 'no answer to foreign questions',
};

/** Scores of which less is better; every other one rises with quality. */
const lessIsBetter = new Set([
  'hammingLoss',
  'ece',
  'mce',
  'brier',
  'nll',
  'mse',
  'mae',
  'falseAcceptRate',
  'falseRejectRate',
]);

const baselineNames: Readonly<Record<string, string>> = {
  majority: 'majority',
  tfidf: 'TF-IDF',
  dictionary: 'dictionary',
  'tfidf-dictionary': 'TF-IDF and dictionary',
  bm25: 'BM25',
  untouched: 'untouched encoder',
};

const recipeNames: Readonly<Record<string, string>> = {
  all: 'any of these',
  deepwordbug: 'DeepWordBug',
  textbugger: 'TextBugger',
  ocr: 'OCR noise',
  casing: 'capitals',
  'entity-swaps': 'other entities',
  field: 'rewordings of the field',
};

const originNames: Readonly<Record<string, string>> = {
  mirror: 'a local mirror',
  cache: 'the download cache',
  download: 'its publisher (downloaded)',
  samples: 'the samples that ship with Fieldcraft',
  files: 'your own files',
};

/** `macroF1` -> macro F1; an unknown name is taken apart at its capitals. */
export function metricName(name: string): string {
  const apart = name.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return metricNames[name] ?? apart.replace(/\bf1\b/, 'F1');
}

export function isLessBetter(metric: string): boolean {
  return lessIsBetter.has(metric);
}

export function baselineName(name: string): string {
  return baselineNames[name] ?? name;
}

/** What an attack does to texts; `all` is the worst of them. */
export function recipeName(name: string): string {
  return recipeNames[name] ?? name;
}

export function kindName(kind: TaskReport['kind']): string {
  return taskTypes[kind].title;
}

export function originName(origin: string): string {
  return originNames[origin] ?? origin;
}

/** `unfair-terms` -> Unfair terms */
export function title(name: string): string {
  return capitalise(name.replace(/[-_]+/g, ' ').trim()) || name;
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** As `enumerate`, of very many only the first. */
export function enumerateSome(items: readonly string[], most = 40): string {
  return items.length <= most ? enumerate(items) : `${items.slice(0, most).join(', ')} and ${items.length - most} more`;
}

/** a, b and c */
export function enumerate(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
