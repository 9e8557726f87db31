/** The affine map of rows. */
import { gemm, type Value } from '../graph/index.js';
import { withAdapter, type LinearRole } from './adapter.js';
import { inModule, parameter, qualify, type Builder, type ParameterKind } from './builder.js';

/** What the parameters of a layer have in common: their kind, and the standard deviation that weights start with. */
export interface LayerOptions {
  readonly kind: ParameterKind;
  readonly std: number;
}

export interface LinearOptions extends LayerOptions {
  /** Width of a row of the result. */
  readonly outputs: number;
  /** Multiplies the product; default 1. */
  readonly alpha?: number;
  /** Multiplies the bias; default 1. */
  readonly beta?: number;
  /** What the bias starts from, one number an output; default zeros. */
  readonly initialBias?: readonly number[];
  /** What the layer is for, where it may be given an adapter. */
  readonly role?: LinearRole;
}

/**
 * y [rows, outputs] = alpha x weight' + beta bias, x [rows, inputs]. Parameters `name.weight` [outputs, inputs] and `name.bias` [outputs], and those
 * of an adapter where the builder gives layers of this role one.
 */
export function linear(b: Builder, name: string, x: Value, options: LinearOptions): Value {
  const { outputs, kind, std, alpha = 1, beta = 1, initialBias, role } = options;
  return inModule(b, name, () => {
    const inputs = Number(x.shape[1]);
    const initial = { normal: std };
    const weight = parameter(b, qualify(b, 'weight'), [outputs, inputs], { kind, decay: true, initial });
    const bias = parameter(b, qualify(b, 'bias'), [outputs], {
      ...{ kind, decay: false },
      initial: initialBias ? { values: initialBias } : 'zeros',
    });
    const y = gemm(x, weight, { c: bias, transposeB: true, alpha, beta });
    return kind === 'base' && role !== undefined ? withAdapter(b, { x, y, role, alpha }) : y;
  });
}
