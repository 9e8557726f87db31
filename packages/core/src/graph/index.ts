/** Typed graphs with named sizes, their operators, and reverse-mode differentiation. Knows no neural net and no runtime. */
export * from './types.js';
export { createGraph, input, opSpec, output, productSize, scope } from './build.js';
export { ops, type OpName } from './ops/index.js';
export {
  abs,
  add,
  div,
  equal,
  erf,
  erfGate,
  exp,
  greater,
  log,
  mul,
  neg,
  relu,
  sigmoid,
  softplus,
  sqrt,
  square,
  sub,
  tanh,
  toFloat,
  where,
} from './ops/elementwise.js';
export { constant, filled, integers, range } from './ops/constant.js';
export { int8Gemm, type Int8Copies, type Int8Copy } from './ops/int8.js';
export { gemm, matmul } from './ops/matrix.js';
export { argMax, logSoftmax, max, softmax, sum, sumAll } from './ops/reduction.js';
export {
  broadcastTo,
  concat,
  gatherRows,
  oneHot,
  reshape,
  scatterAddRows,
  shiftRows,
  slice,
  stopGradient,
  transpose,
} from './ops/shape.js';
export { layerNorm } from './ops/normalization.js';
export { attention } from './ops/attention.js';
export { gelu, sequenceAttention } from './ops/fused.js';
export { gradients, type ValueGradient } from './autodiff.js';
export { fuseGraph } from './fuse.js';
export { liveNodes } from './live.js';
export { narrowRows } from './narrow.js';
export { printGraph } from './print.js';
export { verifyGraph } from './verify.js';
export { formatShape, formatType } from './shapes.js';
