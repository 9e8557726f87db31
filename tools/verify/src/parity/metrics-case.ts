/** Every metric against scikit-learn's, seqeval's, sacrebleu's and the others' that wrote the file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metrics } from '@fieldcraft/core/internals';
import { worstDifference, type Measure } from '../checks.js';

type Numbers = Record<string, number>;

interface Reference {
  classification: Numbers & { y_true: number[]; probs: number[][]; confusion: number[][] };
  multilabel: Numbers & { y_true: number[][]; scores: number[][]; threshold: number };
  entities: { y_true: string[][]; y_pred: string[][]; lenient: Numbers; strict_iob2: Numbers };
  regression: Numbers & { y_true: number[]; y_pred: number[] };
  calibration: { ece15: number; brier: number };
  generation: Numbers & { hyps: string[]; refs: string[]; rouge: Numbers[] };
  squad: { cases: { prediction: string; answers: string[]; exact_match: number; f1: number }[] };
  retrieval: (Numbers & { scores: number[]; relevant: number[] })[];
}

/** Ours beside theirs. */
type Pairs = readonly (readonly [ours: number, theirs: number | undefined])[];

/** One measure a family of metrics. */
export function checkMetrics(folder: string): Measure[] {
  const reference = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Reference;
  const measure = (what: string, bound: number, pairs: Pairs): Measure => {
    const theirs = pairs.map(([, value]) => value ?? NaN);
    return {
      what,
      bound,
      worst: worstDifference(
        pairs.map(([value]) => value),
        theirs,
      ),
    };
  };
  // The last two were computed in float32; SQuAD's scores are percentages.
  return [
    measure('classification', 1e-9, classification(reference)),
    measure('multi-label', 1e-9, multiLabel(reference)),
    measure('entities', 1e-9, entities(reference)),
    measure('regression', 1e-9, regression(reference)),
    measure('generation', 1e-9, generation(reference)),
    measure('SQuAD', 1e-6, squad(reference)),
    measure('retrieval', 1e-6, retrieval(reference)),
  ];
}

function classification({ classification: theirs, calibration }: Reference): Pairs {
  const classes = theirs.confusion.length;
  const probabilities = theirs.probs.flat();
  const labels = theirs.confusion.map((_, c) => `class ${c}`);
  const ours = metrics.classificationReport(theirs.y_true, metrics.argmaxRows(probabilities, classes), labels);
  const calibrated = metrics.calibrationReport({ probabilities, gold: theirs.y_true, classes });
  return [
    [ours.accuracy, theirs['accuracy']],
    [ours.macro.f1, theirs['macro_f1']],
    [ours.micro.f1, theirs['micro_f1']],
    [ours.weighted.f1, theirs['weighted_f1']],
    [ours.mcc, theirs['mcc']],
    [ours.balancedAccuracy, theirs['balanced_accuracy']],
    [ours.kappa, theirs['kappa']],
    [metrics.macroAuroc(probabilities, theirs.y_true, classes), theirs['auroc_ovr_macro']],
    [calibrated.nll, theirs['log_loss']],
    [calibrated.ece, calibration.ece15],
    [calibrated.brier, calibration.brier],
    ...ours.confusion.flatMap((row, i) => row.map((count, j) => [count, theirs.confusion[i]?.[j]] as const)),
  ];
}

function multiLabel({ multilabel: theirs }: Reference): Pairs {
  const labels = (theirs.y_true[0] ?? []).map((_, l) => `label ${l}`);
  const gold = theirs.y_true.flat();
  const scores = theirs.scores.flat();
  const predicted = scores.map((score) => (score >= theirs.threshold ? 1 : 0));
  const ours = metrics.multiLabelReport({ gold, predicted, labels, scores });
  return [
    [ours.micro.f1, theirs['micro_f1']],
    [ours.macro.f1, theirs['macro_f1']],
    [ours.samplesF1, theirs['samples_f1']],
    [ours.hammingLoss, theirs['hamming']],
    [ours.meanAveragePrecision ?? NaN, theirs['map_macro']],
    [metrics.labelRankingAveragePrecision({ gold, scores }, labels.length), theirs['lrap']],
    [ours.subsetAccuracy, theirs['subset_accuracy']],
  ];
}

function entities({ entities: { y_true: gold, y_pred: predicted, lenient, strict_iob2: strict } }: Reference): Pairs {
  const [ours, oursStrict] = [metrics.tagScores(gold, predicted), metrics.tagScores(gold, predicted, 'IOB2')];
  return [
    [ours.micro.precision, lenient['precision']],
    [ours.micro.recall, lenient['recall']],
    [ours.micro.f1, lenient['f1']],
    [ours.macro.f1, lenient['macro_f1']],
    [oursStrict.micro.precision, strict['precision']],
    [oursStrict.micro.recall, strict['recall']],
    [oursStrict.micro.f1, strict['f1']],
  ];
}

function regression({ regression: theirs }: Reference): Pairs {
  const ours = metrics.regressionReport(theirs.y_true, theirs.y_pred);
  return [
    [ours.mse, theirs['mse']],
    [ours.mae, theirs['mae']],
    [ours.r2, theirs['r2']],
    [ours.pearson, theirs['pearson']],
    [ours.spearman, theirs['spearman']],
  ];
}

function generation({ generation: { hyps, refs, rouge, ...theirs } }: Reference): Pairs {
  const references = refs.map((text) => [text]);
  return [
    [metrics.bleu(hyps, references), theirs['bleu']],
    [metrics.chrf(hyps, references), theirs['chrf']],
    [metrics.translationEditRate(hyps, references), theirs['ter']],
    ...hyps.flatMap((hypothesis, i) => {
      const ours = metrics.rouge(hypothesis, refs[i] ?? '');
      const of = rouge[i];
      return [
        [ours.rouge1, of?.['rouge1']],
        [ours.rouge2, of?.['rouge2']],
        [ours.rougeL, of?.['rougeL']],
      ] as const;
    }),
  ];
}

/** As shares: a percentage in float32 is off by a hundred times as much. */
function squad({ squad: { cases } }: Reference): Pairs {
  return cases.flatMap(({ prediction, answers, exact_match, f1 }) => {
    const ours = metrics.squadScores([prediction], [answers]);
    return [
      [ours.exactMatch / 100, exact_match / 100],
      [ours.f1 / 100, f1 / 100],
    ] as const;
  });
}

function retrieval({ retrieval: cases }: Reference): Pairs {
  return cases.flatMap((theirs) => {
    const ours = metrics.rankingScores(theirs);
    return [
      [ours.recall, theirs['recall_at_5']],
      [ours.precision, theirs['precision_at_5']],
      [ours.reciprocalRank, theirs['mrr']],
      [ours.ndcg, theirs['ndcg_at_10']],
      [ours.averagePrecision, theirs['average_precision']],
    ] as const;
  });
}
