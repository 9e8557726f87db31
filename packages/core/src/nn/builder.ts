/** Building models: a graph together with the parameters and dropout masks that its layers ask for. */
import { input, mul, scope, type Graph, type Shape, type Value } from '../graph/index.js';
import type { Adapters } from './adapter.js';
import type { Arithmetic } from './int8-weight.js';

/** What a parameter is for. Stages freeze and group parameters by kind, never by name. */
export type ParameterKind = 'base' | 'head' | 'adapter' | 'discriminator';

/**
 * How a parameter starts where no checkpoint has it: `normal` is the standard deviation of a normal distribution of mean 0, `uniform` the bound
 * of an even one on both sides of 0, `values` are the very numbers, row-major.
 */
export type Initial =
  | 'zeros'
  | 'ones'
  | { readonly normal: number }
  | { readonly uniform: number }
  | { readonly values: readonly number[] };

export interface ParameterOptions {
  readonly kind: ParameterKind;
  /** Whether weight decay applies: not to biases and norms. */
  readonly decay: boolean;
  readonly initial: Initial;
  /** Set for tables that rows are looked up in: their gradients may come as single rows. */
  readonly table?: true;
  /**
   * The row of a table that stands for padding: it starts at zero, and looking it up gives it no gradient (PyTorch's `padding_idx`). Rows of a
   * `RowsGradient` with this index are for the optimizer to leave out.
   */
  readonly paddingRow?: number;
  /** Set for weights that the graph also reads in 8 bits, as the inputs that `int8Names` names. */
  readonly int8?: true;
}

export interface Parameter extends ParameterOptions {
  /** Also the name of its graph input, and the key in a Hugging Face state dict. */
  readonly name: string;
  readonly shape: readonly number[];
  /** How deep it lies: 0 for what the first layer of an encoder reads, then the number of its layer, and one more for what reads the last. */
  readonly layer: number;
  readonly value: Value;
}

/** A graph input that wants a fresh mask at each training step: 0 with probability `rate`, else 1 / (1 - rate). */
export interface DropoutSite {
  readonly rate: number;
  readonly shape: Shape;
}

export interface Builder {
  readonly graph: Graph;
  /** Whether dropout is on. */
  readonly training: boolean;
  /** The adapters that linear layers of the base are given; undefined: none. */
  readonly adapters: Adapters | undefined;
  /** Of the encoder's linear layers. */
  readonly arithmetic: Arithmetic;
  /** The layer that is being built, which its parameters are told. */
  layer: number;
  /** By name, in the order of declaration. */
  readonly parameters: Map<string, Parameter>;
  /** By the name of the graph input that takes the mask. */
  readonly dropouts: Map<string, DropoutSite>;
  /** What tells the dropout sites of this reading from those of another by the same layers. Default none. */
  readonly reading?: string;
}

export interface BuilderOptions {
  readonly training: boolean;
  readonly adapters?: Adapters | undefined;
  /** Default fp32. */
  readonly arithmetic?: Arithmetic | undefined;
}

export const createBuilder = (graph: Graph, { training, adapters, arithmetic = 'fp32' }: BuilderOptions): Builder => ({
  graph,
  training,
  adapters,
  arithmetic,
  layer: 0,
  parameters: new Map(),
  dropouts: new Map(),
});

/** A builder for another reading of a batch in the same graph: with the same parameters, and dropout masks of its own. */
export const anotherReading = (b: Builder, reading: string): Builder => ({ ...b, reading });

/** Runs `build` inside the module `name` (which may be several, 'a.b', or '' for none): layers name their parameters by it. */
export const inModule = <T>(b: Builder, name: string, build: () => T): T =>
  name === '' ? build() : scope(b.graph, name, build);

/** `name` inside the module that is being built: `bert.pooler.dense` + `weight`. */
export const qualify = (b: Builder, name: string): string => (b.graph.path === '' ? name : `${b.graph.path}.${name}`);

/**
 * A trained tensor: a graph input of that very name. Declaring a name twice gives the same value, which is how weights are tied; the
 * first declaration's options hold.
 * @throws FieldcraftError FC_GRAPH if the name is declared twice with different shapes.
 */
export function parameter(b: Builder, name: string, shape: readonly number[], options: ParameterOptions): Value {
  const value = input(b.graph, name, shape);
  if (!b.parameters.has(name)) b.parameters.set(name, { name, shape, value, layer: b.layer, ...options });
  return value;
}

/**
 * Dropout (Srivastava et al. 2014) of `x`, which is scaled in training so that nothing is left to do at prediction. One site a module:
 * asking twice inside the same module gives the same mask.
 */
export function dropout(b: Builder, x: Value, rate: number): Value {
  const mask = dropoutMask(b, x.shape, rate);
  return mask ? mul(x, mask) : x;
}

/** The mask of a dropout site named by the module being built; undefined where nothing is dropped. */
export function dropoutMask(b: Builder, shape: Shape, rate: number): Value | undefined {
  if (!b.training || rate === 0) return undefined;
  const name = `dropout.${b.reading === undefined ? '' : `${b.reading}.`}${b.graph.path}`;
  b.dropouts.set(name, { rate, shape });
  return input(b.graph, name, shape);
}
