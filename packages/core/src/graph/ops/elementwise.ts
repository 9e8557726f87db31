/** Operators that act on each element: arithmetic with broadcasting, and functions of one variable. */
import { apply } from '../build.js';
import { broadcastShapes, shapeError } from '../shapes.js';
import type { Emitter, OpSpec, TensorType, Value } from '../types.js';
import { noGradient } from '../types.js';
import { constant } from './constant.js';
import { at, defineOp, floats, rowByRow } from './define.js';

const emitAs = (opType: string) => (e: Emitter) => void e.emit(opType, e.inputs, {}, { outputs: e.outputs });

/** `z = f(x, y)` with NumPy broadcasting. */
const binary = (onnx: string, grad: OpSpec['grad']): OpSpec =>
  defineOp({
    infer(types) {
      floats(onnx, types, 2);
      return [{ dtype: 'float', shape: broadcastShapes(onnx, at(types, 0), at(types, 1)) }];
    },
    grad,
    lower: emitAs(onnx),
    narrow: rowByRow,
  });

/** `y = f(x)`. */
const unary = (onnx: string, grad: OpSpec['grad'], lower: OpSpec['lower'] = emitAs(onnx)): OpSpec =>
  defineOp({
    infer(types) {
      floats(onnx, types, 1);
      return [at(types, 0)];
    },
    grad,
    lower,
    narrow: rowByRow,
  });

/** `z = x ? y` as a bool. */
const comparison = (onnx: string): OpSpec =>
  defineOp({
    infer(types: readonly TensorType[]) {
      const [x, y] = [at(types, 0), at(types, 1)];
      if (types.length !== 2 || x.dtype !== y.dtype) throw shapeError(onnx, 'takes two inputs of one type', types);
      return [{ dtype: 'bool', shape: broadcastShapes(onnx, x, y) }];
    },
    grad: noGradient,
    lower: emitAs(onnx),
  });

const x = (call: { inputs: readonly Value[] }): Value => at(call.inputs, 0);
const y = (call: { inputs: readonly Value[] }): Value => at(call.inputs, 1);
const result = (call: { outputs: readonly Value[] }): Value => at(call.outputs, 0);
const scalar = (like: Value, value: number): Value => constant(like.graph, value);

export const elementwise = {
  add: binary('Add', ({ dy }) => [dy, dy]),
  sub: binary('Sub', ({ dy }) => [dy, neg(dy)]),
  mul: binary('Mul', (c) => [mul(c.dy, y(c)), mul(c.dy, x(c))]),
  div: binary('Div', (c) => [div(c.dy, y(c)), neg(div(mul(c.dy, result(c)), y(c)))]),

  neg: unary('Neg', ({ dy }) => [neg(dy)]),
  exp: unary('Exp', (c) => [mul(c.dy, result(c))]),
  log: unary('Log', (c) => [div(c.dy, x(c))]),
  sqrt: unary('Sqrt', (c) => [div(mul(c.dy, scalar(c.dy, 0.5)), result(c))]),
  tanh: unary('Tanh', (c) => [mul(c.dy, sub(scalar(c.dy, 1), square(result(c))))]),
  sigmoid: unary('Sigmoid', (c) => [mul(c.dy, mul(result(c), sub(scalar(c.dy, 1), result(c))))]),
  relu: unary('Relu', (c) => [where(greater(x(c), scalar(c.dy, 0)), c.dy, scalar(c.dy, 0))]),
  abs: unary('Abs', (c) => [where(greater(x(c), scalar(c.dy, 0)), c.dy, neg(c.dy))]),
  /** log(1 + exp(x)), without overflow. */
  softplus: unary(
    'Softplus',
    (c) => [mul(c.dy, sigmoid(x(c)))],
    (e) => {
      if (e.target.precision === 'float32') return emitAs('Softplus')(e);
      const decay = e.emit('Exp', [e.emit('Neg', [e.emit('Abs', e.inputs)])]);
      const tail = e.emit('Log', [e.emit('Add', [decay, e.float(1)])]);
      e.emit('Add', [e.emit('Max', [at(e.inputs, 0), e.float(0)]), tail], {}, { outputs: e.outputs });
    },
  ),
  /** d erf/dx = 2/sqrt(pi) exp(-x^2) */
  erf: unary(
    'Erf',
    (c) => [mul(c.dy, exp(sub(scalar(c.dy, Math.log(2 / Math.sqrt(Math.PI))), square(x(c)))))],
    (e) => void emitErf(e, at(e.inputs, 0), e.outputs),
  ),
  /**
   * z (1 + erf z): GELU (Hendrycks & Gimpel 2016) of sqrt(2) z, times sqrt(2). The factors belong in the products before and after it,
   * where they cost nothing. The second output is 1 + erf z, which the gradient needs again.
   */
  erfGate: defineOp({
    infer(types) {
      floats('erfGate', types, 1);
      return [at(types, 0), at(types, 0)];
    },
    grad: (c) => {
      const z = x(c);
      const bell = exp(sub(scalar(z, Math.log(2 / Math.sqrt(Math.PI))), square(z)));
      return [mul(c.dy, add(mul(z, bell), at(c.outputs, 1)))];
    },
    lower(e) {
      const z = at(e.inputs, 0);
      const gate = e.emit('Add', [emitErf(e, z), e.float(1)], {}, { outputs: [at(e.outputs, 1)] });
      e.emit('Mul', [z, gate], {}, { outputs: [at(e.outputs, 0)] });
    },
    narrow: rowByRow,
  }),

  greater: comparison('Greater'),
  equal: comparison('Equal'),
  /** condition ? x : y */
  where: defineOp({
    infer(types) {
      const [condition, a, b] = [at(types, 0), at(types, 1), at(types, 2)];
      if (condition.dtype !== 'bool') throw shapeError('where', 'the condition is a bool', types);
      floats('where', [a, b], 2);
      const shape = broadcastShapes('where', a, b);
      return [{ dtype: 'float', shape: broadcastShapes('where', { dtype: 'float', shape }, condition) }];
    },
    grad: (c) => {
      const zero = scalar(c.dy, 0);
      return [undefined, where(x(c), c.dy, zero), where(x(c), zero, c.dy)];
    },
    lower: emitAs('Where'),
  }),
  /** bool or int64 -> float */
  toFloat: defineOp({
    infer: (types) => [{ dtype: 'float', shape: at(types, 0).shape }],
    grad: noGradient,
    lower: (e) =>
      void e.emit('Cast', e.inputs, { to: e.target.precision === 'float32' ? 1 : 11 }, { outputs: e.outputs }),
  }),
} satisfies Record<string, OpSpec>;

export const add = (a: Value, b: Value): Value => apply('add', [a, b]);
export const sub = (a: Value, b: Value): Value => apply('sub', [a, b]);
export const mul = (a: Value, b: Value): Value => apply('mul', [a, b]);
export const div = (a: Value, b: Value): Value => apply('div', [a, b]);
export const neg = (a: Value): Value => apply('neg', [a]);
export const exp = (a: Value): Value => apply('exp', [a]);
export const log = (a: Value): Value => apply('log', [a]);
export const sqrt = (a: Value): Value => apply('sqrt', [a]);
export const tanh = (a: Value): Value => apply('tanh', [a]);
export const sigmoid = (a: Value): Value => apply('sigmoid', [a]);
export const relu = (a: Value): Value => apply('relu', [a]);
export const abs = (a: Value): Value => apply('abs', [a]);
export const softplus = (a: Value): Value => apply('softplus', [a]);
export const erf = (a: Value): Value => apply('erf', [a]);
export const erfGate = (z: Value): Value => apply('erfGate', [z]);
export const square = (a: Value): Value => mul(a, a);
export const greater = (a: Value, b: Value): Value => apply('greater', [a, b]);
export const equal = (a: Value, b: Value): Value => apply('equal', [a, b]);
export const where = (condition: Value, a: Value, b: Value): Value => apply('where', [condition, a, b]);
export const toFloat = (a: Value): Value => apply('toFloat', [a]);

/** Coefficients of W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969): double precision on the whole line. */
const small = {
  top: [
    1.85777706184603153e-1, 3.1611237438705656, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3,
  ],
  bottom: [1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3],
};
const middle = {
  top: [
    2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
    8.8195222124176909e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3,
  ],
  bottom: [
    1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
    3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
  ],
};
const large = {
  top: [
    1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
    1.60837851487422766e-2, 6.58749161529837803e-4,
  ],
  bottom: [
    1, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3,
  ],
};

/** erf z, under a name of its own or under `outputs`. */
export function emitErf(e: Emitter, z: string, outputs?: readonly string[]): string {
  const options = outputs ? { outputs } : {};
  if (e.target.precision === 'float32') return e.emit('Erf', [z], {}, options);
  const made = erfFloat64(e, z);
  return outputs ? e.emit('Identity', [made], {}, options) : made;
}

/** erf in double precision from operators that have double kernels: three regions, joined by Where. */
function erfFloat64(e: Emitter, input: string): string {
  const horner = (coefficients: readonly number[], t: string): string =>
    coefficients
      .slice(1)
      .reduce((sum, c) => e.emit('Add', [e.emit('Mul', [sum, t]), e.float(c)]), e.float(at(coefficients, 0)));
  const ratio = (r: { top: readonly number[]; bottom: readonly number[] }, t: string): string =>
    e.emit('Div', [horner(r.top, t), horner(r.bottom, t)]);
  const size = e.emit('Abs', [input]);
  const sizeSquared = e.emit('Mul', [input, input]);
  const bell = e.emit('Exp', [e.emit('Neg', [sizeSquared])]);
  const nearZero = e.emit('Mul', [input, ratio(small, sizeSquared)]);
  // Each region is computed for all elements: keep the unused ones finite.
  const inMiddle = e.emit('Mul', [bell, ratio(middle, e.emit('Min', [size, e.float(4)]))]);
  const away = e.emit('Max', [size, e.float(1)]);
  const inverseSquare = e.emit('Div', [e.float(1), e.emit('Mul', [away, away])]);
  const tail = e.emit('Sub', [
    e.float(1 / Math.sqrt(Math.PI)),
    e.emit('Mul', [inverseSquare, ratio(large, inverseSquare)]),
  ]);
  const inTail = e.emit('Mul', [bell, e.emit('Div', [tail, away])]);
  const complement = e.emit('Where', [e.emit('Greater', [size, e.float(4)]), inTail, inMiddle]);
  const magnitude = e.emit('Sub', [e.float(1), complement]);
  const signed = e.emit('Mul', [e.emit('Sign', [input]), magnitude]);
  return e.emit('Where', [e.emit('Greater', [size, e.float(0.46875)]), signed, nearZero]);
}
