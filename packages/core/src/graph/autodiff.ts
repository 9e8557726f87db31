/** Reverse-mode differentiation: from a scalar loss and the values of interest to the nodes that compute its gradients. */
import { FieldcraftError } from '../foundation/index.js';
import { opSpec, scope } from './build.js';
import { add } from './ops/elementwise.js';
import { constant } from './ops/constant.js';
import { sum } from './ops/reduction.js';
import { reshape, scatterAddRows } from './ops/shape.js';
import type { RowsGradient, Value } from './types.js';

/**
 * The gradient of one value. `rows` are contributions to single rows of a table (embeddings), which are not worth a dense tensor; the
 * true gradient is `dense` plus all of them.
 */
export interface ValueGradient {
  dense?: Value;
  rows: RowsGradient[];
}

const isValue = (gradient: Value | RowsGradient): gradient is Value => 'graph' in gradient;

/**
 * Adds to the graph the nodes that compute d loss / d target for each target and returns them in order; undefined where the loss does
 * not depend on a target. Only paths that lead to a target are differentiated.
 * @throws FieldcraftError FC_GRAPH if `loss` is no scalar, or a path crosses an operator whose gradient is refused.
 */
export function gradients(loss: Value, targets: readonly Value[]): (ValueGradient | undefined)[] {
  const { graph } = loss;
  if (loss.shape.length !== 0 || loss.dtype !== 'float') {
    throw new FieldcraftError('FC_GRAPH', {
      what: 'only a scalar can be differentiated',
      got: `[${loss.shape.join(', ')}]`,
    });
  }
  const forward = [...graph.nodes];
  const wanted = new Set(targets);
  const leadsToTarget = new Set<Value>(targets);
  for (const node of forward) {
    if (node.inputs.some((value) => leadsToTarget.has(value)))
      node.outputs.forEach((value) => leadsToTarget.add(value));
  }
  const found = new Map<Value, ValueGradient>();
  const contribute = (value: Value, gradient: Value | RowsGradient): void => {
    const known = found.get(value) ?? { rows: [] };
    if (!isValue(gradient)) known.rows.push(gradient);
    else known.dense = known.dense ? add(known.dense, sumTo(gradient, value)) : sumTo(gradient, value);
    found.set(value, known);
  };
  contribute(loss, constant(graph, 1));

  for (const node of forward.reverse()) {
    const gradient = node.outputs[0] && found.get(node.outputs[0]);
    if (!gradient || !node.inputs.some((value) => leadsToTarget.has(value))) continue;
    const { grad } = opSpec(node.op);
    if (typeof grad !== 'function') {
      if (grad.kind === 'no-gradient') continue;
      throw new FieldcraftError('FC_GRAPH', {
        what: `${node.op} cannot be differentiated: ${grad.why}`,
        where: node.path,
      });
    }
    scope(graph, '', () => {
      graph.path = node.path === '' ? 'gradient' : `${node.path}.gradient`;
      const dy = denseGradient(gradient, node.outputs[0] as Value);
      const contributions = grad({ inputs: node.inputs, outputs: node.outputs, attributes: node.attributes, dy });
      node.inputs.forEach((value, i) => {
        const contribution = contributions[i];
        if (contribution && leadsToTarget.has(value)) contribute(value, contribution);
      });
    });
    // Free what is not asked for: a graph is differentiated once for each stage, and the maps would keep every value alive.
    for (const value of node.outputs) if (!wanted.has(value)) found.delete(value);
  }
  return targets.map((target) => found.get(target));
}

/** One dense tensor, for values inside the graph. */
function denseGradient({ dense, rows }: ValueGradient, like: Value): Value {
  const scattered = rows.map(({ indices, values }) => scatterAddRows(indices, values, like));
  const parts = dense ? [dense, ...scattered] : scattered;
  return parts.reduce(add);
}

/** Undoes broadcasting: sums over the axes along which `target` was repeated. */
export function sumTo(gradient: Value, target: Value): Value {
  const extra = gradient.shape.length - target.shape.length;
  const repeated = gradient.shape.flatMap((dim, axis) =>
    axis < extra || (target.shape[axis - extra] === 1 && dim !== 1) ? [axis] : [],
  );
  return repeated.length === 0 ? gradient : reshape(sum(gradient, repeated), target.shape);
}
