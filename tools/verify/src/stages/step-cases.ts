/** The plain training step of every kind of head: what every stage stands on. */
import { runtime, training } from '@fieldcraft/core/internals';
import type { Measure } from '../checks.js';
import type { StageCase } from '../stages.js';
import { singlePassKinds, taskPass, tinyEncoder, type SinglePassKind } from './task-cases.js';

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

async function plainStep(kind: SinglePassKind): Promise<Measure[]> {
  const { task, batch, feeds } = await taskPass(kind);
  const program = training.createStepProgram(task, tinyEncoder);
  return [gradientMeasure(await training.checkGradients({ engine, program, batch, feeds, probes: 1 }))];
}

export const stepCases: Readonly<Record<string, StageCase>> = Object.fromEntries(
  singlePassKinds.map((kind) => [`step/${kind}`, () => plainStep(kind)]),
);
