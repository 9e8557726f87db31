/** Layer normalisation (Ba, Kiros & Hinton 2016) over the last axis. */
import { apply, applyAll } from '../build.js';
import { sameShape, shapeError } from '../shapes.js';
import type { Emitter, OpSpec, TensorType, Value } from '../types.js';
import { constant } from './constant.js';
import { at, defineOp, floats, rowByRow } from './define.js';
import { mul, sub } from './elementwise.js';
import { columnSums, gemm } from './matrix.js';
import { reshape } from './shape.js';

type NormAttributes = { epsilon: number };

function width(op: string, types: readonly TensorType[]): number {
  const [x] = types;
  const size = x?.shape.at(-1);
  if (x?.shape.length !== 2 || typeof size !== 'number') throw shapeError(op, 'takes rows of a fixed width', types);
  return size;
}

export const normalizations = {
  /** y = standardize(x) * gain + bias, x [rows, width]. */
  layerNorm: defineOp<NormAttributes>({
    infer(types) {
      floats('layerNorm', types, 3);
      const size = width('layerNorm', types);
      if (types.slice(1).some((type) => !sameShape(type.shape, [size]))) {
        throw shapeError('layerNorm', 'gain and bias have the width of a row', types);
      }
      return [at(types, 0)];
    },
    grad: ({ inputs, attributes, dy }) => {
      const [x, gain] = [at(inputs, 0), at(inputs, 1)];
      const outputs = applyAll(x.graph, 'standardize', [x], attributes);
      const [normal, inverseDeviation] = [at(outputs, 0), at(outputs, 1)];
      const weighted = mul(dy, normal);
      const dx = standardizeBackward({ normal, inverseDeviation, dy, weighted, gain });
      return [dx, columnSums(weighted), columnSums(dy)];
    },
    lower(e, { epsilon }) {
      const [x, gain, bias] = e.inputs as [string, string, string];
      const { outputs } = e;
      if (e.target.precision === 'float32') {
        e.emit('LayerNormalization', [x, gain, bias], { axis: -1, epsilon: { float: epsilon } }, { outputs });
      } else {
        const scaled = e.emit('Mul', [standardizeInParts(e, x, epsilon).normal, gain]);
        e.emit('Add', [scaled, bias], {}, { outputs });
      }
    },
    narrow: rowByRow,
  }),
  /** (x - mean) / sqrt(variance + epsilon); the second output is 1 / sqrt(variance + epsilon), [rows, 1]. */
  standardize: defineOp<NormAttributes>({
    infer(types) {
      floats('standardize', types, 1);
      width('standardize', types);
      const x = at(types, 0);
      return [x, { dtype: 'float', shape: [at(x.shape, 0), 1] }];
    },
    grad: ({ outputs, dy }) => {
      const normal = at(outputs, 0);
      const ones = constant(dy.graph, Array<number>(Number(at(dy.shape, 1))).fill(1));
      const weighted = mul(dy, normal);
      return [standardizeBackward({ normal, inverseDeviation: at(outputs, 1), dy, weighted, gain: ones })];
    },
    lower(e, { epsilon }) {
      const x = at(e.inputs, 0);
      const size = Number(at(at(e.inputTypes, 0).shape, 1));
      const [normal, inverseDeviation] = e.outputs as [string, string];
      if (e.target.precision === 'float32') {
        const gain = e.float(Array<number>(size).fill(1), [size]);
        const bias = e.float(Array<number>(size).fill(0), [size]);
        const attributes = { axis: -1, epsilon: { float: epsilon } };
        e.emit('LayerNormalization', [x, gain, bias], attributes, { outputs: [normal, '', inverseDeviation] });
      } else {
        const parts = standardizeInParts(e, x, epsilon);
        e.emit('Identity', [parts.normal], {}, { outputs: [normal] });
        e.emit('Identity', [parts.inverseDeviation], {}, { outputs: [inverseDeviation] });
      }
    },
  }),
} satisfies Record<string, OpSpec>;

/**
 * dx = (g - mean(g) - normal mean(g normal)) / deviation with g = dy gain. The means are products with the gain as a column, which read
 * `dy` and `weighted` = dy normal once and write nothing wide.
 */
function standardizeBackward(values: Record<'normal' | 'inverseDeviation' | 'dy' | 'weighted' | 'gain', Value>): Value {
  const { normal, inverseDeviation, dy, weighted, gain } = values;
  const size = Number(at(dy.shape, 1));
  const column = reshape(gain, [size, 1]);
  const mean = gemm(dy, column, { alpha: 1 / size });
  const slope = gemm(weighted, column, { alpha: 1 / size });
  return mul(sub(sub(mul(dy, gain), mul(normal, slope)), mean), inverseDeviation);
}

function standardizeInParts(e: Emitter, x: string, epsilon: number): { normal: string; inverseDeviation: string } {
  const mean = (value: string) => e.emit('ReduceMean', [value, e.int64([-1])], { keepdims: 1 });
  const centred = e.emit('Sub', [x, mean(x)]);
  const variance = mean(e.emit('Mul', [centred, centred]));
  const deviation = e.emit('Sqrt', [e.emit('Add', [variance, e.float(epsilon)])]);
  const inverseDeviation = e.emit('Div', [e.float(1), deviation]);
  return { normal: e.emit('Mul', [centred, inverseDeviation]), inverseDeviation };
}

export const layerNorm = (x: Value, gain: Value, bias: Value, epsilon: number): Value =>
  apply('layerNorm', [x, gain, bias], { epsilon });
