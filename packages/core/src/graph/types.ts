/** The nouns of a graph: dimensions, tensor types, values, nodes, and the record that every operator fills in. */

/**
 * Element types. `float` is float32 or float64, chosen when the graph is lowered, so that one graph trains in single precision
 * and has its gradients checked in double. `int8` are the numbers of weights in 8 bits.
 */
export type DType = 'float' | 'int64' | 'int8' | 'bool';

/** A number, or a named size such as `batch`, `length`, `tokens` that each run decides. */
export type Dim = number | string;

export type Shape = readonly Dim[];

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

export type AttributeValue = number | boolean | string | readonly number[] | Shape;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** One tensor of the graph: an input, or output number `output` of `node`. */
export interface Value extends TensorType {
  readonly graph: Graph;
  readonly id: number;
  /** Undefined for graph inputs. */
  readonly node: Node | undefined;
  readonly output: number;
  /** The input's name, or the module path of the node that makes it. */
  readonly name: string;
}

/** One application of an operator. `path` is the module that asked for it (`encoder.layer.3.attention.self`). */
export interface Node {
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
  readonly path: string;
}

/** Nodes in an order in which every value is made before it is used. */
export interface Graph {
  readonly name: string;
  /** Named sizes that are products of others: `{ tokens: ['length', 'batch'] }`. */
  readonly products: Record<string, readonly Dim[]>;
  readonly inputs: Map<string, Value>;
  readonly nodes: Node[];
  readonly outputs: Map<string, Value>;
  /** Nodes by content: the same operator on the same values is applied once. */
  readonly known: Map<string, Node>;
  path: string;
  nextId: number;
}

/** A gradient that touches only some rows of a table: row `indices[i]` receives `values[i]`; repeated rows add up. */
export interface RowsGradient {
  readonly indices: Value;
  readonly values: Value;
}

/** What a gradient rule sees: the node's inputs and outputs, its attributes, and the gradient of each output (if any). */
export interface GradCall<A extends Attributes = Attributes> {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: A;
  /** Gradient of the first output. */
  readonly dy: Value;
}

/**
 * One gradient for each input, in order; undefined where an input gets none. A gradient may still have the shape of the output:
 * the backward walk sums it back to the input's shape.
 */
export type GradRule<A extends Attributes = Attributes> = (
  call: GradCall<A>,
) => readonly (Value | RowsGradient | undefined)[];

/** Integers and comparisons: nothing flows back, and nothing should. */
export const noGradient = { kind: 'no-gradient' } as const;

/** An operator whose gradient is refused, with the reason that a user will read. */
export const notDifferentiable = (why: string) => ({ kind: 'not-differentiable', why }) as const;

export type Gradient = GradRule | typeof noGradient | ReturnType<typeof notDifferentiable>;

/** Where a graph will run: decides which fused operators exist. */
export interface Target {
  readonly precision: 'float32' | 'float64';
  readonly provider: 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';
}

export type OnnxAttribute =
  number | string | boolean | readonly number[] | { readonly float: number } | { readonly branch: OnnxBranch };

/** A node that is computed only where a condition asks for it; it reads tensors from around it. */
export interface OnnxBranch {
  readonly opType: string;
  readonly domain: '' | 'com.microsoft';
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** Emits ONNX nodes for one graph node. Names are tensors' names in the ONNX graph. */
export interface Emitter {
  readonly target: Target;
  readonly inputs: readonly string[];
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
  /**
   * Adds an ONNX node. Without `outputs` it makes one fresh tensor; the names of its outputs are returned.
   * Attributes: numbers are integers, `{ float }` is a float.
   */
  emit(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    options?: { outputs?: readonly string[]; domain?: 'com.microsoft' },
  ): string;
  /** Adds a node that computes, by a bool, one of two others, and returns the name of what comes of it: a tensor of float32. */
  choose(condition: string, branches: Record<'then' | 'else', Omit<OnnxBranch, 'output'>>): string;
  /** The names this node must define, in the order of the operator's outputs. */
  readonly outputs: readonly string[];
  /** A constant of the float type. */
  float(value: number | readonly number[], shape?: readonly number[]): string;
  /** A constant of type int64. */
  int64(values: readonly number[], shape?: readonly number[]): string;
  /** An int64 vector that holds `shape`, its named sizes read from the graph's inputs at run time. */
  shape(shape: Shape): string;
}

/** Some rows of a value: a stretch of them, or those that indices name. */
export interface RowSelection {
  /** Equal for equal selections. */
  readonly key: string;
  select(value: Value): Value;
  /** Where it is a stretch: its first row, and the row behind its last. */
  readonly start?: number;
  readonly end?: number | string;
}

/** What a `narrow` rule sees of its node. */
export interface NarrowCall<A extends Attributes = Attributes> {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: A;
  readonly rows: RowSelection;
  /** The same rows of an input. */
  take(value: Value): Value;
  /** All of an input. */
  wholeOf(value: Value): Value;
}

/** All that Fieldcraft knows of an operator. */
export interface OpSpec<A extends Attributes = Attributes> {
  /** The types of the outputs; throws FC_GRAPH where the inputs do not fit. */
  infer(inputs: readonly TensorType[], attributes: A, graph: Pick<Graph, 'products'>): readonly TensorType[];
  readonly grad: GradRule<A> | typeof noGradient | ReturnType<typeof notDifferentiable>;
  lower(emitter: Emitter, attributes: A): void;
  /**
   * The inputs with which the operator makes only the rows `rows` of its first output; undefined where it cannot. Absent where rows
   * depend on each other.
   */
  narrow?(call: NarrowCall<A>): readonly Value[] | undefined;
}
