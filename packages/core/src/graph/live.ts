/** What of a graph its outputs need. */
import type { Graph, Node } from './types.js';

/** The nodes that outputs depend on. */
export function liveNodes(graph: Graph): Set<Node> {
  const live = new Set<Node>();
  const pending = [...graph.outputs.values()];
  for (let value = pending.pop(); value; value = pending.pop()) {
    if (!value.node || live.has(value.node)) continue;
    live.add(value.node);
    pending.push(...value.node.inputs);
  }
  return live;
}
