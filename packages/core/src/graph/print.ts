/** Graphs as text: one line for each value, for people and for snapshots. */
import { formatType } from './shapes.js';
import type { Graph } from './types.js';

/** A listing such as `%7 float[tokens, 384] = layerNorm(%5, %2, %3) {"epsilon":1e-12}  # embeddings.LayerNorm`. Equal graphs have equal listings. */
export function printGraph(graph: Graph): string {
  const numbers = new Map<number, number>();
  const number = (id: number): string => {
    if (!numbers.has(id)) numbers.set(id, numbers.size);
    return `%${numbers.get(id)}`;
  };
  const inputs = [...graph.inputs].map(([name, value]) => `${number(value.id)} ${formatType(value)} = input ${name}`);
  const nodes = graph.nodes.map((node) => {
    const outputs = node.outputs.map((value) => `${number(value.id)} ${formatType(value)}`).join(', ');
    const operands = node.inputs.map((value) => number(value.id)).join(', ');
    const attributes = Object.keys(node.attributes).length === 0 ? '' : ` ${JSON.stringify(node.attributes)}`;
    return `${outputs} = ${node.op}(${operands})${attributes}${node.path === '' ? '' : `  # ${node.path}`}`;
  });
  const outputs = [...graph.outputs].map(([name, value]) => `output ${name} = ${number(value.id)}`);
  return [`graph ${graph.name}`, ...inputs, ...nodes, ...outputs].join('\n');
}
