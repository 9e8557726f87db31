/**
 * Adversarial training of every kind of head. FGM, PGD and FreeLB learn from one graph, the loss at a perturbation, whose gradients at the weights
 * (the outer step) and at the perturbation (the inner one) are checked. SMART's graph has everything that R3F's has, and the proximal term; what its
 * perturbation climbs is a graph of its own. VAT's reference is taken as given, so that its outer gradient is that of a distance from it.
 */
import { foundation, tasks, training, type data, type runtime } from '@fieldcraft/core/internals';
import type { Measure } from '../checks.js';
import type { StageCase } from '../stages.js';
import { engine, gradientMeasure } from './step-cases.js';
import { kinds, taskPass, tinyEncoder, type TaskPass } from './task-cases.js';

const { perturbationInput, anchorInput, referenceInput } = training;

/** Numbers to feed: a perturbation large enough to be seen, and logits of another moment. */
function noise(shape: readonly number[], deviation: number): runtime.Tensor {
  const rng = foundation.random(5, 'noise', shape.length);
  const count = shape.reduce((product, size) => product * size, 1);
  return { data: Float64Array.from({ length: count }, () => deviation * rng.normal()), shape };
}

export const perturbed = ({ batch }: TaskPass) => ({
  [perturbationInput]: noise([batch.tokens, tinyEncoder.hidden_size], 0.3),
});

/** Logits of the shape that a graph's input of this name has. */
function logits(
  graph: training.PerturbedLoss['graph'],
  name: string,
  { batch }: TaskPass,
): Record<string, runtime.Tensor> {
  const sizes: Readonly<Record<string, number>> = { batch: batch.batch, length: batch.length, tokens: batch.tokens };
  const shape = graph.inputs.get(name)?.shape.map((size) => (typeof size === 'number' ? size : (sizes[size] ?? 0)));
  return shape ? { [name]: noise(shape, 1) } : {};
}

/** The step that a method learns by, and the gradient that its perturbation climbs where the same graph gives it. */
async function outerAndInner(pass: TaskPass, settings: tasks.Adversarial): Promise<Measure> {
  const { task, batch } = pass;
  const program = training.createStepProgram(task, tinyEncoder, { adversarial: settings });
  const feeds = { ...pass.feeds, ...perturbed(pass), ...logits(program.graph, anchorInput, pass) };
  const { perturbation } = program.gradients;
  const others = perturbation === undefined ? {} : { [perturbationInput]: perturbation };
  const errors = await training.checkGradients({ engine, program, batch, feeds, others, probes: 1 });
  return gradientMeasure(errors, settings.method);
}

/** The gradient that a perturbation climbs in a graph of its own. */
async function look(pass: TaskPass, settings: tasks.Adversarial): Promise<Measure> {
  const graph = training.lookGraph(pass.task, tinyEncoder, settings);
  if (graph === undefined) throw new Error(`${settings.method} has no such graph`);
  const program = {
    graph: graph.graph,
    parameters: [...graph.builder.parameters.values()],
    dropouts: graph.builder.dropouts,
    ...{ trained: [], gradients: { dense: new Map<string, string>(), rows: new Map() } },
  };
  const feeds = { ...pass.feeds, ...perturbed(pass), ...logits(graph.graph, referenceInput, pass) };
  const others = { [perturbationInput]: 'gradient' };
  const errors = await training.checkGradients({ engine, program, batch: pass.batch, feeds, others, probes: 4 });
  return gradientMeasure(errors, `${settings.method} climbs`);
}

const settings = (method: tasks.AdversarialMethod) => tasks.adversarialSchema.parse({ method });

async function check(kind: data.TaskKind): Promise<Measure[]> {
  const pass = await taskPass(kind);
  return [
    await outerAndInner(pass, settings('freelb')),
    await outerAndInner(pass, settings('smart')),
    await look(pass, settings('smart')),
    await look(pass, settings('vat')),
  ];
}

export const adversarialCases: Readonly<Record<string, StageCase>> = Object.fromEntries(
  kinds.map((kind) => [`adversarial/${kind}`, () => check(kind)]),
);
