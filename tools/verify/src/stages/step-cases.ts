/** The plain training step of every kind of head: what every stage stands on. */
import { runtime, training, type data, type nn } from '@fieldcraft/core/internals';
import type { Measure } from '../checks.js';
import type { StageCase } from '../stages.js';
import { kinds, taskPass, tinyEncoder } from './task-cases.js';

/** One thread: tiny products gain nothing from more. */
export const engine = runtime.createOnnxRuntimeEngine({ threads: 1 });

/** Differences are in float64, whose rounding they divide by a step of 1e-5. */
const gradientBound = 1e-6;

/** The measure of a check; one where nothing moves the loss is none. */
export const gradientMeasure = ({ worst, largest, tensors }: training.GradientErrors, of = 'gradients'): Measure => ({
  what: `${tensors} ${of}`,
  worst: largest > 1e-5 ? worst : Infinity,
  bound: gradientBound,
});

async function plainStep(kind: data.TaskKind, arithmetic: nn.Arithmetic = 'fp32'): Promise<Measure[]> {
  const { task, batch, feeds } = await taskPass(kind);
  const program = training.createStepProgram(task, tinyEncoder, { arithmetic });
  return [gradientMeasure(await training.checkGradients({ engine, program, batch, feeds, probes: 1 }))];
}

/** In double precision products in 8 bits are the exact ones that they stand for, and their gradients are held against those. */
export const stepCases: Readonly<Record<string, StageCase>> = {
  ...Object.fromEntries(kinds.map((kind) => [`step/${kind}`, () => plainStep(kind)])),
  'step/int8': () => plainStep('token-classification', 'int8'),
};
