/** What the words of a report mean, in a sentence each, for readers who do not train models every day. */
import { baselineName, metricName } from './words.js';

const metrics: Readonly<Record<string, string>> = {
  accuracy: 'the share of examples with the right answer',
  balancedAccuracy: 'the share of each label’s examples that were recognised, averaged over the labels',
  subsetAccuracy: 'the share of texts of which every label is right and none is missing',
  macroF1: 'the F1 of each label, averaged: a rare label counts as much as a frequent one',
  microF1: 'the F1 of all decisions together: frequent labels count most',
  weightedF1: 'the F1 of each label, averaged by how frequent the labels are',
  samplesF1: 'the F1 of each text’s labels, averaged over the texts',
  entityF1: 'the F1 of entities: one is right where its beginning, its end and its label are',
  lenientF1: 'the F1 of entities where touching a true one of the same label is enough',
  relationF1: 'the F1 of relations: one is right where both entities, the direction and the label are',
  slotF1: 'the F1 of the particulars of requests: one is right where its beginning, its end and its label are',
  slotMacroF1: 'the same F1 of each label, averaged',
  intentMacroF1: 'the F1 of each intent, averaged: a rare one counts as much as a frequent one',
  endToEndF1: 'the F1 of relations where the entities too must be found, by another task of the run',
  foundEntityF1: 'the F1 of the entities that the other task finds',
  boundariesF1: 'the F1 of relations where the labels of the entities need not be right',
  endToEndBoundariesF1:
    'the F1 of relations on entities that the other task finds, where the labels of the entities need not be right',
  microPrecision: 'the share of all that was predicted that is true',
  microRecall: 'the share of all that is true that was predicted',
  documentMap: 'how far up true codes stand in the ranking of a document, averaged: 1 where they all stand first',
  precisionAt5: 'the share of the five likeliest codes of a document that are true, averaged',
  precisionAt15: 'the share of the fifteen likeliest codes of a document that are true, averaged',
  hammingLoss: 'the share of all yes-or-no decisions on labels that are wrong',
  macroAuroc:
    'how often a text that bears a label is held likelier to bear it than one that does not, averaged over the labels; 0.5 is chance',
  mcc: 'how far predictions and truth go together, from −1 to 1; 0 is chance, whatever the sizes of the labels',
  ece: 'how far stated confidence and the share that comes true lie apart, on average',
  mce: 'the same where they lie farthest apart',
  brier: 'the squared distance of the probabilities from the truth',
  nll: 'how surprising the truth is by the probabilities',
  pearson: 'how well predicted numbers follow the true ones along a straight line, from −1 to 1',
  spearman: 'how well predicted numbers put examples in the true order, from −1 to 1',
  mse: 'the mean of the squared distances from the true numbers',
  mae: 'the mean distance from the true numbers, in their own unit',
  r2: 'the share of the differences between true numbers that is explained; 0 is no better than always saying their mean',
  meanAveragePrecision: 'how far up all that is true stands in a ranking, averaged: 1 where it all stands first',
  ndcgAt10: 'the same of the first ten, the first ones counting most',
  recallAt1: 'the share of what answers a query that stands first, averaged over the queries',
  recallAt5: 'the same of the first five',
  recallAt10: 'the same of the first ten',
  meanReciprocalRank: 'the mean of 1 divided by the place of the right answer: 1 where it is always first',
  outOfScopeAuroc: 'how often a text in scope is held likelier to be in scope than one that is not; 0.5 is chance',
  falseAcceptRate: 'the share of texts out of scope that got a label all the same',
  falseRejectRate: 'the share of texts in scope that were taken to be out of it',
  inScopeAccuracy: 'the share of texts in scope that got the right label',
  f1: 'the F1 of the words that predicted and true answer share, averaged over the questions',
  exactMatch:
    'the share of examples with wholly the right answer: of questions but for case, punctuation and articles, of requests with every intent and particular',
  hasAnswerF1: 'the same F1, of questions that have an answer',
  hasAnswerExactMatch: 'exact match, of questions that have an answer',
  forcedF1: 'the F1 of questions with an answer where the best one is taken, however weak',
  forcedExactMatch: 'exact match of the same',
  noAnswerAccuracy: 'the share of questions without an answer that were given none',
  foreignAccuracy: 'the share of questions put to another document’s text that were given no answer',
};

const baselines: Readonly<Record<string, string>> = {
  majority: 'a baseline that gives every example the most frequent answer of the training part',
  mean: 'a baseline that always says the mean of the training part',
  tfidf: 'a baseline that counts words, rare ones more than frequent ones, and learns a linear model of the counts',
  'tfidf-dictionary': 'a baseline of both: counted words for intents, seen entities for particulars',
  dictionary:
    'a baseline that finds again the entities it has seen in the training part; of codes, one that finds the words of their titles',
  bm25: 'a baseline that ranks by the words that query and document share, rare ones more than frequent ones; it learns nothing',
  untouched: 'the encoder as it was before training: what training is worth is the difference',
};

const general: readonly (readonly [term: string, meaning: string])[] = [
  ['baseline', 'a simple method that learnt from the same examples: what a model must beat to be worth its price'],
  [
    '95 % interval',
    'where the score would lie 19 times in 20 if the test part were drawn again: two scores whose intervals overlap much may differ by chance alone',
  ],
  ['precision', 'the share of what was predicted that is true'],
  ['recall', 'the share of what is true that was predicted'],
  ['F1', 'precision and recall in one number, their harmonic mean: high only where both are'],
  ['support', 'true members of a label in the test part; a score of few says little'],
  ['confidence', 'the probability that the model gives its prediction, made honest on the dev part'],
  [
    'train, dev, test',
    'the parts of the data: learnt from; used to choose weights and thresholds; scored once, at the end',
  ],
  ['seed', 'a training from other random beginnings; ± is the standard deviation over seeds'],
  ['update, epoch', 'a step of learning from one batch of examples; a pass over the training part'],
];

/** The meaning of a metric; undefined for one that is not explained. */
export const meaningOf = (metric: string): string | undefined => metrics[metric];

/** Terms with their meanings: of these metrics and baselines, and of what every report has. */
export function glossaryOf(
  metricNames: readonly string[],
  baselineNames: readonly string[],
): { term: string; meaning: string; metric?: string }[] {
  return [
    ...metricNames.flatMap((metric) => {
      const meaning = metrics[metric];
      return meaning === undefined ? [] : [{ term: metricName(metric), meaning, metric }];
    }),
    ...general.map(([term, meaning]) => ({ term, meaning })),
    ...baselineNames.flatMap((name) => {
      const meaning = baselines[name];
      return meaning === undefined ? [] : [{ term: baselineName(name), meaning }];
    }),
  ];
}
