/** The gradients that a training step computes, held against central differences of its loss, all of it in float64. */
import { FieldcraftError, random } from '../foundation/index.js';
import type { SequenceBatch } from '../models/index.js';
import { initialValues } from '../nn/index.js';
import type { Engine, Tensor } from '../runtime/index.js';
import { createDropoutMasks } from './dropout-masks.js';
import { maskFeeds, sequenceFeeds } from './objective.js';
import type { StepProgram } from './step-program.js';

export interface GradientCheck {
  readonly engine: Engine;
  readonly program: Pick<StepProgram, 'graph' | 'parameters' | 'trained' | 'dropouts' | 'gradients'>;
  readonly batch: SequenceBatch;
  /** What the objective and the head read: targets and the like. */
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** Other gradients that are outputs of the graph, each with the float input that it is of: `{ perturbation: 'gradient.perturbation' }`. */
  readonly others?: Readonly<Record<string, string>>;
  /** Elements of each tensor that are moved: those where the gradient is largest, and as many others. Default 3. */
  readonly probes?: number;
}

export interface GradientErrors {
  /** The largest |gradient - difference| / max(1, |difference|) over all elements that were moved. */
  readonly worst: number;
  /** Where it is. */
  readonly where: string;
  /** The largest difference: a check of zeros says nothing. */
  readonly largest: number;
  /** Tensors of which elements were moved. */
  readonly tensors: number;
}

/** Far enough for the loss to move in many digits, near enough for its curve not to show. */
const step = 1e-5;

/** Weights, drawn anew, and dropout masks are of this seed. */
const seed = 7;

/** Moves elements of every tensor that the step trains, one at a time, and looks at the loss. */
export async function checkGradients(check: GradientCheck): Promise<GradientErrors> {
  const { engine, program, batch, others = {}, probes = 3 } = check;
  const compiled = await engine.compile(program.graph, { precision: 'float64' });
  try {
    const feeds = feedsOf(check);
    const fed = Object.fromEntries([...compiled.inputs].map((name) => [name, feedOf(feeds, name)]));
    const results = await compiled.run(fed, Object.fromEntries([...compiled.outputs].map((name) => [name, null])));
    const dataOf = (name: string) => results[name]?.data ?? new Float64Array(0);
    const lossAt = async (moved: Tensor, name: string): Promise<number> =>
      Number((await compiled.run({ ...fed, [name]: moved }, { loss: null }))['loss']?.data[0]);

    const checked = new Map<string, Float64Array>();
    for (const [input, output] of Object.entries(others)) checked.set(input, Float64Array.from(dataOf(output), Number));
    const { dense, rows } = program.gradients;
    for (const name of program.trained) {
      const gradient = new Float64Array(feedOf(fed, name).data.length);
      const whole = dense.get(name);
      if (whole !== undefined) gradient.set(Float64Array.from(dataOf(whole), Number));
      for (const { output, indices } of rows.get(name) ?? [])
        addRows(gradient, { values: dataOf(output), rows: feedOf(fed, indices).data, batch });
      checked.set(name, gradient);
    }
    let [worst, largest, where] = [0, 0, ''];
    for (const [name, gradient] of checked) {
      const { data, shape } = feedOf(fed, name);
      for (const i of chooseElements(gradient, probes)) {
        const moved = (by: number): Tensor => {
          const values = Float64Array.from(data, Number);
          values[i]! += by;
          return { data: values, shape };
        };
        const difference = ((await lossAt(moved(step), name)) - (await lossAt(moved(-step), name))) / (2 * step);
        const error = Math.abs(gradient[i]! - difference) / Math.max(1, Math.abs(difference));
        // Written so that NaN is the worst.
        if (!(error <= worst)) [worst, where] = [error, `${name}[${i}]: ${gradient[i]} against ${difference}`];
        largest = Math.max(largest, Math.abs(difference));
      }
    }
    return { worst, where, largest, tensors: checked.size };
  } finally {
    await compiled.release();
  }
}

/** Everything that the graph may ask for; floats in double precision. */
function feedsOf({ program, batch, feeds }: GradientCheck): Record<string, Tensor> {
  const masks = createDropoutMasks(seed);
  const given = {
    loss_share: { data: Float64Array.of(0.75), shape: [] },
    ...sequenceFeeds(batch),
    ...maskFeeds(program, { batch, masks, maskNumber: 1 }),
    ...feeds,
  };
  const weights = program.parameters.map((parameter): [string, Tensor] => {
    const rng = random(seed, parameter.name);
    const data = Float64Array.from(initialValues(parameter, seed), (x) => x + 0.1 * rng.normal());
    return [parameter.name, { data, shape: parameter.shape }];
  });
  const doubled = Object.entries(given).map(([name, { data, shape }]): [string, Tensor] => [
    name,
    { data: data instanceof Float32Array ? Float64Array.from(data) : data, shape },
  ]);
  return Object.fromEntries([...weights, ...doubled]);
}

function feedOf(feeds: Readonly<Record<string, Tensor>>, name: string): Tensor {
  const tensor = feeds[name];
  if (tensor) return tensor;
  throw new FieldcraftError('FC_INTERNAL', { what: `a gradient check has nothing to feed to ${name}` });
}

/** Adds the rows that a step would scatter into a table; padding is among them, as the loss sees it. */
function addRows(
  table: Float64Array,
  { values, rows, batch }: { values: Tensor['data']; rows: Tensor['data']; batch: SequenceBatch },
): void {
  const width = values.length / batch.tokens;
  rows.forEach((row: number | bigint, i: number) => {
    for (let k = 0; k < width; k++) table[Number(row) * width + k]! += Number(values[i * width + k]);
  });
}

/** The elements with the largest gradients, and as many spread over the tensor. */
function chooseElements(gradient: Float64Array, count: number): number[] {
  const largest = [...gradient.keys()].sort((a, b) => Math.abs(gradient[b]!) - Math.abs(gradient[a]!)).slice(0, count);
  const spread = Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * gradient.length) / count));
  return [...new Set([...largest, ...spread])].filter((i) => i < gradient.length);
}
