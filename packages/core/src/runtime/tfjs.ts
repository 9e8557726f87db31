/**
 * The second engine: graphs run by TensorFlow.js, operator by operator, on whichever of its backends is installed. An optional dependency, loaded
 * when this engine is chosen. It shares nothing with ONNX Runtime but the lowered graph, so that each checks the other.
 */
import type { Tensor as TfTensor } from '@tensorflow/tfjs-core';
import { FieldcraftError } from '../foundation/index.js';
import { lowerGraph, type ElementType, type OnnxGraph } from '../onnx/index.js';
import type { Engine, Program, Tensor, TensorArray, TfjsBackend } from './engine.js';
import { tfjsOps, type Tfjs } from './tfjs-ops.js';

/** The packages that each backend takes, best backend first; `name` is what TensorFlow.js calls it. */
const backends = {
  'node-gpu': { packages: ['@tensorflow/tfjs-node-gpu'], name: 'tensorflow' },
  node: { packages: ['@tensorflow/tfjs-node'], name: 'tensorflow' },
  wasm: { packages: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm'], name: 'wasm' },
  cpu: { packages: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu'], name: 'cpu' },
} as const satisfies Record<TfjsBackend, { packages: readonly string[]; name: string }>;

export interface TfjsOptions {
  /** One backend, or several of which the first that is installed is taken. Default: node-gpu, node, wasm, cpu. */
  backend?: TfjsBackend | readonly TfjsBackend[];
}

/**
 * An engine on a TensorFlow.js backend; its `device` is the backend's name. It computes in float32 only, and int64 values must fit 32 bits.
 * TensorFlow.js has one active backend a process: do not run two of these engines at the same time.
 * @throws FieldcraftError FC_DEVICE if no such backend is installed, or one is but cannot be loaded.
 */
export async function createTfjsEngine({ backend }: TfjsOptions = {}): Promise<Engine> {
  const candidates = typeof backend === 'string' ? [backend] : (backend ?? (Object.keys(backends) as TfjsBackend[]));
  for (const candidate of candidates) {
    const tf = await load(candidate);
    if (tf) return { name: 'tfjs', device: candidate, compile: compileFor(tf, candidate) };
  }
  const wanted = candidates.map((candidate) => backends[candidate].packages.join(' '));
  throw new FieldcraftError('FC_DEVICE', {
    what: 'TensorFlow.js is not installed',
    expected: `one of ${wanted.join(', ')}`,
    fix: `npm install ${wanted.length > 1 ? backends.wasm.packages.join(' ') : wanted[0]}, or use the engine onnxruntime`,
  });
}

/** The library with `backend` active; undefined where a package is not installed. */
async function load(backend: TfjsBackend): Promise<Tfjs | undefined> {
  const { packages, name } = backends[backend];
  try {
    // The first package is the library itself: tfjs-node brings its own, of which it is part.
    const [library] = (await Promise.all(packages.map((id) => import(id)))) as { default: Tfjs }[];
    const tf = library?.default;
    // Production mode leaves out the library's advice on the console.
    tf?.enableProdMode();
    if (tf && (await tf.setBackend(name))) return tf;
    throw new FieldcraftError('FC_DEVICE', { what: `TensorFlow.js could not start its backend ${name}` });
  } catch (cause) {
    if (cause instanceof FieldcraftError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    if (/cannot find (module|package)/i.test(message) && packages.some((id) => message.includes(`'${id}'`))) return;
    throw new FieldcraftError('FC_DEVICE', {
      what: `${packages.at(-1)} is installed but cannot be loaded`,
      got: message.split('\n')[0] ?? '',
      fix: `npm rebuild ${packages.at(-1)}, or choose another backend`,
      cause,
    });
  }
}

/** What one set of outputs takes: the nodes in order, and after each the tensors that nobody reads any more. */
interface Plan {
  readonly nodes: OnnxGraph['nodes'];
  readonly spent: readonly (readonly string[])[];
}

function compileFor(tf: Tfjs, backend: TfjsBackend): Engine['compile'] {
  return async (graph, { precision = 'float32', profile } = {}): Promise<Program> => {
    if (precision !== 'float32') {
      throw new FieldcraftError('FC_DEVICE', {
        what: 'TensorFlow.js computes in single precision only',
        expected: 'float32',
        got: precision,
        fix: 'use the engine onnxruntime on the CPU',
      });
    }
    if (profile !== undefined) {
      throw new FieldcraftError('FC_DEVICE', {
        what: 'the engine tfjs writes no profiles',
        fix: 'use the engine onnxruntime',
      });
    }
    // WebGPU's lowering has none of the fused kernels that only ONNX Runtime's CPU build has.
    const lowered = lowerGraph(graph, { precision, provider: 'webgpu' });
    const unknown = lowered.nodes.find(({ opType }) => !Object.hasOwn(tfjsOps, opType));
    if (unknown) {
      throw new FieldcraftError('FC_ENGINE', {
        what: `the engine tfjs has no operator ${unknown.opType}`,
        where: unknown.name,
      });
    }
    await activate();
    const constants = new Map(
      [...lowered.constants].map(([name, { values, shape, elementType }]) => [
        name,
        tf.tensor([...values], [...shape], elementType === 'int64' ? 'int32' : 'float32'),
      ]),
    );
    const plans = new Map<string, Plan>();

    return {
      inputs: new Set(lowered.inputs.keys()),
      outputs: new Set(lowered.outputs.keys()),
      async run(feeds, fetches) {
        const wanted = Object.keys(fetches);
        const stray = wanted.find((name) => !lowered.outputs.has(name));
        if (stray !== undefined) {
          throw new FieldcraftError('FC_ENGINE', { what: `graph ${graph.name} has no output ${stray}` });
        }
        const plan = plans.get(wanted.join()) ?? planFor(lowered, wanted);
        plans.set(wanted.join(), plan);
        await activate();
        const live = new Map<string, TfTensor>();
        try {
          for (const [name, { elementType }] of lowered.inputs) {
            const tensor = feeds[name];
            if (!tensor)
              throw new FieldcraftError('FC_ENGINE', { what: `input ${name} of graph ${graph.name} was not fed` });
            live.set(name, upload(tf, name, tensor, elementType));
          }
          runNodes(plan, live);
          const results: Record<string, Tensor> = {};
          for (const name of wanted) {
            const type = lowered.outputs.get(name)?.elementType ?? 'float32';
            results[name] = await download(name, live.get(name) as TfTensor, type, fetches[name] ?? null);
          }
          return results;
        } finally {
          for (const tensor of live.values()) tensor.dispose();
        }
      },
      async release() {
        for (const tensor of constants.values()) tensor.dispose();
        constants.clear();
      },
    };

    function runNodes({ nodes, spent }: Plan, live: Map<string, TfTensor>): void {
      const readings = new WeakMap<TfTensor, readonly number[]>();
      const read = (tensor: TfTensor): readonly number[] => {
        const values = readings.get(tensor) ?? [...tensor.dataSync()];
        readings.set(tensor, values);
        return values;
      };
      nodes.forEach((node, i) => {
        try {
          const inputs = node.inputs.map((name) => (constants.get(name) ?? live.get(name)) as TfTensor);
          const made = tf.tidy(() => {
            const results = [tfjsOps[node.opType]?.({ tf, inputs, attributes: node.attributes, read }) ?? []].flat();
            // Every name owns its tensor: one that is handed through would otherwise be freed twice.
            return results.map((tensor) => (inputs.includes(tensor) ? tensor.clone() : tensor));
          });
          made.forEach((tensor, output) => {
            const name = node.outputs[output] ?? '';
            if (name === '') tensor.dispose();
            else live.set(name, tensor);
          });
        } catch (cause) {
          throw new FieldcraftError('FC_ENGINE', {
            what: `graph ${graph.name} failed on the TensorFlow.js backend ${backend}`,
            where: node.name,
            got: cause instanceof Error ? cause.message : String(cause),
            cause,
          });
        }
        for (const name of spent[i] ?? []) {
          live.get(name)?.dispose();
          live.delete(name);
        }
      });
    }
  };

  async function activate(): Promise<void> {
    if (tf.getBackend() !== backends[backend].name) await tf.setBackend(backends[backend].name);
  }
}

/** The nodes that `wanted` depends on, and when each tensor is read for the last time. */
function planFor({ nodes, constants }: OnnxGraph, wanted: readonly string[]): Plan {
  const needed = new Set(wanted);
  const planned = [...nodes].reverse().filter(({ inputs, outputs }) => {
    const used = outputs.some((name) => needed.has(name));
    if (used) inputs.forEach((name) => needed.add(name));
    return used;
  });
  planned.reverse();
  const lastUse = new Map<string, number>();
  planned.forEach(({ inputs, outputs }, i) => {
    for (const name of [...outputs, ...inputs]) if (!constants.has(name)) lastUse.set(name, i);
  });
  wanted.forEach((name) => lastUse.delete(name));
  const spent = planned.map((): string[] => []);
  for (const [name, i] of lastUse) spent[i]?.push(name);
  return { nodes: planned, spent };
}

function upload(tf: Tfjs, name: string, { data, shape }: Tensor, type: ElementType): TfTensor {
  const dims = [...shape];
  if (type === 'float32' && data instanceof Float32Array) return tf.tensor(data, dims, 'float32');
  if (type === 'bool' && data instanceof Uint8Array) return tf.tensor(data, dims, 'bool');
  if (type === 'int64' && data instanceof BigInt64Array) {
    const wide = data.find((value) => value !== BigInt.asIntN(32, value));
    if (wide === undefined) return tf.tensor(Int32Array.from(data, Number), dims, 'int32');
    throw new FieldcraftError('FC_ENGINE', {
      what: 'TensorFlow.js has 32-bit integers only',
      where: name,
      got: `${wide}`,
    });
  }
  throw new FieldcraftError('FC_ENGINE', {
    what: `input ${name} was fed the wrong kind of array`,
    expected: type,
    got: data.constructor.name,
  });
}

/** Copies a tensor to the host: into `into`, or into a new array. */
async function download(name: string, tensor: TfTensor, type: ElementType, into: Tensor | null): Promise<Tensor> {
  const values = await tensor.data();
  const data: TensorArray =
    type === 'int64'
      ? BigInt64Array.from(values, BigInt)
      : type === 'bool'
        ? Uint8Array.from(values)
        : Float32Array.from(values);
  if (!into) return { data, shape: tensor.shape };
  if (into.data.constructor !== data.constructor || into.shape.join() !== tensor.shape.join()) {
    throw new FieldcraftError('FC_ENGINE', {
      what: `the tensor given for output ${name} does not fit`,
      expected: `${data.constructor.name} [${tensor.shape.join(', ')}]`,
      got: `${into.data.constructor.name} [${into.shape.join(', ')}]`,
    });
  }
  if (data instanceof BigInt64Array) (into.data as BigInt64Array).set(data);
  else (into.data as Exclude<TensorArray, BigInt64Array>).set(data);
  return into;
}
