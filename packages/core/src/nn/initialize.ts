/** The values that parameters start from where no checkpoint has them. */
import { FieldcraftError, random } from '../foundation/index.js';
import type { Parameter } from './builder.js';

/**
 * Row-major values of a parameter as its `initial` says, in Hugging Face's way: normal weights, zero biases and padding rows, norms of gain
 * one, adapters that change nothing yet. Each depends on the seed and the parameter's own name alone, so that adding a parameter leaves the others as they were.
 * @throws FieldcraftError FC_GRAPH for `values` of another number than the parameter's.
 */
export function initialValues(parameter: Omit<Parameter, 'value' | 'layer'>, seed: number): Float32Array {
  const { name, shape, initial, paddingRow } = parameter;
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  if (initial === 'zeros') return values;
  if (initial === 'ones') return values.fill(1);
  if ('values' in initial) {
    if (initial.values.length === values.length) return Float32Array.from(initial.values);
    const [expected, got] = [`${values.length} values`, String(initial.values.length)];
    throw new FieldcraftError('FC_GRAPH', {
      what: 'a parameter starts from too few or too many values',
      where: name,
      expected,
      got,
    });
  }
  const draw = random(seed, 'initial', name);
  const next =
    'normal' in initial ? () => initial.normal * draw.normal() : () => initial.uniform * (2 * draw.uniform() - 1);
  for (let i = 0; i < values.length; i++) values[i] = next();
  const width = shape.at(-1) ?? 0;
  return paddingRow === undefined ? values : values.fill(0, paddingRow * width, (paddingRow + 1) * width);
}
