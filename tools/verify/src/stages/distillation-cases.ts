/** The steps of students: soft labels of heads of several kinds, and layers learnt from a wider teacher. */
import { foundation, models, tasks, training } from '@fieldcraft/core/internals';
import type { StageCase } from '../stages.js';
import { engine, gradientMeasures, tinyEncoder, tinyWindows } from './step-cases.js';

/** Whatever a teacher might have said. */
function anything(shape: readonly number[], name: string): { data: Float32Array; shape: readonly number[] } {
  const rng = foundation.random(3, name);
  return { data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()), shape };
}

const softLabels =
  (task: tasks.AnyTask, targets: readonly ArrayLike<number>[]): StageCase =>
  async () => {
    const windows = tinyWindows(targets);
    const batch = training.batchOf(windows, tinyEncoder);
    const objective = training.withSoftLabels(task, { temperature: 2.5, alpha: 0.6 });
    const program = training.createStepProgram(objective, tinyEncoder);
    const sizes: Record<string, number> = { batch: batch.batch, length: batch.length, tokens: batch.tokens };
    const shape = program.graph.inputs.get(training.teacherInput)?.shape ?? [];
    const answers = anything(
      shape.map((size) => (typeof size === 'number' ? size : (sizes[size] ?? 0))),
      task.name,
    );
    const feeds = {
      ...task.headFeeds?.(windows, batch, tinyEncoder),
      ...task.targetFeeds(windows, batch),
      [training.teacherInput]: answers,
    };
    return gradientMeasures(await training.checkGradients({ engine, program, batch, feeds }));
  };

const wider = models.readModelConfig({ ...tinyEncoder, hidden_size: 12, num_hidden_layers: 3, num_attention_heads: 3 });

const layers =
  (kind: 'minilm' | 'minilm-v2'): StageCase =>
  async () => {
    const settings: training.InnerLayers = {
      hidden: {
        layers: [
          { student: 1, teacher: 1 },
          { student: 2, teacher: 3 },
        ],
        weight: 0.7,
      },
      relations: { student: 2, teacher: 3, kind, heads: 4, weight: 1.3 },
    };
    const { student } = training.innerLayers(settings, { student: tinyEncoder, teacher: wider });
    const batch = training.batchOf(tinyWindows([[], []]), tinyEncoder);
    const program = training.createStepProgram(student, tinyEncoder);
    const feeds = { [training.teacherInput]: anything([batch.tokens, 5 * wider.hidden_size], kind) };
    return gradientMeasures(await training.checkGradients({ engine, program, batch, feeds }));
  };

const classes = { name: 'kinds', labels: ['a', 'b', 'c'] };

export const distillationCases: Readonly<Record<string, StageCase>> = {
  'distillation/classification': softLabels(tasks.createTask('classification', classes), [[2], [0]]),
  'distillation/multi-label': softLabels(tasks.createTask('multi-label', { name: 'topics', labels: ['a', 'b'] }), [
    [1, 0],
    [-100, 1],
  ]),
  'distillation/token-classification': softLabels(
    tasks.createTask('token-classification', { name: 'entities', labels: ['drug'] }),
    [
      [-100, 1, 2, 0, -100],
      [-100, 0, -100],
    ],
  ),
  'distillation/pair-classification': softLabels(tasks.createTask('pair-classification', classes), [[1], [2]]),
  'distillation/regression': softLabels(tasks.createTask('regression', { name: 'stars', labels: [] }), [[1], [-2]]),
  'distillation/span-selection': softLabels(tasks.createTask('span-selection', { name: 'answers', labels: [] }), [
    [1, 3],
    [0, 0],
  ]),
  'distillation/layers-minilm': layers('minilm'),
  'distillation/layers-minilm-v2': layers('minilm-v2'),
};
