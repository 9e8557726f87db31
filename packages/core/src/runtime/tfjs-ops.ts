/** What each ONNX operator that our graphs lower to is in TensorFlow.js. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { FieldcraftError } from '../foundation/index.js';
import type { OnnxAttribute } from '../graph/index.js';

export type Tfjs = typeof import('@tensorflow/tfjs-core');

/** One node being run. int64 is int32 here: TensorFlow.js has no wider integers. */
export interface TfjsCall {
  readonly tf: Tfjs;
  readonly inputs: readonly Tensor[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  /** Reads a tensor of integers back to the host: shapes, axes, bounds. */
  read(tensor: Tensor): readonly number[];
}

/** One tensor, or as many as the operator has outputs. What it makes on the way is freed by the caller. */
type TfjsOp = (call: TfjsCall) => Tensor | Tensor[];

const input = ({ inputs }: TfjsCall, i: number): Tensor => {
  const tensor = inputs[i];
  if (!tensor) throw new FieldcraftError('FC_INTERNAL', { what: `a node has no input ${i}` });
  return tensor;
};
const numbers = (call: TfjsCall, i: number): number[] => [...call.read(input(call, i))];

function attribute({ attributes }: TfjsCall, name: string, fallback: number): number {
  const value = attributes[name] ?? fallback;
  return typeof value === 'object' && 'float' in value ? value.float : Number(value);
}

const unary =
  (name: 'abs' | 'erf' | 'exp' | 'log' | 'neg' | 'relu' | 'sigmoid' | 'softplus' | 'sqrt' | 'tanh'): TfjsOp =>
  (call) =>
    call.tf[name](input(call, 0));
const binary =
  (name: 'add' | 'sub' | 'mul' | 'div' | 'greater' | 'equal'): TfjsOp =>
  (call) =>
    call.tf[name](input(call, 0), input(call, 1));
const reduction =
  (name: 'sum' | 'max'): TfjsOp =>
  (call) =>
    call.tf[name](input(call, 0), numbers(call, 1), attribute(call, 'keepdims', 1) === 1);

/** Element types by their numbers in ONNX. */
const castTypes: Readonly<Record<number, 'float32' | 'int32' | 'bool'>> = { 1: 'float32', 7: 'int32', 9: 'bool' };

export const tfjsOps: Readonly<Record<string, TfjsOp>> = {
  Abs: unary('abs'),
  Erf: unary('erf'),
  Exp: unary('exp'),
  Log: unary('log'),
  Neg: unary('neg'),
  Relu: unary('relu'),
  Sigmoid: unary('sigmoid'),
  Softplus: unary('softplus'),
  Sqrt: unary('sqrt'),
  Tanh: unary('tanh'),
  Add: binary('add'),
  Sub: binary('sub'),
  Mul: binary('mul'),
  Div: binary('div'),
  Greater: binary('greater'),
  Equal: binary('equal'),
  Where: (call) => call.tf.where(input(call, 0), input(call, 1), input(call, 2)),
  Identity: (call) => input(call, 0),
  Cast: (call) => {
    const type = castTypes[attribute(call, 'to', 1)];
    if (!type) throw new FieldcraftError('FC_INTERNAL', { what: 'Cast to a type that graphs do not have' });
    return call.tf.cast(input(call, 0), type);
  },

  ReduceSum: reduction('sum'),
  ReduceMax: reduction('max'),
  ArgMax: (call) => {
    const result = call.tf.argMax(input(call, 0), attribute(call, 'axis', 0));
    return attribute(call, 'keepdims', 1) === 1 ? call.tf.expandDims(result, attribute(call, 'axis', 0)) : result;
  },
  Softmax: (call) => call.tf.softmax(input(call, 0), attribute(call, 'axis', -1)),
  LogSoftmax: (call) => call.tf.logSoftmax(input(call, 0), attribute(call, 'axis', -1)),
  /** Outputs: the result, the mean, and the inverse deviation. */
  LayerNormalization: (call) => {
    const { tf } = call;
    const x = input(call, 0);
    const axis = attribute(call, 'axis', -1);
    const mean = tf.mean(x, axis, true);
    const centred = tf.sub(x, mean);
    const variance = tf.mean(tf.square(centred), axis, true);
    const inverse = tf.rsqrt(tf.add(variance, attribute(call, 'epsilon', 1e-5)));
    const scaled = tf.mul(tf.mul(centred, inverse), input(call, 1));
    return [call.inputs[2] ? tf.add(scaled, call.inputs[2]) : scaled, mean, inverse];
  },

  MatMul: (call) => call.tf.matMul(input(call, 0), input(call, 1)),
  Gemm: (call) => {
    const { tf } = call;
    const [alpha, beta] = [attribute(call, 'alpha', 1), attribute(call, 'beta', 1)];
    const transposed = (name: string) => attribute(call, name, 0) === 1;
    const product = tf.matMul(input(call, 0), input(call, 1), transposed('transA'), transposed('transB'));
    const scaled = alpha === 1 ? product : tf.mul(product, alpha);
    const c = call.inputs[2];
    return c ? tf.add(scaled, beta === 1 ? c : tf.mul(c, beta)) : scaled;
  },

  Shape: ({ tf, inputs }) => tf.tensor1d(inputs[0]?.shape ?? [], 'int32'),
  Reshape: (call) => call.tf.reshape(input(call, 0), numbers(call, 1)),
  Expand: (call) => call.tf.broadcastTo(input(call, 0), numbers(call, 1)),
  Squeeze: (call) => call.tf.squeeze(input(call, 0), call.inputs[1] ? numbers(call, 1) : undefined),
  Unsqueeze: (call) =>
    numbers(call, 1)
      .sort((a, b) => a - b)
      .reduce((x, axis) => call.tf.expandDims(x, axis), input(call, 0)),
  Transpose: (call) => {
    const order = call.attributes['perm'];
    return call.tf.transpose(input(call, 0), Array.isArray(order) ? order.map(Number) : undefined);
  },
  Concat: (call) => call.tf.concat([...call.inputs], attribute(call, 'axis', 0)),
  /** Bounds beyond the end mean the end, as in ONNX; graphs have no negative bounds and no steps. */
  Slice: (call) => {
    const x = input(call, 0);
    const [starts, ends] = [numbers(call, 1), numbers(call, 2)];
    const axes = call.inputs[3] ? numbers(call, 3) : starts.map((_, i) => i);
    const begin = x.shape.map(() => 0);
    const size = [...x.shape];
    axes.forEach((axis, i) => {
      const index = axis < 0 ? axis + x.rank : axis;
      const [start, end] = [Number(starts[i]), Math.min(Number(ends[i]), Number(x.shape[index]))];
      begin[index] = start;
      size[index] = end - start;
    });
    return call.tf.slice(x, begin, size);
  },
  Pad: (call) => {
    const x = input(call, 0);
    const [pads, value] = [numbers(call, 1), Number(input(call, 2).dataSync()[0])];
    const axes = call.inputs[3] ? numbers(call, 3) : x.shape.map((_, i) => i);
    const around = x.shape.map((): [number, number] => [0, 0]);
    axes.forEach((axis, i) => (around[axis] = [Number(pads[i]), Number(pads[i + axes.length])]));
    return call.tf.pad(x, around, value);
  },
  Range: (call) => {
    const [start, end, step] = [0, 1, 2].map((i) => Number(numbers(call, i)[0])) as [number, number, number];
    return call.tf.range(start, end, step, 'int32');
  },
  Gather: (call) => call.tf.gather(input(call, 0), input(call, 1), attribute(call, 'axis', 0)),
  /** With `reduction: add` along the first axis, each row of `updates` to one row: all that graphs have. */
  ScatterElements: (call) => {
    const [data, indices, updates] = [input(call, 0), input(call, 1), input(call, 2)];
    const rows = updates.shape[0] ?? 0;
    const width = updates.size / Math.max(1, rows);
    const first = call.tf.slice(call.tf.reshape(indices, [rows, width]), [0, 0], [rows, 1]);
    return call.tf.add(data, call.tf.scatterND(first, updates, data.shape));
  },
};
