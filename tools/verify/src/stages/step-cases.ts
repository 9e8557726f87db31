/** The plain training step of heads of several kinds: what every stage stands on. */
import { models, runtime, tasks, training } from '@fieldcraft/core/internals';
import type { Measure } from '../checks.js';
import type { StageCase } from '../stages.js';

/** One thread: tiny products gain nothing from more. */
export const engine = runtime.createOnnxRuntimeEngine({ threads: 1 });

/** Small enough to move its weights one by one, with everything that a real encoder has. */
export const tinyEncoder = models.readModelConfig({
  ...{ model_type: 'bert', vocab_size: 23, hidden_size: 8, num_hidden_layers: 2, num_attention_heads: 2 },
  ...{ intermediate_size: 12, max_position_embeddings: 8, hidden_dropout_prob: 0.2, attention_probs_dropout_prob: 0.2 },
});

/** Two windows of 5 and 3 tokens, the first and the last of each special ones. */
export function tinyWindows(targets: readonly ArrayLike<number>[]): tasks.Feature[] {
  const sequences = [
    [2, 5, 7, 11, 3],
    [2, 9, 3],
  ];
  return sequences.map((ids, example): tasks.Feature => {
    const count = ids.length - 2;
    const places = ids.map((_, i) => (i === 0 || i === ids.length - 1 ? -1 : i - 1));
    return {
      ...{ example, window: 0, ids: Int32Array.from(ids), typeIds: ids.map(() => 0) },
      ...{ starts: Int32Array.from(places, (at) => Math.max(at, 0) * 4), wordIds: Int32Array.from(places) },
      ends: Int32Array.from(places, (at) => (at < 0 ? 0 : at * 4 + 3)),
      stretch: { first: 1, count, offset: 0 },
      target: Int32Array.from(targets[example] ?? []),
    };
  });
}

/** Differences are in float64, whose rounding they divide by a step of 1e-5. */
export const gradientBound = 1e-6;

/** The measure of a check; one that moved nothing, or where nothing moves the loss, is none. */
export function gradientMeasures({ worst, largest, tensors }: training.GradientErrors): Measure[] {
  return [{ what: `${tensors} gradients`, worst: largest > 1e-3 ? worst : Infinity, bound: gradientBound }];
}

const plainStep =
  (task: tasks.AnyTask, targets: readonly ArrayLike<number>[]): StageCase =>
  async () => {
    const windows = tinyWindows(targets);
    const batch = training.batchOf(windows, tinyEncoder);
    const program = training.createStepProgram(task, tinyEncoder);
    const feeds = { ...task.headFeeds?.(windows, batch, tinyEncoder), ...task.targetFeeds(windows, batch) };
    return gradientMeasures(await training.checkGradients({ engine, program, batch, feeds }));
  };

export const stepCases: Readonly<Record<string, StageCase>> = {
  'step/classification': plainStep(tasks.createTask('classification', { name: 'kinds', labels: ['a', 'b', 'c'] }), [
    [2],
    [0],
  ]),
  'step/multi-label': plainStep(tasks.createTask('multi-label', { name: 'topics', labels: ['a', 'b'] }), [
    [1, 0],
    [-100, 1],
  ]),
  'step/token-classification': plainStep(
    tasks.createTask('token-classification', { name: 'entities', labels: ['drug'] }),
    [
      [-100, 1, 2, 0, -100],
      [-100, 0, -100],
    ],
  ),
};
