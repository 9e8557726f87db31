/** The rules that every graph obeys, checked before it is lowered. */
import { FieldcraftError } from '../foundation/index.js';
import { opSpec } from './build.js';
import { formatType, sameShape } from './shapes.js';
import type { Graph, Value } from './types.js';

/**
 * Checks that values are made before they are used, that every node's outputs have the types its operator infers, and that outputs exist.
 * @throws FieldcraftError FC_GRAPH naming the node's module path.
 */
export function verifyGraph(graph: Graph): void {
  const made = new Set<Value>(graph.inputs.values());
  for (const node of graph.nodes) {
    const where = `${graph.name}: ${node.path}.${node.op}`;
    for (const value of node.inputs) {
      if (!made.has(value))
        throw new FieldcraftError('FC_GRAPH', { what: 'a value is used before it is made', where, got: value.name });
    }
    const types = opSpec(node.op).infer(node.inputs, node.attributes, graph);
    const agrees =
      types.length === node.outputs.length &&
      types.every((type, i) => {
        const value = node.outputs[i];
        return value?.dtype === type.dtype && sameShape(value.shape, type.shape);
      });
    if (!agrees) {
      throw new FieldcraftError('FC_GRAPH', {
        what: 'a node has other outputs than its operator makes',
        where,
        expected: types.map(formatType).join(', '),
        got: node.outputs.map(formatType).join(', '),
      });
    }
    node.outputs.forEach((value) => made.add(value));
  }
  for (const [name, value] of graph.outputs) {
    if (!made.has(value))
      throw new FieldcraftError('FC_GRAPH', { what: `output ${name} is made by no node`, where: graph.name });
  }
}
