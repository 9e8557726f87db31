/** What an engine offers: graphs compiled once, run many times on typed arrays. */
import type { Graph, Target } from '../graph/index.js';

/** Where ONNX Runtime computes tensors: its execution provider. */
export type Device = Target['provider'];

/** A backend of TensorFlow.js, named after the npm package that brings it. */
export type TfjsBackend = 'node-gpu' | 'node' | 'wasm' | 'cpu';

/** Elements in row-major order. int64 as BigInt64Array, bool as Uint8Array. */
export type TensorArray = Float32Array | Float64Array | BigInt64Array | Int8Array | Uint8Array;

export interface Tensor {
  readonly data: TensorArray;
  readonly shape: readonly number[];
}

export interface Program {
  /** Names of the graph inputs that each run must feed: those that are read to compute the outputs. */
  readonly inputs: ReadonlySet<string>;
  /** Every output of the graph. */
  readonly outputs: ReadonlySet<string>;
  /**
   * Computes the outputs named in `fetches`: into the given tensor, in place, or into a new one where it is null.
   * Feeds may be views into larger buffers and are not copied. One run at a time.
   * @throws FieldcraftError FC_ENGINE with the module path of the node that failed.
   */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches: Readonly<Record<string, Tensor | null>>,
  ): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

export interface CompileOptions {
  /** Default float32; float64 is for checking gradients. */
  precision?: Target['precision'];
  /** A file name prefix: the engine writes a profile of each run there. */
  profile?: string;
}

export interface Engine {
  readonly name: string;
  /** The device, or for tfjs its backend. */
  readonly device: Device | TfjsBackend;
  compile(graph: Graph, options?: CompileOptions): Promise<Program>;
}
