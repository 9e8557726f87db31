/** Lowering: a graph of our operators becomes a list of ONNX nodes named by module path. */
import { FieldcraftError } from '../foundation/index.js';
import { liveNodes, opSpec, verifyGraph } from '../graph/index.js';
import type { Dim, DType, Emitter, Graph, OnnxAttribute, Shape, Target, Value } from '../graph/index.js';

export interface OnnxNode {
  readonly opType: string;
  readonly domain: '' | 'com.microsoft';
  readonly name: string;
  readonly inputs: readonly string[];
  /** An empty name is an optional output that nobody reads. */
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export type ElementType = 'float32' | 'float64' | 'int64' | 'int8' | 'uint8' | 'bool';

export interface OnnxTensorType {
  readonly elementType: ElementType;
  readonly shape: Shape;
}

export interface OnnxConstant {
  readonly elementType: 'float32' | 'float64' | 'int64';
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** A lowered graph: plain data, ready to be written as protobuf. */
export interface OnnxGraph {
  readonly name: string;
  readonly inputs: ReadonlyMap<string, OnnxTensorType>;
  readonly outputs: ReadonlyMap<string, OnnxTensorType>;
  readonly constants: ReadonlyMap<string, OnnxConstant>;
  readonly nodes: readonly OnnxNode[];
}

/**
 * Lowers the part of a graph that its outputs need. Inputs and outputs keep their names; other tensors and the nodes are named by
 * the module path of the layer that asked for them, so that an engine's error points at our code.
 * @throws FieldcraftError FC_GRAPH if the graph breaks a rule of `verifyGraph`, or a named size stands in no live input.
 */
export function lowerGraph(graph: Graph, target: Target): OnnxGraph {
  verifyGraph(graph);
  const live = liveNodes(graph);
  const elementType = (dtype: DType): ElementType => (dtype === 'float' ? target.precision : dtype);
  const usedInputs = new Set([...live].flatMap((node) => node.inputs).filter((value) => !value.node));
  for (const value of graph.outputs.values()) if (!value.node) usedInputs.add(value);

  const nodes: OnnxNode[] = [];
  const constants = new Map<string, OnnxConstant>();
  const constantNames = new Map<string, string>();
  const sizeNames = new Map<Dim, string>();
  const shapeNames = new Map<string, string>();
  const takenNames = new Set<string>(graph.inputs.keys());
  const unique = (base: string): string => {
    let name = base;
    for (let i = 1; takenNames.has(name); i++) name = `${base}_${i}`;
    takenNames.add(name);
    return name;
  };

  const tensorNames = new Map<Value, string>();
  for (const [name, value] of graph.inputs) tensorNames.set(value, name);
  const outputOf = new Map<Value, string>();
  for (const [name, value] of graph.outputs) {
    // A value that is an input, or that two outputs share, needs a name of its own through Identity (added below).
    if (value.node && !outputOf.has(value)) outputOf.set(value, name);
    takenNames.add(name);
  }

  const constant = (type: OnnxConstant['elementType'], values: readonly number[], shape: readonly number[]): string => {
    const key = `${type}[${shape.join()}]${values.join()}`;
    const known = constantNames.get(key);
    if (known !== undefined) return known;
    const name = unique(`constant.${constants.size}`);
    constants.set(name, { elementType: type, shape, values });
    constantNames.set(key, name);
    return name;
  };
  const int64 = (values: readonly number[], shape: readonly number[] = [values.length]) =>
    constant('int64', values, shape);
  const add = (opType: string, name: string, inputs: readonly string[], attributes = {}): string => {
    const result = unique(name);
    nodes.push({ opType, domain: '', name: result, inputs, outputs: [result], attributes });
    return result;
  };

  /** An int64 vector of one element with the size that a name has in this run. */
  const sizeOf = (dim: Dim): string => {
    if (typeof dim === 'number') return int64([dim]);
    const known = sizeNames.get(dim);
    if (known !== undefined) return known;
    const source = [...usedInputs].find((value) => value.shape.includes(dim));
    const factors = graph.products[dim];
    let name: string;
    if (source) {
      const axis = source.shape.indexOf(dim);
      const shape = add('Shape', `sizes.${dim}.shape`, [tensorNames.get(source) as string]);
      name = add('Slice', `sizes.${dim}`, [shape, int64([axis]), int64([axis + 1])]);
    } else if (factors) {
      name = factors.map(sizeOf).reduce((product, factor) => add('Mul', `sizes.${dim}`, [product, factor]));
    } else {
      throw new FieldcraftError('FC_GRAPH', { what: `no input in use has the size ${dim}`, where: graph.name });
    }
    sizeNames.set(dim, name);
    return name;
  };
  const shapeVector = (shape: Shape): string => {
    if (shape.every((dim) => typeof dim === 'number')) return int64(shape);
    const key = shape.join();
    const known = shapeNames.get(key);
    if (known !== undefined) return known;
    const name =
      shape.length === 1
        ? sizeOf(shape[0] as Dim)
        : add('Concat', `shapes.${shape.join('x')}`, shape.map(sizeOf), { axis: 0 });
    shapeNames.set(key, name);
    return name;
  };

  for (const node of graph.nodes) {
    if (!live.has(node)) continue;
    const base = node.path === '' ? node.op : `${node.path}.${node.op}`;
    const outputs = node.outputs.map((value) => {
      const name = outputOf.get(value) ?? unique(base);
      tensorNames.set(value, name);
      return name;
    });
    const emitter: Emitter = {
      target,
      inputs: node.inputs.map((value) => tensorNames.get(value) as string),
      inputTypes: node.inputs,
      outputTypes: node.outputs,
      outputs,
      emit(opType, inputs, attributes = {}, options = {}) {
        const made = options.outputs ?? [unique(`${base}.${opType}`)];
        const name = options.outputs ? unique(`${base}.${opType}`) : (made[0] as string);
        nodes.push({ opType, domain: options.domain ?? '', name, inputs, outputs: made, attributes });
        return made[0] as string;
      },
      choose(condition, branches) {
        const name = unique(`${base}.If`);
        const branch = (which: 'then' | 'else') => {
          return { branch: { ...branches[which], output: unique(`${name}.${which}`) } };
        };
        const attributes = { then_branch: branch('then'), else_branch: branch('else') };
        nodes.push({ opType: 'If', domain: '', name, inputs: [condition], outputs: [name], attributes });
        return name;
      },
      float: (value, shape) =>
        constant(
          target.precision,
          typeof value === 'number' ? [value] : value,
          shape ?? (typeof value === 'number' ? [] : [value.length]),
        ),
      int64,
      shape: shapeVector,
    };
    opSpec(node.op).lower(emitter, node.attributes);
  }
  for (const [name, value] of graph.outputs) {
    if (tensorNames.get(value) !== name) {
      nodes.push({
        opType: 'Identity',
        domain: '',
        name: unique(`${name}.Identity`),
        inputs: [tensorNames.get(value) as string],
        outputs: [name],
        attributes: {},
      });
    }
  }

  // Of what a node is given, its kernel need not read all: products of 8-bit weights do without the weights themselves.
  const branches = nodes.flatMap(({ attributes }) => Object.values(attributes)).filter(isBranch);
  const read = new Set([...nodes, ...branches.map(({ branch }) => branch)].flatMap(({ inputs }) => inputs));
  const isRead = (name: string): boolean => read.has(name) || graph.outputs.has(name);
  const types = (values: Iterable<readonly [string, Value]>) =>
    new Map([...values].map(([name, { dtype, shape }]) => [name, { elementType: elementType(dtype), shape }]));
  return {
    name: graph.name,
    inputs: types([...graph.inputs].filter(([name, value]) => usedInputs.has(value) && isRead(name))),
    outputs: types(graph.outputs),
    constants,
    nodes,
  };
}

const isBranch = (attribute: OnnxAttribute) => typeof attribute === 'object' && 'branch' in attribute;
