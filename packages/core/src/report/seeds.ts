/** Several seeds as one picture: mean scores a label, summed confusions; and curves of a size that can be drawn. */
import type { SeedReport, TaskReport } from './task-schema.js';

export interface LabelScores {
  label: string;
  precision: number;
  recall: number;
  f1: number;
  support: number;
  /** Lowest and highest F1 of a seed. */
  range: [low: number, high: number];
}

/** Scores a label, averaged over the seeds that have a test result; empty where none has. */
export function meanPerLabel(task: TaskReport): LabelScores[] {
  const tables = task.seeds.flatMap((seed) => (seed.test === undefined ? [] : [seed.test.perLabel]));
  return (tables[0] ?? []).map(({ label, support }) => {
    const rows = tables.flatMap((table) => table.filter((row) => row.label === label));
    const mean = (key: 'precision' | 'recall' | 'f1') => rows.reduce((sum, row) => sum + row[key], 0) / rows.length;
    const f1 = rows.map((row) => row.f1);
    return {
      label,
      precision: mean('precision'),
      recall: mean('recall'),
      f1: mean('f1'),
      support,
      range: [Math.min(...f1), Math.max(...f1)],
    };
  });
}

/** Confusion matrices added up: `[gold][predicted]`, one row and column a label. */
export function sumConfusion(task: TaskReport): { matrix: number[][]; seeds: number } | undefined {
  const matrices = task.seeds.flatMap((seed) => (seed.test?.confusion === undefined ? [] : [seed.test.confusion]));
  if (matrices.length === 0) return undefined;
  const matrix = task.labels.map((_, gold) =>
    task.labels.map((_, predicted) => matrices.reduce((sum, m) => sum + (m[gold]?.[predicted] ?? 0), 0)),
  );
  return { matrix, seeds: matrices.length };
}

/** A curve of at most `limit` points (300 by default): each the mean of its stretch, at the stretch's last step. */
export function downsampleCurve(curve: SeedReport['curve'], limit = 300): SeedReport['curve'] {
  if (curve.length <= limit) return [...curve];
  return Array.from({ length: limit }, (_, k) => {
    const stretch = curve.slice(Math.floor((k * curve.length) / limit), Math.floor(((k + 1) * curve.length) / limit));
    return {
      step: stretch.at(-1)?.step ?? 0,
      loss: stretch.reduce((sum, point) => sum + point.loss, 0) / stretch.length,
    };
  });
}
