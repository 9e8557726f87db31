/** Building graphs: inputs, module paths, and the application of operators. */
import { FieldcraftError } from '../foundation/index.js';
import { ops } from './ops/index.js';
import type { Attributes, Dim, DType, Graph, Node, OpSpec, Shape, Value } from './types.js';

/** An empty graph. `products` declares sizes that are products of others, such as `{ tokens: ['length', 'batch'] }`. */
export function createGraph(name: string, products: Graph['products'] = {}): Graph {
  return {
    name,
    products: { ...products },
    inputs: new Map(),
    nodes: [],
    outputs: new Map(),
    known: new Map(),
    path: '',
    nextId: 0,
  };
}

/** A tensor that each run feeds. Asking twice for the same name and type gives the same value. */
export function input(graph: Graph, name: string, shape: Shape, dtype: DType = 'float'): Value {
  const known = graph.inputs.get(name);
  if (known) {
    if (known.dtype === dtype && known.shape.join() === shape.join()) return known;
    throw new FieldcraftError('FC_GRAPH', {
      what: `input ${name} is declared twice with different types`,
      expected: `${known.dtype}[${known.shape.join(', ')}]`,
      got: `${dtype}[${shape.join(', ')}]`,
    });
  }
  const value: Value = { graph, id: graph.nextId++, dtype, shape, node: undefined, output: 0, name };
  graph.inputs.set(name, value);
  return value;
}

/**
 * Declares a named size that is a product of others, such as `spans` = tokens * 12, and returns its name.
 * @throws FieldcraftError FC_GRAPH if the name stands for another product
 */
export function productSize(graph: Graph, name: string, factors: readonly Dim[]): string {
  const known = graph.products[name];
  if (known !== undefined && known.join() !== factors.join()) {
    throw new FieldcraftError('FC_GRAPH', {
      what: `the size ${name} is declared twice as different products`,
      expected: known.join(' * '),
      got: factors.join(' * '),
    });
  }
  graph.products[name] = factors;
  return name;
}

/** Names a value that each run may fetch. */
export function output(name: string, value: Value): void {
  if (value.graph.outputs.has(name)) {
    throw new FieldcraftError('FC_GRAPH', { what: `output ${name} is declared twice`, where: value.graph.name });
  }
  value.graph.outputs.set(name, value);
}

/** Runs `build` with `name` appended to the module path that nodes are named by. */
export function scope<T>(graph: Graph, name: string, build: () => T): T {
  return atPath(graph, graph.path === '' ? name : `${graph.path}.${name}`, build);
}

/** Runs `build` with the module path `path`, whatever the path around it. */
export function atPath<T>(graph: Graph, path: string, build: () => T): T {
  const outer = graph.path;
  graph.path = path;
  try {
    return build();
  } finally {
    graph.path = outer;
  }
}

/** The record of an operator. */
export function opSpec(op: string): OpSpec {
  const spec: OpSpec | undefined = Object.hasOwn(ops, op) ? ops[op as keyof typeof ops] : undefined;
  if (!spec) throw new FieldcraftError('FC_GRAPH', { what: `there is no operator ${op}` });
  return spec;
}

/** Applies an operator and returns all its outputs. The same application is made once and shared. */
export function applyAll(
  graph: Graph,
  op: string,
  inputs: readonly Value[],
  attributes: Attributes = {},
): readonly Value[] {
  const key = `${op}(${inputs.map((value) => value.id).join()})${JSON.stringify(attributes)}`;
  const known = graph.known.get(key);
  if (known) return known.outputs;
  for (const value of inputs) {
    if (value.graph !== graph) {
      throw new FieldcraftError('FC_GRAPH', {
        what: `${op} was given a value of another graph`,
        where: graph.path,
        got: value.name,
      });
    }
  }
  const types = opSpec(op).infer(inputs, attributes, graph);
  const outputs: Value[] = [];
  const node: Node = { op, inputs, attributes, outputs, path: graph.path };
  types.forEach((type, i) =>
    outputs.push({
      graph,
      id: graph.nextId++,
      dtype: type.dtype,
      shape: type.shape,
      node,
      output: i,
      name: graph.path === '' ? op : `${graph.path}.${op}`,
    }),
  );
  graph.nodes.push(node);
  graph.known.set(key, node);
  return outputs;
}

/** Applies an operator to at least one value and returns its first output. */
export function apply(op: string, inputs: readonly [Value, ...Value[]], attributes: Attributes = {}): Value {
  return firstOf(applyAll(inputs[0].graph, op, inputs, attributes));
}

/** Applies an operator that has no inputs, such as a constant. */
export function applyToGraph(graph: Graph, op: string, attributes: Attributes): Value {
  return firstOf(applyAll(graph, op, [], attributes));
}

function firstOf(values: readonly Value[]): Value {
  const [value] = values;
  if (!value) throw new FieldcraftError('FC_INTERNAL', { what: 'an operator was inferred to have no output' });
  return value;
}
