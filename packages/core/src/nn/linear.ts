/** The affine map of rows. */
import { gemm, int8Gemm, type Value } from '../graph/index.js';
import { withAdapter, type LinearRole } from './adapter.js';
import { inModule, parameter, qualify, type Builder, type ParameterKind } from './builder.js';
import { int8Copies } from './int8-weight.js';

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
  /** What the layer is for, where it may be given an adapter, or weights in 8 bits. */
  readonly role?: LinearRole;
}

/**
 * y [rows, outputs] = alpha x weight' + beta bias, x [rows, inputs]. Parameters `name.weight` [outputs, inputs] and `name.bias` [outputs], and those
 * of an adapter where the builder gives layers of this role one. Where the builder's arithmetic is int8, layers of the base that have a role multiply
 * 8-bit numbers.
 */
export function linear(b: Builder, name: string, x: Value, options: LinearOptions): Value {
  const { outputs, kind, std, alpha = 1, beta = 1, initialBias, role } = options;
  return inModule(b, name, () => {
    const inputs = Number(x.shape[1]);
    const initial = { normal: std };
    const inEncoder = kind === 'base' && role !== undefined;
    const int8 = inEncoder && b.arithmetic === 'int8';
    const weight = parameter(b, qualify(b, 'weight'), [outputs, inputs], {
      ...{ kind, decay: true, initial },
      ...(int8 && { int8 }),
    });
    const bias = parameter(b, qualify(b, 'bias'), [outputs], {
      ...{ kind, decay: false },
      initial: initialBias ? { values: initialBias } : 'zeros',
    });
    const rest = { c: bias, transposeB: true, alpha, beta };
    const y = int8 ? int8Gemm(x, weight, int8Copies(b, weight), rest) : gemm(x, weight, rest);
    return inEncoder ? withAdapter(b, { x, y, role, alpha }) : y;
  });
}
