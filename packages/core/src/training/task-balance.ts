/** How much each task's loss counts where several tasks share an encoder. */
import { z } from 'zod';

export const balanceNames = ['fixed', 'uncertainty', 'gradnorm'] as const;
export type BalanceName = (typeof balanceNames)[number];

/** What a balance has learnt of a task; part of a run's state. Losses and norms are those of the loss before it is weighed. */
export const balanceStateSchema = z.strictObject({
  updates: z.int().min(0),
  /** The log of the task's variance: its loss is multiplied by exp(-logVariance). */
  logVariance: z.number(),
  /** The mean loss of the first updates, and moving averages since. */
  firstLoss: z.number(),
  loss: z.number(),
  norm: z.number(),
  /** The factor that equalises gradients. */
  weight: z.number().positive(),
});
export type BalanceState = z.output<typeof balanceStateSchema>;

export interface TaskBalance {
  /** What the task's loss is multiplied by in its next update. */
  factor(task: string): number;
  /** Tells what an update saw: its loss before it was weighed, and the norm of the gradient of that loss. */
  observe(task: string, seen: { loss: number; norm: number }): void;
}

const start: BalanceState = { updates: 0, logVariance: 0, firstLoss: 0, loss: 0, norm: 0, weight: 1 };
/** Updates whose mean loss is where a task began. */
const firstUpdates = 10;
/** How far the log variance follows its gradient in an update. */
const varianceRate = 0.02;
/** GradNorm's exponent: how much faster tasks that lag behind may learn. */
const restoring = 0.5;
/** How far weights go towards their target in an update, and the most that a task may count for more or less than its share. */
const weightRate = 0.05;
const limit = 10;

/**
 * - `fixed`: the weights that the tasks were given.
 * - `uncertainty`: L becomes exp(-s) L + s/2 with a learnt s for each task (Kendall, Gal & Cipolla 2018, section 3.2), so that tasks whose loss
 *   stays large count for less. s follows its own gradient, 1/2 - exp(-s) L, after each update of the task.
 * - `gradnorm`: after GradNorm (Chen et al. 2018, section 3): weights w move, in the log, to where w |gradient| is the mean of all tasks times
 *   (loss ratio / mean loss ratio)^0.5, the ratio being of the loss now to the loss at the start. Tasks are updated in turn and not summed,
 *   so norms are moving averages, and of all that a task trains.
 *
 * AdamW divides by the size of recent gradients: a factor shifts what tasks weigh against each other inside those averages and against the
 * clipping norm, not the length of a task's own steps.
 */
export function createTaskBalance(
  name: BalanceName,
  weights: ReadonlyMap<string, number>,
  states: Record<string, BalanceState>,
): TaskBalance {
  const given = (task: string): number => weights.get(task) ?? 1;
  const stateOf = (task: string): BalanceState => states[task] ?? start;

  function factor(task: string): number {
    const { logVariance, weight } = stateOf(task);
    if (name === 'uncertainty') return given(task) * Math.exp(-logVariance);
    return name === 'gradnorm' ? given(task) * weight : given(task);
  }

  function observe(task: string, { loss, norm }: { loss: number; norm: number }): void {
    const before = stateOf(task);
    const updates = before.updates + 1;
    const mean = Math.max(1 / updates, 0.1);
    states[task] = {
      ...before,
      updates,
      logVariance: clamp(
        before.logVariance - varianceRate * (0.5 - Math.exp(-before.logVariance) * loss),
        Math.log(limit),
      ),
      firstLoss: updates <= firstUpdates ? before.firstLoss + (loss - before.firstLoss) / updates : before.firstLoss,
      loss: before.loss + mean * (loss - before.loss),
      norm: before.norm + mean * (norm - before.norm),
    };
    if (name === 'gradnorm') equalise();
  }

  /** Moves every task's weight towards its target, once all were seen often enough to know where they began. */
  function equalise(): void {
    const tasks = [...weights.keys()];
    if (tasks.length < 2 || tasks.some((task) => stateOf(task).updates < firstUpdates)) return;
    const meanOf = (value: (state: BalanceState) => number) =>
      tasks.reduce((sum, task) => sum + value(stateOf(task)), 0) / tasks.length;
    const ratio = ({ loss, firstLoss }: BalanceState) => loss / Math.max(firstLoss, 1e-8);
    const [norm, progress] = [meanOf((state) => state.weight * state.norm), meanOf(ratio)];
    if (norm === 0 || progress === 0) return;
    const logs = tasks.map((task) => {
      const state = stateOf(task);
      const target = (norm * (ratio(state) / progress) ** restoring) / Math.max(state.norm, 1e-12);
      return Math.log(state.weight) + weightRate * Math.log(Math.max(target, 1e-12) / state.weight);
    });
    // Only the ratios between tasks mean anything.
    const centre = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    tasks.forEach((task, i) => {
      const weight = Math.exp(clamp((logs[i] as number) - centre, Math.log(limit)));
      states[task] = { ...stateOf(task), weight };
    });
  }

  return { factor, observe };
}

const clamp = (x: number, most: number): number => Math.max(-most, Math.min(most, x));
