/** Layer normalisation with its gain and bias. */
import { layerNorm, type Value } from '../graph/index.js';
import { inModule, parameter, qualify, type Builder, type ParameterKind } from './builder.js';

export interface NormOptions {
  readonly kind: ParameterKind;
  readonly epsilon: number;
}

/** Rows of `x` [rows, width] standardised, times `name.weight` plus `name.bias` [width] (Ba, Kiros & Hinton 2016). */
export function norm(b: Builder, name: string, x: Value, { kind, epsilon }: NormOptions): Value {
  return inModule(b, name, () => {
    const width = [Number(x.shape[1])];
    const gain = parameter(b, qualify(b, 'weight'), width, { kind, decay: false, initial: 'ones' });
    const bias = parameter(b, qualify(b, 'bias'), width, { kind, decay: false, initial: 'zeros' });
    return layerNorm(x, gain, bias, epsilon);
  });
}
