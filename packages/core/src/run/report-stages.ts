/** What a report tells of several stages: a score by how many examples were learnt from, and by the split that was trained on. */
import { meanAndDeviation } from '../metrics/index.js';
import type { CurvePoint, TaskReport } from '../report/index.js';
import type { Cell, Scored, TaskCell } from './cells.js';

/** Mean and, from two on, deviation. */
export function spreadOf(values: readonly number[]): { mean: number; std?: number } {
  const { mean, deviation } = meanAndDeviation(values);
  return { mean, ...(deviation === null ? {} : { std: deviation }) };
}

/** The learning curve of a task, whose stages are in order of their size. A size that the task has no more examples for than for the next is left out. */
export function learningCurve(task: string, metric: string, stages: readonly (readonly Cell[])[]): CurvePoint[] {
  const points = stages.flatMap((cells): CurvePoint[] => {
    const own = cells.flatMap(({ tasks }) => tasks[task] ?? []);
    const values = own.flatMap(({ model }) => model.metrics[metric] ?? []);
    if (values.length === 0) return [];
    return [
      {
        train: meanOf(own, ({ train }) => train),
        dev: meanOf(own, ({ dev }) => dev),
        values,
        ...spreadOf(values),
        baselines: baselinesOf(own, metric),
      },
    ];
  });
  return points.filter(({ train }, i) => train !== points[i + 1]?.train);
}

const meanOf = (cells: readonly TaskCell[], figure: (cell: TaskCell) => number): number =>
  Math.round(cells.reduce((sum, cell) => sum + figure(cell), 0) / cells.length);

function baselinesOf(cells: readonly TaskCell[], metric: string): CurvePoint['baselines'] {
  return Object.keys(cells[0]?.baselines ?? {}).flatMap((name) => {
    const values = cells.flatMap(({ baselines }) => baselines[name]?.metrics[metric] ?? []);
    return values.length === 0 ? [] : [{ name, ...spreadOf(values) }];
  });
}

/** Rounds that were trained on one form of a published split. */
export interface SplitStage {
  readonly trainedOn: 'cleaned' | 'published';
  readonly cells: readonly Cell[];
}

/** A task's scores by what was trained on, in this run's order; undefined where no test example of the run was seen. */
export function compareSplits(task: string, metric: string, stages: readonly SplitStage[]): TaskReport['splits'] {
  const main = stages[0]?.cells[0]?.tasks[task];
  const unseen = main?.model.unseen?.examples ?? main?.test;
  if (main === undefined || unseen === undefined || unseen === main.test) return undefined;
  return {
    ...{ seen: main.test - unseen, test: main.test },
    rows: stages.flatMap(({ trainedOn, cells }) => {
      const own = cells.flatMap(({ tasks }) => tasks[task] ?? []);
      const model = own.map((cell) => cell.model);
      const test = ofScores(model, (scored) => scored.metrics[metric]);
      if (test === undefined) return [];
      return [
        {
          ...{ trainedOn, train: meanOf(own, ({ train }) => train), n: own.length },
          ...bothOf(model, metric, test),
          baselines: Object.keys(own[0]?.baselines ?? {}).flatMap((name) => {
            const scored = own.flatMap(({ baselines }) => baselines[name] ?? []);
            const mean = ofScores(scored, ({ metrics }) => metrics[metric]);
            return mean === undefined ? [] : [{ name, ...bothOf(scored, metric, mean) }];
          }),
        },
      ];
    }),
  };
}

type Mean = ReturnType<typeof spreadOf>;

function bothOf(scored: readonly Scored[], metric: string, test: Mean): { test: Mean; unseen?: Mean } {
  const unseen = ofScores(scored, (one) => one.unseen?.metrics[metric]);
  return { test, ...(unseen === undefined ? {} : { unseen }) };
}

function ofScores(scored: readonly Scored[], figure: (scored: Scored) => number | undefined): Mean | undefined {
  const values = scored.flatMap((one) => figure(one) ?? []);
  return values.length === 0 ? undefined : spreadOf(values);
}
