/**
 * Computing only the rows that somebody reads. A classifier reads the first token of a sequence: of the last layer, nothing but keys and
 * values is needed for the others, which saves a seventh of the products of a 6-layer encoder.
 */
import { applyAll, atPath, opSpec } from './build.js';
import { gatherRows, slice } from './ops/shape.js';
import type { Node, RowSelection, Value } from './types.js';

/**
 * Rebuilds what `outputs` are computed from so that rows are selected (`slice` of the first axis, `gatherRows`) before the operators that
 * work row by row and not behind them, wherever nobody else reads the other rows. The results are the same rows. What is no longer
 * read stays in the graph and is not lowered. For graphs that were not differentiated yet: gradients read everything.
 */
export function narrowRows(outputs: readonly Value[]): Value[] {
  const nodes = [...(outputs[0]?.graph.nodes ?? [])];
  const demands = demandsOf(nodes, outputs);
  const whole = new Map<Value, Value>();
  const narrowed = new Map<Value, Value>();
  const wholeOf = (value: Value): Value => whole.get(value) ?? value;

  for (const node of nodes) {
    const [first] = node.outputs;
    const demand = first && demands.get(first);
    if (!demand) continue;
    const { graph } = first;
    atPath(graph, node.path, () => {
      const selection = selectionOf(node);
      const selected = demand === 'all' && selection && narrowed.get(node.inputs[0] as Value);
      if (selected) {
        whole.set(first, selected);
        return;
      }
      const rows = demand === 'all' ? undefined : demand;
      const take = (value: Value): Value => narrowed.get(value) ?? (rows as RowSelection).select(wholeOf(value));
      const fewer = rows && narrowInputs(node, rows, take, wholeOf);
      const made = applyAll(graph, node.op, fewer ?? node.inputs.map(wholeOf), node.attributes);
      if (fewer) narrowed.set(first, made[0] as Value);
      else {
        node.outputs.forEach((value, i) => whole.set(value, made[i] as Value));
        if (rows) narrowed.set(first, rows.select(made[0] as Value));
      }
    });
  }
  return outputs.map(wholeOf);
}

/** What is read of each value that is read at all: everything, or one selection of its rows. */
function demandsOf(nodes: readonly Node[], outputs: readonly Value[]): ReadonlyMap<Value, 'all' | RowSelection> {
  const demands = new Map<Value, 'all' | RowSelection>();
  const demand = (value: Value, rows: 'all' | RowSelection): void => {
    const known = demands.get(value);
    const same = known === undefined || (known !== 'all' && rows !== 'all' && known.key === rows.key);
    demands.set(value, same ? rows : 'all');
  };
  for (const value of outputs) demand(value, 'all');
  for (const node of [...nodes].reverse()) {
    const [first, ...others] = node.outputs;
    if (!first || !node.outputs.some((value) => demands.has(value))) continue;
    if (others.some((value) => demands.has(value))) demand(first, 'all');
    const rows = demands.get(first) as 'all' | RowSelection;
    const followed = new Map<Value, RowSelection>();
    if (rows === 'all') {
      const selection = selectionOf(node);
      if (selection) followed.set(node.inputs[0] as Value, selection);
    } else {
      const take = (value: Value): Value => {
        followed.set(value, rows);
        return value;
      };
      narrowInputs(node, rows, take, (value) => value);
    }
    for (const value of node.inputs) demand(value, followed.get(value) ?? 'all');
  }
  return demands;
}

/** The inputs with which a node makes only those rows; undefined where its rows depend on each other. */
function narrowInputs(
  { op, inputs, outputs, attributes }: Node,
  rows: RowSelection,
  take: (value: Value) => Value,
  wholeOf: (value: Value) => Value,
): readonly Value[] | undefined {
  return opSpec(op).narrow?.({ inputs, outputs, attributes, rows, take, wholeOf });
}

/** What a node selects of its first input, if that is what it does. */
function selectionOf({ op, inputs, attributes }: Node): RowSelection | undefined {
  const [x, indices] = inputs;
  if (op === 'slice' && x && attributes['axis'] === 0) {
    const { start, end } = attributes as { start: number; end: readonly (number | string)[] };
    const stop = end[0] as number | string;
    return { key: `${start} to ${stop}`, select: (value) => slice(value, 0, start, stop), start, end: stop };
  }
  if (op === 'gatherRows' && x?.node && indices)
    return { key: `of ${indices.id}`, select: (value) => gatherRows(value, indices) };
  return undefined;
}
