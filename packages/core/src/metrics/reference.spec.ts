/** Every case of the mirror's reference/metrics, within the bounds its README states. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  argmaxRows,
  bleu,
  calibrationReport,
  chrf,
  classificationReport,
  labelRankingAveragePrecision,
  macroAuroc,
  multiLabelReport,
  rankingScores,
  regressionReport,
  rouge,
  squadScores,
  tagScores,
  translationEditRate,
} from './index.js';

interface Reference {
  classification: Record<string, number> & { y_true: number[]; probs: number[][]; confusion: number[][] };
  multilabel: Record<string, number> & { y_true: number[][]; scores: number[][] };
  entities: {
    y_true: string[][];
    y_pred: string[][];
    lenient: Record<string, number>;
    strict_iob2: Record<string, number>;
  };
  regression: Record<string, number> & { y_true: number[]; y_pred: number[] };
  calibration: { ece15: number; brier: number };
  generation: Record<string, number> & { hyps: string[]; refs: string[]; rouge: Record<string, number>[] };
  squad: { cases: { prediction: string; answers: string[]; exact_match: number; f1: number }[] };
  retrieval: (Record<string, number> & { scores: number[]; relevant: number[] })[];
}

const mirror = process.env['FIELDCRAFT_MIRROR'];
const suite = mirror ? describe : describe.skip;

function expectWithin(
  bound: number,
  pairs: Record<string, readonly [got: number, expected: number | undefined]>,
): void {
  for (const [name, [got, expected]] of Object.entries(pairs)) {
    const distance = Math.abs(got - (expected ?? NaN));
    if (!(distance <= bound)) throw new Error(`${name}: ${got} is ${distance} away from ${expected}`);
  }
  expect(Object.keys(pairs).length).toBeGreaterThan(0);
}

suite('reference/metrics (needs FIELDCRAFT_MIRROR)', () => {
  const path = join(mirror ?? '', 'fixtures', 'reference', 'metrics', 'expected.json');
  const reference = mirror ? (JSON.parse(readFileSync(path, 'utf8')) as Reference) : ({} as Reference);

  test('classification and calibration', () => {
    const { classification: expected, calibration } = reference;
    const classes = expected.confusion.length;
    const probabilities = expected.probs.flat();
    const labels = expected.confusion.map((_, c) => `class ${c}`);
    const report = classificationReport(expected.y_true, argmaxRows(probabilities, classes), labels);
    const calibrated = calibrationReport({ probabilities, gold: expected.y_true, classes });
    expectWithin(1e-9, {
      accuracy: [report.accuracy, expected['accuracy']],
      macroF1: [report.macro.f1, expected['macro_f1']],
      microF1: [report.micro.f1, expected['micro_f1']],
      weightedF1: [report.weighted.f1, expected['weighted_f1']],
      mcc: [report.mcc, expected['mcc']],
      balancedAccuracy: [report.balancedAccuracy, expected['balanced_accuracy']],
      kappa: [report.kappa, expected['kappa']],
      auroc: [macroAuroc(probabilities, expected.y_true, classes), expected['auroc_ovr_macro']],
      nll: [calibrated.nll, expected['log_loss']],
      ece: [calibrated.ece, calibration.ece15],
      brier: [calibrated.brier, calibration.brier],
    });
    expect(report.confusion).toEqual(expected.confusion);
  });

  test('multi-label', () => {
    const expected = reference.multilabel;
    const labels = expected.y_true[0]!.map((_, l) => `label ${l}`);
    const gold = expected.y_true.flat();
    const scores = expected.scores.flat();
    const predicted = scores.map((score) => (score >= expected['threshold']! ? 1 : 0));
    const report = multiLabelReport({ gold, predicted, labels, scores });
    expectWithin(1e-9, {
      microF1: [report.micro.f1, expected['micro_f1']],
      macroF1: [report.macro.f1, expected['macro_f1']],
      samplesF1: [report.samplesF1, expected['samples_f1']],
      hamming: [report.hammingLoss, expected['hamming']],
      map: [report.meanAveragePrecision!, expected['map_macro']],
      lrap: [labelRankingAveragePrecision({ gold, scores }, labels.length), expected['lrap']],
      subset: [report.subsetAccuracy, expected['subset_accuracy']],
    });
  });

  test('entities, lenient and strict', () => {
    const { y_true: gold, y_pred: predicted, lenient, strict_iob2: strict } = reference.entities;
    const ours = tagScores(gold, predicted);
    const oursStrict = tagScores(gold, predicted, 'IOB2');
    expectWithin(1e-9, {
      precision: [ours.micro.precision, lenient['precision']],
      recall: [ours.micro.recall, lenient['recall']],
      f1: [ours.micro.f1, lenient['f1']],
      macroF1: [ours.macro.f1, lenient['macro_f1']],
      strictPrecision: [oursStrict.micro.precision, strict['precision']],
      strictRecall: [oursStrict.micro.recall, strict['recall']],
      strictF1: [oursStrict.micro.f1, strict['f1']],
    });
  });

  test('regression', () => {
    const { y_true: gold, y_pred: predicted, ...expected } = reference.regression;
    const report = regressionReport(gold, predicted);
    expectWithin(1e-9, {
      mse: [report.mse, expected['mse']],
      mae: [report.mae, expected['mae']],
      r2: [report.r2, expected['r2']],
      pearson: [report.pearson, expected['pearson']],
      spearman: [report.spearman, expected['spearman']],
    });
  });

  test('generation', () => {
    const { hyps, refs, rouge: expectedRouge, ...expected } = reference.generation;
    const references = refs.map((reference) => [reference]);
    expectWithin(1e-9, {
      bleu: [bleu(hyps, references), expected['bleu']],
      chrf: [chrf(hyps, references), expected['chrf']],
      ter: [translationEditRate(hyps, references), expected['ter']],
    });
    hyps.forEach((hypothesis, i) => {
      const ours = rouge(hypothesis, refs[i]!);
      const theirs = expectedRouge[i]!;
      expectWithin(1e-9, {
        rouge1: [ours.rouge1, theirs['rouge1']],
        rouge2: [ours.rouge2, theirs['rouge2']],
        rougeL: [ours.rougeL, theirs['rougeL']],
      });
    });
  });

  test('SQuAD and retrieval, to single precision', () => {
    for (const expected of reference.squad.cases) {
      const ours = squadScores([expected.prediction], [expected.answers]);
      // Percentages in float32: the bound is relative.
      const bound = 1e-6 * Math.max(1, expected.f1);
      expectWithin(bound, { exact: [ours.exactMatch, expected.exact_match], f1: [ours.f1, expected.f1] });
    }
    for (const expected of reference.retrieval) {
      const ours = rankingScores(expected);
      expectWithin(1e-6, {
        recall: [ours.recall, expected['recall_at_5']],
        precision: [ours.precision, expected['precision_at_5']],
        mrr: [ours.reciprocalRank, expected['mrr']],
        ndcg: [ours.ndcg, expected['ndcg_at_10']],
        map: [ours.averagePrecision, expected['average_precision']],
      });
    }
  });
});
