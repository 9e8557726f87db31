/** What a report tells of several stages: a score by how many examples were learnt from. */
import { meanAndDeviation } from '../metrics/index.js';
import type { CurvePoint } from '../report/index.js';
import type { Cell, TaskCell } from './cells.js';

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
