/** A graph as it is served: the same outputs, from operators that ONNX Runtime has single CPU kernels for. */
import { applyAll, atPath } from './build.js';
import { biasGelu, skipLayerNorm } from './ops/fused.js';
import { gemm } from './ops/matrix.js';
import { sameShape } from './shapes.js';
import { sequenceFirst } from './sequence-first.js';
import type { Attributes, Graph, Value } from './types.js';

/**
 * A new graph with the same inputs and outputs, whose results differ by rounding alone. Token rows lie sequence first, so that attention is one
 * operator and nothing is moved for it; a sum that is normalised, and a GELU between two products, are one operator each. For graphs that were not
 * differentiated.
 */
export const fuseGraph = (graph: Graph): Graph => sequenceFirst(graph, fuseNode);

/** Applies an operator, or one that computes the same together with those before it. What is then no longer read is not lowered. */
function fuseNode(graph: Graph, op: string, inputs: readonly Value[], attributes: Attributes): readonly Value[] {
  const fused =
    op === 'layerNorm'
      ? normalizedSum(inputs as [Value, Value, Value], Number(attributes['epsilon']))
      : op === 'gemm'
        ? productOfGelu(inputs, attributes)
        : undefined;
  return fused ? [fused] : applyAll(graph, op, inputs, attributes);
}

function normalizedSum([sum, gain, bias]: readonly [Value, Value, Value], epsilon: number): Value | undefined {
  const [x, skip] = sum.node?.op === 'add' ? sum.node.inputs : [];
  if (!x || !skip || !sameShape(x.shape, sum.shape) || !sameShape(skip.shape, sum.shape)) return undefined;
  return skipLayerNorm({ x, skip, gain, bias }, epsilon);
}

/** Layers fold the factors of GELU into the products around it: with z = sqrt(1/2) u, z (1 + erf z) = sqrt(2) gelu(u). */
function productOfGelu([gated, weight, bias]: readonly Value[], attributes: Attributes): Value | undefined {
  const inner = gated?.node?.op === 'erfGate' ? gated.node.inputs[0]?.node : undefined;
  const [x, innerWeight, innerBias] = inner?.op === 'gemm' ? inner.inputs : [];
  const after = Number(attributes['alpha']) * Math.SQRT2;
  const folded = [inner?.attributes['alpha'], inner?.attributes['beta']].map((factor) => Number(factor) * Math.SQRT2);
  if (!inner || !x || !innerWeight || innerBias?.shape.length !== 1 || !folded.every(isOne) || !weight)
    return undefined;
  const u = atPath(x.graph, inner.path, () =>
    biasGelu(gemm(x, innerWeight, { ...inner.attributes, alpha: 1, beta: 1 }), innerBias),
  );
  const rest = { ...attributes, alpha: isOne(after) ? 1 : after };
  return gemm(u, weight, bias ? { ...rest, c: bias } : rest);
}

const isOne = (factor: number): boolean => Math.abs(factor - 1) < 1e-12;
