/** The steps of students: soft labels of every kind of head, and layers learnt from a wider teacher. */
import { foundation, models, training, type data, type runtime } from '@fieldcraft/core/internals';
import type { StageCase } from '../stages.js';
import { engine, gradientMeasure } from './step-cases.js';
import { kinds, taskPass, tinyEncoder } from './task-cases.js';

const { teacherInput } = training;

/** Whatever a teacher might have said, for the input of a student's step. */
function answers(
  { graph }: Pick<training.StepProgram, 'graph'>,
  { batch, length, tokens }: models.SequenceBatch,
): Record<string, runtime.Tensor> {
  const sizes: Readonly<Record<string, number>> = { batch, length, tokens };
  const named = graph.inputs.get(teacherInput)?.shape ?? [];
  const shape = named.map((size) => (typeof size === 'number' ? size : (sizes[size] ?? 0)));
  const rng = foundation.random(3, 'answers', shape.length);
  const count = shape.reduce((product, size) => product * size, 1);
  return { [teacherInput]: { data: Float64Array.from({ length: count }, () => rng.normal()), shape } };
}

const softLabels =
  (kind: data.TaskKind): StageCase =>
  async () => {
    const { task, batch, feeds } = await taskPass(kind);
    const program = training.createStepProgram(
      training.withSoftLabels(task, { temperature: 2.5, alpha: 0.6 }),
      tinyEncoder,
    );
    const fed = { ...feeds, ...answers(program, batch) };
    return [gradientMeasure(await training.checkGradients({ engine, program, batch, feeds: fed, probes: 1 }))];
  };

const wider = models.readModelConfig({
  ...{ ...tinyEncoder, hidden_size: 12, num_hidden_layers: 3, num_attention_heads: 3 },
});

const layers =
  (kind: keyof typeof training.relationKinds): StageCase =>
  async () => {
    const last = tinyEncoder.num_hidden_layers;
    const settings: training.InnerLayers = {
      hidden: { layers: [{ student: last, teacher: 1 }], weight: 0.7 },
      relations: { student: last, teacher: 3, kind, heads: 2, weight: 1.3 },
    };
    const { student } = training.innerLayers(settings, { student: tinyEncoder, teacher: wider });
    const { batch } = await taskPass('classification');
    const program = training.createStepProgram(student, tinyEncoder);
    const feeds = answers(program, batch);
    return [gradientMeasure(await training.checkGradients({ engine, program, batch, feeds, probes: 1 }))];
  };

export const distillationCases: Readonly<Record<string, StageCase>> = Object.fromEntries([
  ...kinds.map((kind) => [`distillation/${kind}`, softLabels(kind)] as const),
  ...(['minilm', 'minilm-v2'] as const).map((kind) => [`distillation/layers-${kind}`, layers(kind)] as const),
]);
