/** What a finished round says of each task in a few figures: the cells of a learning curve, and of a table of splits. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../foundation/index.js';
import type { Scores } from '../tasks/index.js';
import type { BaselineResult, PreparedTask } from './prepared-task.js';
import type { RoundResult } from './round.js';

const metrics = z.record(z.string(), z.number());
const scoredSchema = z.strictObject({
  metrics,
  /** On the test examples that do not stand in train or dev as published; absent where all are such. */
  unseen: z.strictObject({ examples: z.int(), metrics }).optional(),
});
const cellSchema = z.strictObject({
  seed: z.int(),
  tasks: z.record(
    z.string(),
    z.strictObject({
      train: z.int(),
      dev: z.int(),
      test: z.int(),
      model: scoredSchema,
      baselines: z.record(z.string(), scoredSchema),
    }),
  ),
});

export type Cell = z.output<typeof cellSchema>;
export type TaskCell = Cell['tasks'][string];
export type Scored = z.output<typeof scoredSchema>;

/** The cell of a round; `baselines` and `epochs` (that were planned) are those of each task, in order. */
export function cellOf(
  result: RoundResult,
  tasks: readonly PreparedTask[],
  { baselines, epochs }: { baselines: readonly (readonly BaselineResult[])[]; epochs: readonly number[] },
): Cell {
  const scored = ({ scores, unseen }: Pick<BaselineResult, 'scores' | 'unseen'>): Scored => ({
    metrics: defined(scores),
    ...(unseen === undefined ? {} : { unseen: { examples: unseen.examples, metrics: defined(unseen.scores) } }),
  });
  return {
    seed: result.seed,
    tasks: Object.fromEntries(
      tasks.map((task, i) => {
        const { test } = result.tasks[task.name] as RoundResult['tasks'][string];
        const cell: TaskCell = {
          train: task.trainExamples(epochs[i] ?? 1),
          dev: task.dev.examples,
          test: task.test.examples,
          model: scored(test),
          baselines: Object.fromEntries((baselines[i] ?? []).map((baseline) => [baseline.name, scored(baseline)])),
        };
        return [task.name, cell];
      }),
    ),
  };
}

/** Without scores that are undefined on the data. */
const defined = ({ metrics }: Scores): Scored['metrics'] =>
  Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));

const cellPath = (folder: string): string => join(folder, 'cell.json');

/** The cell that a round's folder keeps; undefined where the round is not finished. */
export function readCell(folder: string): Cell | undefined {
  const path = cellPath(folder);
  return existsSync(path) ? cellSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
}

/** Keeps a cell in its round's folder; the round's weights are of no more use. @throws FieldcraftError FC_DISK */
export function keepCell(folder: string, cell: Cell): void {
  writeFileAtomic(cellPath(folder), JSON.stringify(cell));
  rmSync(join(folder, 'weights.safetensors'), { force: true });
}
